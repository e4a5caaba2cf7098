import * as vscode from 'vscode';
import type { ContainerView, PublishedPort } from '../../../core/model';
import { attempt } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';
import { askedContainer } from './askedContainer';

/** At most so many ports are offered beside a message. */
const MOST_ACTIONS = 2;

/** Opens a published port of a container. */
async function open({ url }: PublishedPort): Promise<void> {
  // the editor forwards ports of a remote machine by itself
  await vscode.env.openExternal(vscode.Uri.parse(url));
}

/** Ports of a container as buttons of a message. */
export function portActions({ ports }: ContainerView): readonly { readonly title: string; open(): Promise<void> }[] {
  return ports
    .slice(0, MOST_ACTIONS)
    .map((port) => ({ title: vscode.l10n.t('Open {0}', port.url.replace(/^\w+:\/\//, '')), open: () => open(port) }));
}

/** Opens a published port of a container in the browser. Gives its address. */
export async function openPort(services: Services, item: unknown): Promise<string | undefined> {
  if (!isAllowed()) return undefined;
  return attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Open Port in Browser');
    const container = await askedContainer(services, item, title, ({ ports }) => ports.length > 0);
    if (container === undefined) return undefined;
    const port = container.ports.length === 1 ? container.ports[0] : await pickPort(title, container);
    if (container.ports.length === 0) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('{0} publishes no port that a browser can open', container.name),
      );
    }
    if (port !== undefined) await open(port);
    return port?.url;
  });
}

async function pickPort(title: string, { ports }: ContainerView): Promise<PublishedPort | undefined> {
  if (ports.length === 0) return undefined;
  const items = ports.map((port) => ({ label: port.url, description: port.container, port }));
  return (await vscode.window.showQuickPick(items, { title }))?.port;
}
