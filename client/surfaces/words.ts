import * as vscode from 'vscode';

/** `looked at 15:02`; empty before the first look. */
export function checkedWords(checkedAt: number | null | undefined): string {
  if (checkedAt === null || checkedAt === undefined) return '';
  const time = new Date(checkedAt).toLocaleTimeString(vscode.env.language, { hour: '2-digit', minute: '2-digit' });
  return vscode.l10n.t('looked at {0}', time);
}
