import * as vscode from 'vscode';
import type { ContainerView, RunOrder } from '../../../core/model';
import type { BuildView, OnEngine } from '../../../server/protocol';
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
    const built =
      typeof item === 'string'
        ? builtAs(services, item)
        : row === undefined
          ? lastBuilt(services, askedDockerfile(services)?.uri.toString())
          : undefined;
    const named = typeof item === 'string' ? item : row === undefined ? built?.image : undefined;
    const asked = named === undefined ? await askImage(services, item) : { image: named, name: named };
    if (asked === undefined) return undefined;
    // what a menu hands over beside its item is no order
    const order = typeof item === 'string' && isOrder(given) ? given : undefined;
    return runImage(services, asked.image, asked.name, order, built?.on ?? {});
  });
}

function isOrder(given: unknown): given is Partial<RunOrder> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/** An image that was built in this window, and the engine that has it. */
interface BuiltImage {
  readonly image: string;
  readonly on: OnEngine;
}

/** The engine that has the image of a build. */
export function engineOf({ live }: BuildView): OnEngine {
  return { engine: live.builder === 'buildah' ? 'podman' : 'docker' };
}

function lastBuilt({ builds, profiles }: Services, uri: string | undefined): BuiltImage | undefined {
  if (uri === undefined) return undefined;
  const built = builds.all.find((view) => view.uri === uri && view.live.state === 'succeeded');
  const image = built?.tags[0] ?? built?.live.image ?? profiles.current(uri)?.tags[0];
  if (image === undefined) return undefined;
  return { image, on: built === undefined ? {} : engineOf(built) };
}

/** The build whose image has a name or an id. */
function builtAs({ builds }: Services, name: string): BuiltImage | undefined {
  const built = builds.all.find(
    ({ live, tags }) => live.state === 'succeeded' && (live.image === name || tags.includes(name)),
  );
  return built && { image: name, on: engineOf(built) };
}

function askImage(services: Services, item: unknown): Promise<AskedImage | undefined> {
  return askedImage(services, item, vscode.l10n.t('Layer Insight: Run Image'), vscode.l10n.t('The image'));
}
