import { asArray, asObject, asText } from '../../llb/decode';
import type { ReclaimItem } from '../../model';
import { DiskError } from './diskError';
import type { Ask } from './podmanDisk';

const HEX_ID = /^(?:sha256:)?[0-9a-f]{64}$/;
/** What Podman takes for the name of a volume (libpod/define NameRegex). */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Removes one thing, never by force. Podman never says how many bytes came free. */
export async function removeFromPodman(
  ask: Ask,
  run: (args: readonly string[]) => Promise<string>,
  { kind, id }: ReclaimItem,
): Promise<null> {
  const plain = id.replace(/^sha256:/, '');
  if (!(kind === 'volume' ? VOLUME_NAME : kind === 'build-cache' ? /./ : HEX_ID).test(id)) {
    throw new DiskError(`"${id}" is no whole id; nothing was removed.`);
  }
  switch (kind) {
    case 'container':
      // anonymous volumes stay: volumes are never removed beside something else
      await run(['rm', '--volumes=false', plain]);
      return null;
    case 'volume':
      await run(['volume', 'rm', id]);
      return null;
    case 'image':
      await removeImage(ask, run, plain);
      return null;
    case 'build-cache':
      throw new DiskError(
        'Podman removes cache mounts only all at once: "podman image prune --build-cache", which removes images without a name, too.',
      );
  }
}

/** All names first: by its id Podman removes an image of several names only by force. What is in use is left as it is. */
async function removeImage(ask: Ask, run: (args: readonly string[]) => Promise<string>, id: string): Promise<void> {
  const containers = asArray(await ask(['ps', '--all', '--external', '--no-trunc', '--format', 'json'])).map(asObject);
  const user = containers.find((container) => asText(container['ImageID']) === id);
  if (user !== undefined) {
    throw new DiskError(
      `Container ${asArray(user['Names']).map(asText).join(', ')} was made from this image; nothing was removed.`,
    );
  }
  const listed = asArray(await ask(['images', '--all', '--no-trunc', '--format', 'json'])).map(asObject);
  if (listed.some((image) => asText(image['ParentId']).replace(/^sha256:/, '') === id)) {
    throw new DiskError('Another image was built on this one; nothing was removed.');
  }
  const [json] = asArray(await ask(['image', 'inspect', id])).map(asObject);
  const names = asArray(json?.['RepoTags']).map(asText);
  for (const name of names.slice(1)) await run(['untag', id, name]);
  await run(['image', 'rm', '--no-prune', id]);
}
