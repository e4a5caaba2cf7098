import * as vscode from 'vscode';

/** What an unknown thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Tells the user what went wrong, with the way to the log. Never rejects. */
export async function showFailure(message: string, log: vscode.LogOutputChannel): Promise<void> {
  log.error(message);
  const showLog = vscode.l10n.t('Show Log');
  const chosen = await vscode.window.showErrorMessage(message, showLog);
  if (chosen === showLog) log.show();
}
