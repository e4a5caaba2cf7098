import * as vscode from 'vscode';
import { layerFileOf } from '../../files/layerUri';
import { basename } from '../../paths';
import { olderUriOf, uriOf } from '../../views/images/node';
import { attempt, say } from '../asked';
import type { Services } from '../services';
import { askedRow, isAllowed, withProgress } from './asked';

/** Bytes that are sent between server and editor for a place that only the editor can write to. */
const MAX_SENT = 200_000_000;

/** Opens the file of a row. */
export async function openLayerFile(services: Services, item: unknown): Promise<void> {
  await withFile(services, item, async (uri) => {
    await vscode.commands.executeCommand('vscode.open', uri);
  });
}

/** Shows the file of a row beside what a lower layer has there. */
export async function diffLayerFile(services: Services, item: unknown): Promise<void> {
  const row = askedRow(services, item);
  const older = row && olderUriOf(row);
  if (older === undefined) return;
  await withFile(services, item, async (uri) => {
    const [before, after] = [older, uri].map((one) => (layerFileOf(one)?.layer ?? 0) + 1);
    const title = vscode.l10n.t('{0} (layer {1} ↔ layer {2})', basename(uri), before ?? '', after ?? '');
    await vscode.commands.executeCommand('vscode.diff', older, uri, title);
  });
}

/** Saves the file of a row where the user wants it; tests say where. */
export async function saveLayerFile(services: Services, item: unknown, where: unknown): Promise<void> {
  await withFile(services, item, async (uri) => {
    const file = layerFileOf(uri);
    const target = where instanceof vscode.Uri ? where : await askTarget(uri);
    if (target === undefined || file === undefined) return;
    const images = await services.server.images();
    await withProgress(vscode.l10n.t('Saving {0}', basename(target)), async (token) => {
      // what is on a disk is written by the server, of any size
      if (target.scheme === 'file') return images.save(file, target.fsPath, token);
      return vscode.workspace.fs.writeFile(target, await images.content(file, MAX_SENT, token));
    });
    say(vscode.l10n.t('{0} was saved', basename(target)));
  });
}

async function askTarget(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save {0} from the Image', basename(uri)),
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, basename(uri)) }),
  });
}

async function withFile(services: Services, item: unknown, use: (uri: vscode.Uri) => Promise<void>): Promise<void> {
  const row = askedRow(services, item);
  const uri = row && uriOf(row);
  if (row?.node.kind !== 'file' || uri === undefined || !isAllowed()) return;
  await attempt(services, () => use(uri));
}
