import * as vscode from 'vscode';
import { attempt } from './asked';
import type { Services } from './services';

/** Opens how often predictions were right, by kind of verdict, as plain text. */
export async function showAccuracy(services: Services): Promise<void> {
  await attempt(services, async () => {
    const text = await services.server.accuracy();
    const document = services.reports.write(`${vscode.l10n.t('Accuracy of predictions')}.txt`, 'accuracy', text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
  });
}
