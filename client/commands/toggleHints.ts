import * as vscode from 'vscode';
import { Setting } from '../contributions';
import { messageOf, showFailure } from '../failure';
import { settingValue, writeSetting } from '../settings';
import type { Services } from './services';

/** Switches the hints. */
export async function toggleHints({ dockerfile, log }: Services): Promise<void> {
  try {
    await writeSetting(Setting.hintsEnabled, !settingValue(Setting.hintsEnabled, true, dockerfile.uri), dockerfile.uri);
  } catch (error) {
    void showFailure(vscode.l10n.t('The hints could not be switched: {0}', messageOf(error)), log);
  }
}
