import * as vscode from 'vscode';
import { registryName } from '../../../core/model';
import { Setting } from '../../contributions';
import { settingValue } from '../../settings';
import { attempt } from '../asked';
import type { Services } from '../services';
import { isAllowed, withProgress } from './asked';

/** Shows an image of a registry in the Images view, if the user's settings allow that its registry is asked. */
export async function exploreRegistryImage(services: Services, asked: unknown): Promise<void> {
  if (!isAllowed()) return;
  if (!settingValue(Setting.networkLookups, false)) {
    await offerSetting();
    return;
  }
  const reference = typeof asked === 'string' ? asked : await askReference();
  if (reference === undefined) return;
  await attempt(services, async () => {
    const name = registryName(reference);
    const images = await services.server.images();
    // a name that the registry does not have is told at once, and not kept
    await withProgress(vscode.l10n.t('Asking the registry for {0}', reference), (token) =>
      images.image(name, { ...services.images.options.current, again: true }, token),
    );
    services.images.pinned.add(name, { isKept: true });
    await services.images.showPinned(name);
  });
}

async function offerSetting(): Promise<void> {
  const open = vscode.l10n.t('Open Setting');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'No registry is asked: the setting {0} does not allow it. With it, the registry of the image would be asked for the manifest, and for layers once you look at their files, with the credentials that docker has for it.',
      Setting.networkLookups,
    ),
    open,
  );
  if (chosen !== open) return;
  // it belongs to the machine: in a window on another one the user's own settings do not list it
  const isRemote = vscode.env.remoteName !== undefined;
  const command = isRemote ? 'workbench.action.openRemoteSettings' : 'workbench.action.openSettings';
  await vscode.commands.executeCommand(command, { query: Setting.networkLookups });
}

async function askReference(): Promise<string | undefined> {
  const reference = await vscode.window.showInputBox({
    title: vscode.l10n.t('Layer Insight: Explore an Image of a Registry'),
    prompt: vscode.l10n.t('Name of an image as docker pull takes it; its registry is asked, no engine'),
    placeHolder: 'ghcr.io/owner/name:tag',
  });
  return reference === undefined || reference.trim() === '' ? undefined : reference.trim();
}
