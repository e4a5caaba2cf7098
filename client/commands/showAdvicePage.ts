import * as vscode from 'vscode';
import type { Services } from './services';

/** Shows the page of an advice, by its code. */
export async function showAdvicePage({ extensionId }: Services, code: unknown): Promise<void> {
  const folder = vscode.extensions.getExtension(extensionId)?.extensionUri;
  if (folder === undefined || typeof code !== 'string' || !/^[a-z-]+$/.test(code)) return;
  const page = vscode.Uri.joinPath(folder, 'client', 'media', 'advice', `${code}.md`);
  await vscode.commands.executeCommand('markdown.showPreview', page);
}
