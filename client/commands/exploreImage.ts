import * as vscode from 'vscode';
import { messageOf } from '../failure';
import { attempt } from './asked';
import { isAllowed } from './images/asked';
import type { Services } from './services';

/** Shows an image in the Images view: that of another extension's item that it was called on, or one that is named. */
export async function exploreImage(services: Services, item: unknown): Promise<void> {
  const image = imageOf(item) ?? (await askImage());
  if (image === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    if (await isRevealed(services, image)) return;
    // an engine that does not list it may still know its history
    const text = await services.server.imageLayers(image);
    const name = vscode.l10n.t('{0} layers', image.replaceAll('/', ' '));
    const document = services.reports.write(`${name}.txt`, image, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
  });
}

async function isRevealed({ server, images, log }: Services, image: string): Promise<boolean> {
  try {
    const { image: id = image } = await (await server.images()).image(image, images.options.current);
    return await images.showImage(id);
  } catch (error) {
    log.debug(`${image}: ${messageOf(error)}`);
    return false;
  }
}

/** Container Tools' image items carry a tag, and an id for images without one. */
function imageOf(item: unknown): string | undefined {
  if (typeof item === 'string' && item !== '') return item;
  if (typeof item !== 'object' || item === null) return undefined;
  const { fullTag, imageId } = item as { readonly fullTag?: unknown; readonly imageId?: unknown };
  for (const name of [fullTag, imageId]) {
    if (typeof name === 'string' && name !== '' && !name.includes('<none>')) return name;
  }
  return undefined;
}

async function askImage(): Promise<string | undefined> {
  const image = await vscode.window.showInputBox({
    title: vscode.l10n.t('Layer Insight: Explore Layers'),
    prompt: vscode.l10n.t('Name or ID of an image on the engine'),
    placeHolder: 'node:22',
  });
  return image === undefined || image.trim() === '' ? undefined : image.trim();
}
