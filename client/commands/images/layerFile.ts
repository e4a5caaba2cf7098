import * as vscode from 'vscode';
import { layerFileOf } from '../../files/layerUri';
import { basename } from '../../paths';
import { olderUriOf, uriOf } from '../../views/images/node';
import { attempt, say } from '../asked';
import type { Services } from '../services';
import { askedRow, isAllowed } from './asked';

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

/** Saves the file of a row where the user wants it. */
export async function saveLayerFile(services: Services, item: unknown): Promise<void> {
  await withFile(services, item, async (uri) => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const target = await vscode.window.showSaveDialog({
      title: vscode.l10n.t('Save {0} from the Image', basename(uri)),
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, basename(uri)) }),
    });
    if (target === undefined) return;
    await vscode.workspace.fs.writeFile(target, await vscode.workspace.fs.readFile(uri));
    say(vscode.l10n.t('{0} was saved', basename(target)));
  });
}

async function withFile(services: Services, item: unknown, use: (uri: vscode.Uri) => Promise<void>): Promise<void> {
  const row = askedRow(services, item);
  const uri = row && uriOf(row);
  if (row?.node.kind !== 'file' || uri === undefined || !isAllowed()) return;
  await attempt(services, () => use(uri));
}
