import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { Shown } from '../../client/surfaces/shown';

/** What is on the screen besides hints and views. */
export async function shown(): Promise<Shown> {
  const found = await vscode.commands.executeCommand<Shown | undefined>('layerInsight.shown.get');
  assert.ok(found, 'no Dockerfile was seen yet');
  return found;
}

/** The prediction as the status bar has it; empty while it is hidden. */
export const summaryText = async (): Promise<string> => (await shown()).summary?.text ?? '';

/** Writes a user setting; undefined takes it back. */
export async function configure(id: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);
}
