import * as vscode from 'vscode';
import { Setting } from '../contributions';
import { messageOf, showFailure } from '../failure';
import type { Services } from './services';

/** Switches the hints where they were set: elsewhere the new value would be hidden by the old one. */
export async function toggleHints({ dockerfile, log }: Services): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(undefined, dockerfile.uri ?? null);
  const values = configuration.inspect<boolean>(Setting.hintsEnabled);
  const target =
    values?.workspaceFolderValue !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : values?.workspaceValue !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  const enabled = configuration.get<boolean>(Setting.hintsEnabled, true);
  try {
    await configuration.update(Setting.hintsEnabled, !enabled, target);
  } catch (error) {
    void showFailure(vscode.l10n.t('The hints could not be switched: {0}', messageOf(error)), log);
  }
}
