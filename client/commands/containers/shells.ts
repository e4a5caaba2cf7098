import * as vscode from 'vscode';
import { shellOrder } from '../../../core/model';
import { couldNotStart, runInTerminal } from '../../containers/terminalTask';
import { attempt } from '../asked';
import { askedImage, isAllowed } from '../images/asked';
import type { Services } from '../services';
import { askedContainer } from './askedContainer';

/** Opens a shell in a new container of an image, which is removed at its end. Resolves when the shell ended. */
export async function shellInImage(services: Services, item: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Shell in This Image');
    const image =
      typeof item === 'string'
        ? { image: item, name: item }
        : await askedImage(services, item, title, vscode.l10n.t('The image'));
    if (image === undefined) return;
    const command = await (await services.server.containers()).runCommand(shellOrder(image.image));
    const code = await runInTerminal(vscode.l10n.t('Shell in {0}', image.name), command);
    if (!couldNotStart(code)) return;
    const text = vscode.l10n.t(
      '{0} has no shell (/bin/sh), as images of single programs often have not. Its files are in the Images view.',
      image.name,
    );
    void vscode.window.showInformationMessage(text);
  });
}

/** Opens a shell in a running container. Resolves when the shell ended. */
export async function shellInContainer(services: Services, item: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Shell in Container');
    const container = await askedContainer(services, item, title, ({ state }) => state === 'running');
    if (container === undefined) return;
    const command = await (await services.server.containers()).command(container.id, 'shell');
    const code = await runInTerminal(vscode.l10n.t('Shell in {0}', container.name), command);
    if (!couldNotStart(code)) return;
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} has no shell (/bin/sh)', container.name));
  });
}

/** Shows the log of a container, and what comes. Resolves when it is not followed any more. */
export async function showContainerLog(services: Services, item: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Show Container Log');
    const container = await askedContainer(services, item, title, () => true);
    if (container === undefined) return;
    const command = await (await services.server.containers()).command(container.id, 'logs');
    await runInTerminal(vscode.l10n.t('Log of {0}', container.name), command);
  });
}
