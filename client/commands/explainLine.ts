import * as vscode from 'vscode';
import { basename } from '../paths';
import { askedDockerfile, attempt, say } from './asked';
import type { Services } from './services';

/** Explains the instruction under the cursor, or on a 0-based line that a link names. */
export async function explainLine(services: Services, uri: unknown, line: unknown): Promise<void> {
  if (typeof uri === 'string' && typeof line === 'number') {
    await showExplanation(services, vscode.Uri.parse(uri, true), line);
    return;
  }
  const asked = askedDockerfile(services);
  if (asked?.editor === undefined) return;
  const { document, selection } = asked.editor;
  if (isOnKeyword(document, selection.active) && asked.editor === vscode.window.activeTextEditor) {
    await vscode.commands.executeCommand('editor.action.showHover', { focus: 'autoFocusImmediately' });
    return;
  }
  await showExplanation(services, asked.uri, selection.active.line);
}

/** The hover is for the keyword; on its arguments other extensions have theirs. */
function isOnKeyword(document: vscode.TextDocument, position: vscode.Position): boolean {
  const keyword = /^\s*[A-Za-z]+/.exec(document.lineAt(position.line).text)?.[0];
  return keyword !== undefined && position.character < keyword.length;
}

async function showExplanation(services: Services, uri: vscode.Uri, line: number): Promise<void> {
  await attempt(services, async () => {
    const text = await services.server.explain(uri.toString(), line);
    if (text === undefined) {
      say(vscode.l10n.t('No instruction on line {0}', line + 1));
      return;
    }
    const title = vscode.l10n.t('{0}, line {1}', basename(uri), line + 1);
    const name = `${title}.md`;
    const document = services.reports.write(name, `${uri.toString()}#${line}`, `${await heading(uri, line)}${text}\n`);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', document);
  });
}

/** The line itself, so that the explanation can be read alone. Four spaces make code of whatever it contains. */
async function heading(uri: vscode.Uri, line: number): Promise<string> {
  const document = await vscode.workspace.openTextDocument(uri);
  return line < document.lineCount ? `    ${document.lineAt(line).text.trim()}\n\n` : '';
}
