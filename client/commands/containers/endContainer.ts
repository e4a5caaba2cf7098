import * as vscode from 'vscode';
import { formatBytes, type ByteUnits, type ContainerView } from '../../../core/model';
import { Setting } from '../../contributions';
import { settingValue } from '../../settings';
import { attempt, say } from '../asked';
import { isAllowed, withProgress } from '../images/asked';
import type { Services } from '../services';
import { askedContainer } from './askedContainer';

/** Stops a container that runs. */
export async function stopContainer(services: Services, item: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Stop Container');
    const container = await askedContainer(services, item, title, isRunning);
    if (container === undefined) return;
    const containers = await services.server.containers();
    await withProgress(vscode.l10n.t('Stopping {0}', container.name), (token) =>
      containers.act(container.id, 'stop', token),
    );
    say(vscode.l10n.t('{0} was stopped', container.name));
  });
}

/** Removes a container that does not run, after a confirmation that says what goes with it, unless that was given. */
export async function removeContainer(services: Services, item: unknown, isConfirmed: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Remove Container');
    const container = await askedContainer(services, item, title, (one) => !isRunning(one));
    if (container === undefined) return;
    if (isRunning(container)) {
      // nothing is removed by force
      void vscode.window.showInformationMessage(vscode.l10n.t('{0} runs: stop it first', container.name));
      return;
    }
    if (isConfirmed !== true && !(await confirm(services, container))) return;
    const containers = await services.server.containers();
    await withProgress(vscode.l10n.t('Removing {0}', container.name), (token) =>
      containers.act(container.id, 'remove', token),
    );
    say(vscode.l10n.t('{0} was removed', container.name));
    // whoever sees it listed sees it go
    void services.disk.measureIfSeen();
  });
}

async function confirm(services: Services, container: ContainerView): Promise<boolean> {
  const containers = await services.server.containers();
  const bytes = await withProgress(vscode.l10n.t('Asking what {0} has written', container.name), (token) =>
    containers.bytes(container.id, token),
  );
  const units = settingValue<ByteUnits>(Setting.units, 'si');
  const written =
    bytes === undefined
      ? vscode.l10n.t('What it has written, the engine does not tell.')
      : vscode.l10n.t(
          '{0} ({1} bytes) that it has written go with it.',
          formatBytes(bytes, units),
          bytes.toLocaleString('en'),
        );
  const remove = vscode.l10n.t('Remove');
  const detail = `${written} ${vscode.l10n.t('Its volumes and its image stay.')}`;
  const question = vscode.l10n.t('Remove the container {0} of {1}?', container.name, container.image);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}

function isRunning({ state }: ContainerView): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}
