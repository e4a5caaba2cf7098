import * as vscode from 'vscode';
import type { ContainerView, RunOrder } from '../../../core/model';
import { askedDockerfile, attempt } from '../asked';
import { runImage } from '../containers/runImage';
import { askedImage, isAllowed, type AskedImage } from '../images/asked';
import type { Services } from '../services';

/**
 * Runs an image: that of a row of the Images view or one that is named, else the one that was built last from the current
 * Dockerfile, else one of the engine's. `given`: how it is run, without a question. Gives the container, if it runs in
 * the background.
 */
export async function runBuiltImage(
  services: Services,
  item: unknown,
  given?: unknown,
): Promise<ContainerView | undefined> {
  if (!isAllowed()) return undefined;
  return attempt(services, async () => {
    const row = services.images.rowOf(item);
    const named = typeof item === 'string' ? item : row === undefined ? lastImage(services) : undefined;
    const asked = named === undefined ? await askImage(services, item) : { image: named, name: named };
    if (asked === undefined) return undefined;
    // what a menu hands over beside its item is no order
    const order = typeof item === 'string' && isOrder(given) ? given : undefined;
    return runImage(services, asked.image, asked.name, order);
  });
}

function isOrder(given: unknown): given is Partial<RunOrder> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function lastImage(services: Services): string | undefined {
  const { builds, profiles } = services;
  const uri = askedDockerfile(services)?.uri.toString();
  if (uri === undefined) return undefined;
  const built = builds.all.find((view) => view.uri === uri && view.live.state === 'succeeded');
  return built?.tags[0] ?? built?.live.image ?? profiles.current(uri)?.tags[0];
}

function askImage(services: Services, item: unknown): Promise<AskedImage | undefined> {
  return askedImage(services, item, vscode.l10n.t('Layer Insight: Run Image'), vscode.l10n.t('The image'));
}
