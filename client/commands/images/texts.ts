import * as vscode from 'vscode';
import { askedDockerfile, attempt, say } from '../asked';
import type { Services } from '../services';
import { askedImage, imageOfRow, isAllowed, pickImage, withProgress, type AskedImage } from './asked';

/** Opens the layers of an image and what of them nobody sees as plain text. */
export async function showImageReport(services: Services, item: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Show Layers and Waste');
    const asked = await askedImage(services, item, title, vscode.l10n.t('The image'));
    if (asked === undefined) return;
    const { image, name } = asked;
    const images = await services.server.images();
    const text = await withProgress(vscode.l10n.t('Reading the layers of {0}', name), (token) =>
      images.report(image, token),
    );
    await showText(services, vscode.l10n.t('{0} layers and waste', name), image, text);
  });
}

/** Opens in what two images differ as plain text: the one of the row with an earlier one, or two that are chosen. */
export async function compareImages(services: Services, item: unknown, other: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const later = await askLater(services, item);
    if (later === undefined) return;
    const earlier = await askEarlier(services, later, other);
    if (earlier === undefined) return;
    const images = await services.server.images();
    const text = await withProgress(vscode.l10n.t('Comparing {0} with {1}', later.name, earlier.name), (token) =>
      images.compare(earlier.image, later.image, token),
    );
    const name = vscode.l10n.t('{0} compared with {1}', later.name, earlier.name);
    await showText(services, name, `${earlier.image} ${later.image}`, text);
  });
}

/** Opens an image beside what the current Dockerfile would give now. */
export async function compareWithDockerfile(services: Services, item: unknown): Promise<void> {
  const dockerfile = askedDockerfile(services)?.uri;
  if (!isAllowed()) return;
  if (dockerfile === undefined) {
    say(vscode.l10n.t('Open a Dockerfile first: the image is compared with what it would give now'));
    return;
  }
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Compare Image with the Dockerfile');
    const asked = await askedImage(services, item, title, vscode.l10n.t('The image'));
    if (asked === undefined) return;
    const { image, name } = asked;
    const images = await services.server.images();
    const text = await withProgress(vscode.l10n.t('Comparing {0} with the Dockerfile', name), (token) =>
      images.compareWithDockerfile(image, dockerfile.toString(), token),
    );
    await showText(
      services,
      vscode.l10n.t('{0} compared with the Dockerfile', name),
      `${image} ${dockerfile.path}`,
      text,
    );
  });
}

async function askLater(services: Services, item: unknown): Promise<AskedImage | undefined> {
  const row = services.images.rowOf(item);
  if (row !== undefined) return imageOfRow(row);
  return pickImage(services, compareTitle(), vscode.l10n.t('The later image'));
}

async function askEarlier(services: Services, later: AskedImage, other: unknown): Promise<AskedImage | undefined> {
  // a menu hands over the selected rows here
  const row = typeof other === 'string' ? services.images.rowOf(other) : undefined;
  if (row !== undefined) return imageOfRow(row);
  const placeHolder = vscode.l10n.t('The earlier image that {0} is compared with', later.name);
  return pickImage(services, compareTitle(), placeHolder, later.image);
}

function compareTitle(): string {
  return vscode.l10n.t('Layer Insight: Compare Images');
}

async function showText(services: Services, name: string, source: string, text: string): Promise<void> {
  // a name with slashes would look like folders
  const document = services.reports.write(`${name.replaceAll('/', ' ')}.txt`, source, text);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
}
