import * as vscode from 'vscode';
import { isDockerfile } from '../dockerfiles';
import { messageOf, showFailure } from '../failure';
import type { Services } from './services';

/** The Dockerfile that a command is about, and the editor in which the user is in it, if any. */
export interface Asked {
  readonly uri: vscode.Uri;
  readonly editor: vscode.TextEditor | undefined;
}

/** The active editor's Dockerfile, else the one that the views follow. */
export function askedDockerfile({ dockerfile }: Services): Asked | undefined {
  const active = vscode.window.activeTextEditor;
  if (active !== undefined && isDockerfile(active.document)) return { uri: active.document.uri, editor: active };
  const uri = dockerfile.uri;
  if (uri === undefined) return undefined;
  const visible = vscode.window.visibleTextEditors.find((one) => one.document.uri.toString() === uri.toString());
  return { uri, editor: visible };
}

/** Runs what the user asked for; a failure is told once, unless the server's end was told already. */
export async function attempt<T>({ server, log }: Services, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof vscode.CancellationError) return undefined;
    if (server.state !== 'failed') void showFailure(vscode.l10n.t('Layer Insight: {0}', messageOf(error)), log);
    return undefined;
  }
}

/** A short answer that needs no click. */
export function say(text: string): void {
  vscode.window.setStatusBarMessage(text, 5000);
}
