import * as vscode from 'vscode';

/** Shows a 0-based line of a document, in the editor that already shows the document if there is one. */
export async function revealLine(uri: unknown, line: unknown): Promise<void> {
  if (typeof uri !== 'string' || typeof line !== 'number') return;
  const target = vscode.Uri.parse(uri, true);
  const visible = vscode.window.visibleTextEditors.find(
    (editor) => editor.document.uri.toString() === target.toString(),
  );
  const position = new vscode.Position(line, 0);
  // Through the window, not `editor.selection`: so the cursor is there when this resolves.
  await vscode.window.showTextDocument(target, {
    selection: new vscode.Range(position, position),
    ...(visible?.viewColumn === undefined ? {} : { viewColumn: visible.viewColumn }),
  });
}
