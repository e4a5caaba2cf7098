import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { imageOf, imageRowOf, type ImageRow } from '../../views/images/node';
import { say } from '../asked';
import type { Services } from '../services';

/** Milliseconds of work that nobody is told of. */
const NOTIFY_AFTER_MS = 800;

/** An image that a command is about. */
export interface AskedImage {
  /** What the server is asked by. */
  readonly image: string;
  /** As people name it. */
  readonly name: string;
}

interface ImageItem extends vscode.QuickPickItem, AskedImage {}

/** False in a restricted workspace, which the user is told: no engine is asked there and no image read. */
export function isAllowed(): boolean {
  if (!vscode.workspace.isTrusted) say(vscode.l10n.t('This workspace is restricted: no engine is asked'));
  return vscode.workspace.isTrusted;
}

/** The image of a row. */
export function imageOfRow(row: ImageRow): AskedImage {
  return { image: imageOf(row), name: imageRowOf(row).node.label };
}

/** The row that a menu or a test names, else the selected one. */
export function askedRow({ images }: Services, item: unknown): ImageRow | undefined {
  return images.rowOf(item) ?? (item === undefined ? images.selection : undefined);
}

/** The image of the row that a menu names, else one of those that the view has. */
export async function askedImage(
  services: Services,
  item: unknown,
  title: string,
  placeHolder: string,
): Promise<AskedImage | undefined> {
  const row = services.images.rowOf(item);
  return row === undefined ? pickImage(services, title, placeHolder) : imageOfRow(row);
}

/** Lets the user choose an image; `except` is not offered. */
export async function pickImage(
  { images }: Services,
  title: string,
  placeHolder: string,
  except?: string,
): Promise<AskedImage | undefined> {
  const items = images.images().then((rows) =>
    rows
      .filter((row) => row.node.kind === 'image' && imageOf(row) !== except)
      .map((row): ImageItem => ({
        ...imageOfRow(row),
        label: row.node.label,
        description: row.node.description,
      })),
  );
  return vscode.window.showQuickPick(items, { title, placeHolder, matchOnDescription: true });
}

/** Runs something that may be long: then there is a notification with which it can be cancelled. */
export async function withProgress<T>(title: string, run: (token: vscode.CancellationToken) => Promise<T>): Promise<T> {
  const source = new vscode.CancellationTokenSource();
  try {
    const done = run(source.token);
    // what was read before answers at once, and a notification that flashes is only in the way
    const isLong = await Promise.race([done.then(() => false), sleep(NOTIFY_AFTER_MS).then(() => true)]);
    if (!isLong) return await done;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    return await vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => source.cancel());
      return done;
    });
  } finally {
    source.dispose();
  }
}
