import { join } from 'node:path';
import {
  describeChanges,
  readChanges,
  readPathStat,
  type ChangeSources,
  type ImageFile,
  type ToldChange,
  type WrittenFile,
} from '../../disk/changes';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { ContainerChanges } from '../../model';
import { ApiError } from '../engines/apiRequest';
import type { FoundRoot } from './dataRoot';
import type { Ask } from './dockerRemoval';
import { knownImageFiles } from './imageIndex';
import { inPool } from './pool';
import { fileAt, imageFileAt } from './stackedFolders';

/** Paths that the engine is asked about one by one. */
const MAX_ASKED = 2000;
/** Paths that are looked up at the same time. */
const AT_ONCE = 6;
/** Milliseconds that listing changes may take: the engine compares all files. */
const PATIENCE = 120_000;

export interface ChangeQuestion {
  /** Name or id. */
  readonly container: string;
  readonly root: FoundRoot;
  /** As the engine calls its data root. */
  readonly engineRoot: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What a container changed; undefined when it is not there. */
export async function dockerChanges(ask: Ask, question: ChangeQuestion): Promise<ContainerChanges | undefined> {
  const path = `/containers/${encodeURIComponent(question.container)}`;
  let container: Json;
  let told: ToldChange[];
  try {
    container = asObject(await ask(`${path}/json`));
    told = readChanges(await ask(`${path}/changes`, PATIENCE));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
  const folders = foldersOf(container, question);
  if (folders !== undefined) return describeChanges(told, await foundIn(told, folders, question.signal), '');
  const asked = told.filter(({ change }) => change !== 'deleted');
  const some = asked.slice(0, MAX_ASKED);
  const written = await lookUp(some, ({ path: file }) => statInContainer(ask, path, file));
  const before = told.filter(({ change }) => change !== 'added');
  const known = before.length === 0 ? undefined : await knownFiles(ask, asText(container['Image']), question.env);
  const inImage = await lookUp(before, ({ path: file }) => Promise.resolve(known?.(file)));
  const messages = [
    some.length < asked.length
      ? `Sizes of ${MAX_ASKED} files were asked for, of ${asked.length}: the others can only be read on the engine's machine by root.`
      : '',
    before.length > 0 && known === undefined
      ? 'What the image has at these paths is not known: its layers were not read yet ("layer-insight layers").'
      : '',
  ];
  return describeChanges(told, sourcesFor(written, inImage), messages.filter((text) => text !== '').join(' '));
}

/** Looks up what changed in the folders of the layers. */
export async function foundIn(
  told: readonly ToldChange[],
  { upper, lower }: LayerFolders,
  signal: AbortSignal,
): Promise<ChangeSources> {
  const written = await lookUp(
    told.filter(({ change }) => change !== 'deleted'),
    ({ path }) => fileAt(upper, path),
  );
  // a folder that is still there hides nothing
  const isHiding = ({ path, change }: ToldChange): boolean =>
    change === 'deleted' || (change === 'changed' && written.get(path)?.type !== 'directory');
  const inImage = await lookUp(told.filter(isHiding), ({ path }) => imageFileAt(lower, path, signal));
  return sourcesFor(written, inImage);
}

export function sourcesFor(
  written: ReadonlyMap<string, WrittenFile>,
  inImage: ReadonlyMap<string, ImageFile>,
): ChangeSources {
  return { written: (path) => written.get(path), inImage: (path) => inImage.get(path) };
}

async function lookUp<T>(
  changes: readonly ToldChange[],
  find: (change: ToldChange) => Promise<T | undefined>,
): Promise<ReadonlyMap<string, T>> {
  const found = await inPool(changes, AT_ONCE, find);
  return new Map(found.flatMap((one, index) => (one === undefined ? [] : [[changes[index]?.path ?? '', one]])));
}

/** Layers of a container as folders of this machine, those of the image topmost first. */
export interface LayerFolders {
  readonly upper: string;
  readonly lower: readonly string[];
}

/** The writable layer and the image's layers as folders of this machine, where they can be read. */
export function foldersOf(container: Json, { root, engineRoot }: ChangeQuestion): LayerFolders | undefined {
  const data = asObject(asObject(container['GraphDriver'])['Data']);
  const here = (path: string): string | undefined =>
    root.path !== undefined && path.startsWith(`${engineRoot}/`)
      ? join(root.path, path.slice(engineRoot.length))
      : undefined;
  const upper = here(asText(data['UpperDir']));
  // the topmost one holds mount points of the engine, not files of the image
  const lower = asText(data['LowerDir'])
    .split(':')
    .filter((path) => !/-init\/diff$/.test(path))
    .map(here);
  if (upper === undefined || lower.length === 0) return undefined;
  const found = lower.flatMap((path) => path ?? []);
  return found.length === lower.length ? { upper, lower: found } : undefined;
}

async function statInContainer(ask: Ask, container: string, path: string): Promise<WrittenFile | undefined> {
  try {
    const headers = asObject(await ask(`${container}/archive?path=${encodeURIComponent(path)}`, undefined, 'HEAD'));
    const stat = asText(headers['x-docker-container-path-stat']);
    return readPathStat(Buffer.from(stat, 'base64').toString('utf8'));
  } catch (error) {
    // gone meanwhile, or not to be read by the engine itself
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

async function knownFiles(
  ask: Ask,
  image: string,
  env: NodeJS.ProcessEnv,
): Promise<((path: string) => ImageFile | undefined) | undefined> {
  try {
    const json = asObject(await ask(`/images/${encodeURIComponent(image)}/json`));
    return await knownImageFiles(asArray(asObject(json['RootFS'])['Layers']).map(asText), env);
  } catch (error) {
    if (error instanceof ApiError) return undefined; // an image may be gone before its containers
    throw error;
  }
}
