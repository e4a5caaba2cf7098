import { describe, expect, it } from 'vitest';
import { PodmanImages } from '../../../../core/node/engines/podmanImages';
import { ImageLibrary } from '../../../../core/node/image/imageLibrary';
import { LayerIndexStore } from '../../../../core/node/image/indexStore';
import { folderOf } from '../folder';
import { FakePodman, type PodmanImage } from './fakePodman';

const { signal } = new AbortController();
const image = (Id: string, layers: readonly string[]): PodmanImage => ({
  ...{ Id, Os: 'linux', Architecture: 'amd64', RootFS: { Layers: layers } },
  History: layers.map((_, index) => ({ created_by: `step ${index + 1}` })),
});

function podman(images: readonly PodmanImage[], removed: readonly string[] = []): PodmanImages {
  const fake = new FakePodman(folderOf({}), { images, removed });
  return new PodmanImages({ ...process.env, PATH: `${fake.path}:${process.env['PATH'] ?? ''}` });
}

describe('the images of Podman', () => {
  it('are listed although one of them is removed meanwhile', async () => {
    const images = podman([image('a', ['l1']), image('b', ['l1', 'l2']), image('c', ['l3'])], ['gone', 'gone too']);
    expect((await images.list(signal)).map(({ id, diffIds }) => `${id} ${diffIds.join()}`)).toEqual([
      ...['sha256:a l1', 'sha256:b l1,l2', 'sha256:c l3'],
    ]);
  });

  it('have no steps once they are gone, and the list goes on without them', async () => {
    const fake = new FakePodman(folderOf({}), { images: [image('a', ['l1']), image('b', ['l2'])] });
    const images = new PodmanImages({ ...process.env, PATH: `${fake.path}:${process.env['PATH'] ?? ''}` });
    expect(await images.list(signal)).toHaveLength(2);
    fake.answer({ images: [image('a', ['l1'])] });
    expect(await images.steps('sha256:b', signal)).toBeUndefined();
    expect(await images.steps('sha256:a', signal)).toMatchObject([{ bytes: 5, diffId: 'l1' }]);
    const library = new ImageLibrary(images, new LayerIndexStore(folderOf({})));
    expect((await library.list(signal)).map(({ id }) => id)).toEqual(['sha256:a']);
  });

  it('are told not to be known in Podman’s own words when it fails otherwise', async () => {
    const fake = new FakePodman(folderOf({}), { fails: 'Error: the store is broken' });
    const images = new PodmanImages({ ...process.env, PATH: `${fake.path}:${process.env['PATH'] ?? ''}` });
    await expect(images.list(signal)).rejects.toThrow('the store is broken');
  });
});
