import * as vscode from 'vscode';
import { View } from '../../contributions';
import { askedDockerfile, attempt, say } from '../asked';
import { revealLine } from '../revealLine';
import type { Services } from '../services';
import { askedRow, isAllowed } from './asked';

/** Shows the layer that the instruction under the cursor, or on a 0-based line that is named, made. */
export async function revealLayer(services: Services, uri: unknown, line: unknown): Promise<void> {
  const at = typeof uri === 'string' && typeof line === 'number' ? { uri, line } : cursor(services);
  if (at === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: looking for the layer');
    const place = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () =>
      (await services.server.images()).layerOfLine(at.uri, at.line),
    );
    if (place === undefined) {
      say(vscode.l10n.t('No image on the engine has a layer that line {0} made', at.line + 1));
      return;
    }
    await vscode.commands.executeCommand(`${View.images}.focus`);
    await services.images.showLayer(place);
  });
}

/** Shows the instruction that made the layer or the step of a row. */
export async function revealMaker(services: Services, item: unknown): Promise<void> {
  const maker = askedRow(services, item)?.node.maker;
  if (maker === undefined) return;
  await attempt(services, () => revealLine(maker.uri, maker.line));
}

function cursor(services: Services): { readonly uri: string; readonly line: number } | undefined {
  const editor = askedDockerfile(services)?.editor;
  return editor && { uri: editor.document.uri.toString(), line: editor.selection.active.line };
}
