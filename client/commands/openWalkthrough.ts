import * as vscode from 'vscode';
import { Walkthrough } from '../contributions';
import type { Services } from './services';

/** Opens the introduction. */
export async function openWalkthrough({ extensionId }: Services): Promise<void> {
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    `${extensionId}#${Walkthrough.start}`,
    false,
  );
}
