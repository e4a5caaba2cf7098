import * as vscode from 'vscode';
import { say } from '../asked';
import type { Services } from '../services';
import { askedRow } from './asked';

/** Puts the id of the image of a row on the clipboard. */
export function copyImageId(services: Services, item: unknown): Promise<void> {
  return copy(askedRow(services, item)?.node.image);
}

/** Puts the digest of the files of a layer on the clipboard. */
export function copyLayerDigest(services: Services, item: unknown): Promise<void> {
  return copy(askedRow(services, item)?.node.digest);
}

/** Puts the path of a file, as it is in the image, on the clipboard. */
export function copyLayerFilePath(services: Services, item: unknown): Promise<void> {
  const path = askedRow(services, item)?.node.path;
  return copy(path && `/${path}`);
}

async function copy(text: string | undefined): Promise<void> {
  if (text === undefined) return;
  await vscode.env.clipboard.writeText(text);
  say(vscode.l10n.t('{0} was copied', text));
}
