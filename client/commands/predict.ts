import * as vscode from 'vscode';
import { View } from '../contributions';
import { attempt } from './asked';
import { refresh } from './refresh';
import type { Services } from './services';

/** Looks at everything again and shows the answer; a Dockerfile of the explorer is opened first. */
export async function predict(services: Services, uri: unknown): Promise<void> {
  if (uri instanceof vscode.Uri) {
    const opened = await attempt(services, async () => vscode.window.showTextDocument(uri));
    if (opened === undefined) return;
  }
  await refresh(services);
  await vscode.commands.executeCommand(`${View.layers}.focus`);
}
