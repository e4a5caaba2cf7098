import * as vscode from 'vscode';
import { Setting } from '../contributions';
import { basename } from '../paths';
import { settingValue } from '../settings';
import { askedDockerfile, attempt, say } from './asked';
import type { Services } from './services';

interface TargetItem extends vscode.QuickPickItem {
  readonly target: string | undefined;
}

/** Asks which stage the next build of the Dockerfile is for. */
export async function chooseTarget(services: Services): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  const uri = asked.uri.toString();
  await attempt(services, async () => {
    const status = await services.server.status(uri);
    if (status === undefined || status.targets.length === 0) {
      say(vscode.l10n.t('{0} has no stage to choose', basename(asked.uri)));
      return;
    }
    const { target: chosen, ...others } = services.choices.of(uri);
    const setting = settingValue(Setting.predictionTarget, '', asked.uri);
    const current = vscode.l10n.t('current');
    const items: readonly TargetItem[] = [
      {
        label: vscode.l10n.t('As the settings say'),
        description: [setting || vscode.l10n.t('the last stage'), ...(chosen === undefined ? [current] : [])].join(
          ' · ',
        ),
        target: undefined,
      },
      ...status.targets.map(({ name, detail }) => ({
        label: name,
        detail,
        ...(name === chosen ? { description: current } : {}),
        target: name,
      })),
    ];
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Layer Insight: Target of {0}', basename(asked.uri)),
      placeHolder: vscode.l10n.t('The stage that the next build is for'),
      matchOnDetail: true,
    });
    if (picked === undefined) return;
    await services.choices.set(uri, picked.target === undefined ? others : { ...others, target: picked.target });
  });
}
