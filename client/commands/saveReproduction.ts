import * as vscode from 'vscode';
import { attempt, say } from './asked';
import type { Services } from './services';

/** Saves what a wrong prediction can be reproduced from: digests and names of files, no contents and no values. */
export async function saveReproduction(services: Services): Promise<void> {
  await attempt(services, async () => {
    const mistakes = await services.server.mistakes();
    if (mistakes.length === 0) {
      say(vscode.l10n.t('No build contradicted a prediction'));
      return;
    }
    const picked = await vscode.window.showQuickPick(
      mistakes.map((one) => ({ ...one })),
      {
        title: vscode.l10n.t('Layer Insight: Save Reproduction'),
        placeHolder: vscode.l10n.t('The build that contradicted a prediction'),
        matchOnDetail: true,
      },
    );
    if (picked === undefined) return;
    const text = await services.server.reproduction(picked.ref);
    if (text === undefined) {
      say(vscode.l10n.t('Nothing is kept of that build any more'));
      return;
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `layer-insight-${picked.ref.slice(0, 12)}.json`;
    const target = await vscode.window.showSaveDialog({
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
      filters: { JSON: ['json'] },
    });
    if (target === undefined) return;
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(target));
  });
}
