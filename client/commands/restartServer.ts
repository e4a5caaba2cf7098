import * as vscode from 'vscode';
import { messageOf } from '../failure';
import type { Services } from './services';

/** Ends the server and starts a new one. */
export async function restartServer({ server, log }: Services): Promise<void> {
  const title = vscode.l10n.t('Layer Insight: restarting the server');
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => server.restart());
  } catch (error) {
    // The user is told by whoever listens to the server.
    log.debug(`Restart: ${messageOf(error)}`);
  }
}
