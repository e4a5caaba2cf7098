import * as vscode from 'vscode';
import { attempt } from '../asked';
import type { Services } from '../services';
import { askedRow, isAllowed } from './asked';

/** Shows an image archive, or the folder of an image layout, in the Images view. */
export async function openArchive(services: Services, resource: unknown): Promise<void> {
  if (!isAllowed()) return;
  const uri = resource instanceof vscode.Uri ? resource : await askArchive();
  if (uri === undefined) return;
  await attempt(services, async () => {
    services.images.pinned.add(uri.fsPath, { isKept: true });
    await services.images.showPinned(uri.fsPath);
  });
}

/** Takes an image that was opened by its path out of the Images view. */
export function closeArchive(services: Services, item: unknown): void {
  const pinned = askedRow(services, item)?.pinned;
  if (pinned !== undefined) services.images.pinned.remove(pinned);
}

/** On some systems a dialog offers either files or folders. */
async function askArchive(): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t('Layer Insight: Open Image Archive');
  const file = vscode.l10n.t('Archive…');
  const folder = vscode.l10n.t('Folder…');
  const kind = await vscode.window.showQuickPick(
    [
      { label: file, detail: vscode.l10n.t('a .tar file, as docker save and buildx write it') },
      { label: folder, detail: vscode.l10n.t('an image layout (OCI), unpacked') },
    ],
    { title, placeHolder: vscode.l10n.t('Where the image is') },
  );
  if (kind === undefined) return undefined;
  const isFile = kind.label === file;
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  const picked = await vscode.window.showOpenDialog({
    title,
    openLabel: vscode.l10n.t('Open'),
    canSelectFiles: isFile,
    canSelectFolders: !isFile,
    ...(workspace === undefined ? {} : { defaultUri: workspace }),
    ...(isFile ? { filters: { [vscode.l10n.t('Image archives')]: ['tar'], [vscode.l10n.t('All files')]: ['*'] } } : {}),
  });
  return picked?.[0];
}
