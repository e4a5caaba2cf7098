import { join } from 'node:path';
import {
  describeChanges,
  readChanges,
  readPathStat,
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
  const written = new Map<string, WrittenFile>();
  const asked = told.filter(({ change }) => change !== 'deleted');
  let message = '';
  if (folders !== undefined) {
    await lookUp(asked, written, ({ path: file }) => fileAt(folders.upper, file));
  } else {
    const some = asked.slice(0, MAX_ASKED);
    await lookUp(some, written, ({ path: file }) => statInContainer(ask, path, file));
    if (some.length < asked.length) {
      message = `Sizes of ${MAX_ASKED} files were asked for, of ${asked.length}; the others can only be read on the engine's machine by root.`;
    }
  }
  const inImage = new Map<string, ImageFile>();
  const before = told.filter(({ change }) => change !== 'added');
  if (folders !== undefined) {
    await lookUp(before, inImage, ({ path: file, change }) =>
      change === 'changed' && written.get(file)?.type === 'directory'
        ? Promise.resolve(undefined)
        : imageFileAt(folders.lower, file, question.signal),
    );
  } else {
    const known = await knownFiles(ask, asText(container['Image']), question.env);
    if (known === undefined && before.length > 0 && message === '') {
      message = 'What the image has at these paths is not known: its layers were not read yet.';
    }
    await lookUp(before, inImage, ({ path: file }) => Promise.resolve(known?.(file)));
  }
  const sources = { written: (file: string) => written.get(file), inImage: (file: string) => inImage.get(file) };
  return describeChanges(told, sources, message);
}

async function lookUp<T>(
  changes: readonly ToldChange[],
  into: Map<string, T>,
  find: (change: ToldChange) => Promise<T | undefined>,
): Promise<void> {
  const found = await inPool(changes, AT_ONCE, find);
  for (const [index, one] of found.entries()) {
    const { path } = changes[index] ?? { path: '' };
    if (one !== undefined) into.set(path, one);
  }
}

/** The writable layer and the image's layers as folders of this machine, where they can be read. */
function foldersOf(
  container: Json,
  { root, engineRoot }: ChangeQuestion,
): { readonly upper: string; readonly lower: readonly string[] } | undefined {
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
