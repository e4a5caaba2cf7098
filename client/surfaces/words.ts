import * as vscode from 'vscode';

/** `Looked at 15:02`; empty before the first look. */
export function checkedWords(checkedAt: number | null | undefined): string {
  if (checkedAt === null || checkedAt === undefined) return '';
  const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const time = new Date(checkedAt).toLocaleTimeString(vscode.env.language, format);
  return vscode.l10n.t('Looked at {0}', time);
}
