import * as vscode from 'vscode';
import type { ContainerView, RunOrder } from '../../../core/model';
import type { OnEngine } from '../../../server/protocol';
import { couldNotStart, runInTerminal } from '../../containers/terminalTask';
import { attempt } from '../asked';
import { withProgress } from '../images/asked';
import type { Services } from '../services';
import { portActions } from './openPort';
import { askRun } from './runForm';

/**
 * Asks how an image is to be run, and runs it.
 *
 * @param name under which it is shown and remembered
 * @param given how it is run without a question
 * @param on the engine that has it, where that may be another one than that of the settings
 */
export async function runImage(
  services: Services,
  image: string,
  name = image,
  given?: Partial<RunOrder>,
  on: OnEngine = {},
): Promise<ContainerView | undefined> {
  return attempt(services, async () => {
    const order = given === undefined ? await asked(services, image, name, on) : completed(image, given);
    if (order === undefined) return undefined;
    await services.runs.set(name, order);
    if (order.detached) return inBackground(services, { ...order, ...on }, name);
    await inTerminal(services, { ...order, ...on }, name);
    return undefined;
  });
}

async function asked(services: Services, image: string, name: string, on: OnEngine): Promise<RunOrder | undefined> {
  const containers = await services.server.containers();
  const defaults = await withProgress(vscode.l10n.t('Asking how {0} wants to be run', name), (token) =>
    containers.defaults(image, on, token),
  );
  return askRun(name, image, defaults, services.runs.of(name, image));
}

function completed(image: string, given: Partial<RunOrder>): RunOrder {
  const empty = { name: '', ports: [], environment: {}, mounts: [], command: [], remove: false, detached: true };
  return { ...empty, ...given, image };
}

async function inBackground(services: Services, order: RunOrder & OnEngine, name: string): Promise<ContainerView> {
  const containers = await services.server.containers();
  const container = await withProgress(vscode.l10n.t('Running {0}', name), (token) => containers.run(order, token));
  // nobody waits for the answer: the container runs
  void tell(services, container, name);
  return container;
}

async function tell(services: Services, container: ContainerView, name: string): Promise<void> {
  const log = vscode.l10n.t('Show Log');
  const ports = portActions(container);
  const text =
    container.state === 'running'
      ? vscode.l10n.t('{0} runs as {1}', name, container.name)
      : vscode.l10n.t(
          '{0} ended at once: {1} is {2}',
          name,
          container.name || vscode.l10n.t('its container'),
          container.state,
        );
  const actions = [...ports.map(({ title }) => title), ...(container.state === 'removed' ? [] : [log])];
  const chosen = await vscode.window.showInformationMessage(text, ...actions);
  await attempt(services, async () => {
    const port = ports.find(({ title }) => title === chosen);
    if (port !== undefined) await port.open();
    else if (chosen === log) {
      const containers = await services.server.containers();
      const title = vscode.l10n.t('Log of {0}', container.name);
      await runInTerminal(title, await containers.command(container.id, 'logs'));
    }
  });
}

async function inTerminal(services: Services, order: RunOrder & OnEngine, name: string): Promise<void> {
  const command = await (await services.server.containers()).runCommand(order);
  // the terminal shows what the container and the engine say; its end is seen there as well
  void runInTerminal(vscode.l10n.t('Run {0}', name), command).then((code) => {
    if (!couldNotStart(code)) return;
    void vscode.window.showWarningMessage(
      vscode.l10n.t('{0} could not start its command (exit code {1})', name, String(code)),
    );
  });
}
