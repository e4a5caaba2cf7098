import * as vscode from 'vscode';
import type { ContainerView } from '../../../core/model';
import { say } from '../asked';
import type { Services } from '../services';

interface ContainerItem extends vscode.QuickPickItem {
  readonly container: ContainerView;
}

/** The container that a row of the Disk Usage view or a caller names by its id, else one of those that fit. */
export async function askedContainer(
  services: Services,
  item: unknown,
  title: string,
  fits: (container: ContainerView) => boolean,
): Promise<ContainerView | undefined> {
  const all = await (await services.server.containers()).list();
  const id = containerId(item);
  if (id !== undefined) {
    const found = all.find((one) => one.id === id);
    if (found === undefined) say(vscode.l10n.t('This container is not there any more'));
    return found;
  }
  const fitting = all.filter(fits);
  if (fitting.length === 0) {
    say(vscode.l10n.t('The engine has no container for this'));
    return undefined;
  }
  const items = fitting.map((container): ContainerItem => ({
    ...{ container, label: container.name, description: `${container.image} · ${container.state}` },
    detail: container.ports.map(({ url }) => url).join(' '),
  }));
  const options = { title, placeHolder: vscode.l10n.t('The container'), matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.container;
}

function containerId(item: unknown): string | undefined {
  if (typeof item === 'string') return item;
  if (typeof item !== 'object' || item === null || !('container' in item)) return undefined;
  return typeof item.container === 'string' ? item.container : undefined;
}
