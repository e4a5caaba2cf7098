import * as vscode from 'vscode';
import { messageOf, showFailure } from '../failure';
import type { Services } from './services';

/** Looks at files and engine again. */
export async function refresh({ server, log }: Services): Promise<void> {
  const title = vscode.l10n.t('Layer Insight: looking at files and engine');
  try {
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => server.refresh());
  } catch (error) {
    // A server that did not start has been told already.
    if (server.state !== 'failed') {
      void showFailure(vscode.l10n.t('Layer Insight could not refresh: {0}', messageOf(error)), log);
    }
  }
}
