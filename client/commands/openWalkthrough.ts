import * as vscode from 'vscode';
import { Walkthrough } from '../contributions';
import { messageOf } from '../failure';
import type { Services } from './services';

/**
 * Opens the introduction. The editor reads its steps late, and never ticks one whose context key holds at that time
 * already: these are ticked here.
 */
export async function openWalkthrough({ extensionId, server, log, shown }: Services): Promise<void> {
  const done = [
    ...(server.engine?.code === 'ready' ? ['engine'] : []),
    ...(shown()?.status === undefined ? [] : ['hints']),
  ];
  const walkthrough = `${extensionId}#${Walkthrough.start}`;
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
  for (const step of done) {
    try {
      await vscode.commands.executeCommand('welcome.markStepComplete', `${walkthrough}#${step}`);
    } catch (error) {
      // the command is the editor's own and not promised: the step stays open, as it would without us
      log.debug(`Walkthrough: ${messageOf(error)}`);
    }
  }
}
