import { asArray, asObject, asText } from '../../llb/decode';
import { readDiskUsage } from '../../disk/dockerAnswers';
import type { ReclaimItem } from '../../model';
import { ApiError } from '../engines/apiRequest';
import { DiskError } from './diskError';

/** A question to the engine. */
export type Ask = (path: string, patience?: number, method?: 'GET' | 'POST' | 'DELETE' | 'HEAD') => Promise<unknown>;

/** Milliseconds that removing one thing may take. */
const PATIENCE = 120_000;
/** BuildKit's ids (identity/randomid.go). The engine takes the filter for a pattern: only a whole id names one record. */
const RECORD_ID = /^[a-z0-9]{25}$/;
const HEX_ID = /^(?:sha256:)?[0-9a-f]{64}$/;

/** Removes one thing, never by force; gives the bytes that the engine says came free, null where it does not say. */
export async function removeFromDocker(ask: Ask, { kind, id, name }: ReclaimItem): Promise<number | null> {
  switch (kind) {
    case 'container':
      requireId(HEX_ID, id);
      // anonymous volumes stay: volumes are never removed beside something else
      await ask(`/containers/${id}?v=0&force=0`, PATIENCE, 'DELETE');
      return null;
    case 'volume':
      await ask(`/volumes/${encodeURIComponent(id)}?force=0`, PATIENCE, 'DELETE');
      return null;
    case 'image':
      requireId(HEX_ID, id);
      await removeImage(ask, id);
      return null;
    case 'build-cache':
      requireId(RECORD_ID, id);
      return removeRecord(ask, id, name);
  }
}

/** Whatever an id is put into, it must not be more than an id. */
function requireId(pattern: RegExp, id: string): void {
  if (!pattern.test(id)) throw new DiskError(`"${id}" is no whole id; nothing was removed.`);
}

/** All names first, since the engine removes an image that has several only by force. What is in use is left as it is. */
async function removeImage(ask: Ask, id: string): Promise<void> {
  const containers = asArray(await ask('/containers/json?all=1')).map(asObject);
  const user = containers.find((container) => asText(container['ImageID']) === id);
  if (user !== undefined) {
    const [name = ''] = asArray(user['Names']).map(asText);
    throw new DiskError(`Container ${name.replace(/^\//, '')} was made from this image; nothing was removed.`);
  }
  const images = asArray(await ask('/images/json?all=1')).map(asObject);
  if (images.some((image) => asText(image['ParentId']) === id)) {
    throw new DiskError('Another image was built on this one; nothing was removed.');
  }
  const image = images.find((one) => asText(one['Id']) === id);
  if (image === undefined) throw new DiskError('The engine does not have this image any more.');
  const names = asArray(image['RepoTags'])
    .map(asText)
    .filter((name) => name !== '' && !name.includes('<none>'));
  // the last one takes the image with it
  for (const name of names) await ask(`/images/${encodeURIComponent(name)}?noprune=1&force=0`, PATIENCE, 'DELETE');
  if (names.length > 0 && !(await isThere(ask, id))) return;
  await ask(`/images/${encodeURIComponent(id)}?noprune=1&force=0`, PATIENCE, 'DELETE');
}

async function isThere(ask: Ask, id: string): Promise<boolean> {
  try {
    await ask(`/images/${encodeURIComponent(id)}/json`);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}

/** The engine skips a record that others stand on or that is in use, and calls that a success. */
async function removeRecord(ask: Ask, id: string, name: string): Promise<number | null> {
  const before = readDiskUsage(await ask('/system/df?verbose=1&type=build-cache', PATIENCE)).cache;
  const record = before.find((one) => one.id === id);
  if (record === undefined) throw new DiskError('The build cache does not have this record any more.');
  const filters = encodeURIComponent(JSON.stringify({ id: { [id]: true } }));
  const answer = asObject(await ask(`/build/prune?all=1&filters=${filters}`, PATIENCE, 'POST'));
  if (!asArray(answer['CachesDeleted']).includes(id)) {
    const children = before.filter(({ parents }) => parents.includes(id)).length;
    const why = children > 0 ? `${children} other records stand on it` : 'it is in use';
    throw new DiskError(`The engine kept "${name}": ${why}.`);
  }
  // its folder is that of a layer and stays, whatever the engine says came free
  if (record.isShared) return null;
  const bytes = answer['SpaceReclaimed'];
  return typeof bytes === 'number' ? bytes : null;
}
