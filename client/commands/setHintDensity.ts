import * as vscode from 'vscode';
import { Setting } from '../contributions';
import { settingValue, writeSetting } from '../settings';
import { attempt } from './asked';
import type { Services } from './services';

interface Density extends vscode.QuickPickItem {
  readonly value: 'smart' | 'all' | 'problems' | 'off';
}

/** Asks how much the hints say. */
export async function setHintDensity(services: Services): Promise<void> {
  const resource = services.dockerfile.uri;
  const enabled = settingValue(Setting.hintsEnabled, true, resource);
  const now = enabled ? settingValue(Setting.hintDensity, 'smart', resource) : 'off';
  const densities: readonly Density[] = [
    { value: 'smart', label: vscode.l10n.t('Smart'), detail: vscode.l10n.t('The verdict, and sizes that matter') },
    { value: 'all', label: vscode.l10n.t('All'), detail: vscode.l10n.t('The verdict and every size') },
    { value: 'problems', label: vscode.l10n.t('Problems'), detail: vscode.l10n.t('Only what is not cached') },
    { value: 'off', label: vscode.l10n.t('Off'), detail: vscode.l10n.t('No hints') },
  ];
  const items = densities.map((one) => (one.value === now ? { ...one, description: vscode.l10n.t('current') } : one));
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layer Insight: Hints'),
    placeHolder: vscode.l10n.t('How much the hints say'),
  });
  if (chosen === undefined) return;
  await attempt(services, async () => {
    if (chosen.value === 'off') {
      await writeSetting(Setting.hintsEnabled, false, resource);
      return;
    }
    await writeSetting(Setting.hintDensity, chosen.value, resource);
    if (!enabled) await writeSetting(Setting.hintsEnabled, true, resource);
  });
}
