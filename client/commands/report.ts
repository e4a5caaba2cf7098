import * as vscode from 'vscode';
import { basename } from '../paths';
import { askedDockerfile, attempt, say } from './asked';
import type { Services } from './services';

/** Opens the prediction as plain text, a line for each instruction. */
export async function showReport(services: Services): Promise<void> {
  await withReport(services, async (text, uri) => {
    const name = vscode.l10n.t('{0} prediction', basename(uri));
    const document = services.reports.write(`${name}.txt`, uri.toString(), text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
  });
}

/** Puts the prediction as plain text on the clipboard. */
export async function copyReport(services: Services): Promise<void> {
  await withReport(services, async (text, uri) => {
    await vscode.env.clipboard.writeText(text);
    say(vscode.l10n.t('The prediction of {0} was copied', basename(uri)));
  });
}

async function withReport(services: Services, use: (text: string, uri: vscode.Uri) => Promise<void>): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  await attempt(services, async () => {
    const text = await services.server.report(asked.uri.toString());
    if (text === undefined) say(vscode.l10n.t('There is no prediction of {0} yet', basename(asked.uri)));
    else await use(text, asked.uri);
  });
}
