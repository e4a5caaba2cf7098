import { describe, expect, it } from 'vitest';
import { findImages, stepsOfLayers, type FoundImages } from '../../../core/image/manifest';
import {
  attestation,
  configOf,
  newDockerArchive,
  ociArchive,
  ociImage,
  ociIndex,
  oldDockerArchive,
  sha256,
  type ImageBytes,
} from '../support/imageArchive';
import { file, tar, type TarItem } from '../support/tar';

const digestOf = (text: string): string => `sha256:${sha256(text)}`;

/** What an archive with these entries describes. */
function found(items: readonly TarItem[]): FoundImages {
  const json = items.filter(({ content }) => typeof content === 'string');
  return findImages(new Map(json.map(({ name, content }) => [name, String(content)])), digestOf);
}

const LAYERS = ['one', 'two'].map((text) => ({ plain: tar(file(text, text)) }));
const IMAGE: ImageBytes = { layers: LAYERS, names: ['docker.io/library/shop:1'], variant: 'v8', architecture: 'arm64' };
const OTHER: ImageBytes = { layers: LAYERS.slice(1), names: ['other:2'] };
const DIFF_IDS = LAYERS.map(({ plain }) => `sha256:${sha256(plain)}`);

const index = (...manifests: object[]): TarItem => file('index.json', JSON.stringify({ manifests }));

describe('an archive of docker save', () => {
  it.each([
    ['before Docker 25', oldDockerArchive],
    ['since Docker 25', newDockerArchive],
  ])('%s describes its images', (_, write) => {
    const { images, problems } = found(write([IMAGE, OTHER]));
    expect(problems).toEqual([]);
    expect(images.map(({ id, names, platform }) => [id, names, platform])).toEqual([
      [digestOf(configOf(IMAGE)), IMAGE.names, 'linux/arm64/v8'],
      [digestOf(configOf(OTHER)), OTHER.names, 'linux/amd64'],
    ]);
    expect(images[0]?.layers.map(({ diffId }) => diffId)).toEqual(DIFF_IDS);
    expect(images[0]?.history).toMatchObject([
      { createdBy: 'step 1', created: Date.UTC(2024, 0, 2, 3, 4, 5), isEmpty: false },
      { createdBy: 'step 2', isEmpty: false },
      { createdBy: 'CMD ["sh"]', created: undefined, isEmpty: true },
    ]);
  });

  it('may have no names', () => {
    expect(found(oldDockerArchive([{ layers: LAYERS }])).images).toMatchObject([{ names: [] }]);
  });

  it('names a configuration that is missing', () => {
    const config = `${sha256(configOf(IMAGE))}.json`;
    const { images, problems } = found(oldDockerArchive([IMAGE, OTHER]).filter(({ name }) => name !== config));
    expect(images.map(({ names }) => names)).toEqual([OTHER.names]);
    expect(problems).toEqual([`the configuration ${config} is missing`]);
  });

  it('says when the configuration lists other layers', () => {
    const { images, problems } = found(oldDockerArchive([{ ...IMAGE, diffIds: DIFF_IDS.slice(1) }]));
    expect(problems).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.json lists 1 layers, the manifest 2$/)]);
    expect(images[0]?.layers.map(({ diffId }) => diffId)).toEqual([DIFF_IDS[1], '']);
  });
});

describe('an OCI layout', () => {
  it('describes its image', () => {
    const { images, problems } = found(ociArchive([IMAGE]));
    expect(problems).toEqual([]);
    expect(images).toMatchObject([{ id: digestOf(configOf(IMAGE)), names: IMAGE.names, platform: 'linux/arm64/v8' }]);
    expect(images[0]?.layers).toEqual(
      DIFF_IDS.map((diffId) => ({
        ...{ diffId, blob: `blobs/${diffId.replace(':', '/')}` },
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
      })),
    );
  });

  it('describes one image for each platform of an index in it, and none for attestations', () => {
    const { images, problems } = found(ociArchive([IMAGE, OTHER], true));
    expect(problems).toEqual([]);
    expect(images.map(({ platform, names }) => [platform, names])).toEqual([
      ['linux/arm64/v8', IMAGE.names],
      ['linux/amd64', IMAGE.names],
    ]);
  });

  it('passes over manifests of platforms that were not saved', () => {
    const made = ociImage(IMAGE);
    const absent = { digest: `sha256:${'0'.repeat(64)}`, platform: { os: 'linux', architecture: 's390x' } };
    expect(found([index(absent, made.descriptor), ...made.blobs]).images).toHaveLength(1);
  });

  it('tells attestations by their annotation as well', () => {
    const note = attestation();
    expect(found([index({ ...note.descriptor, platform: undefined }), ...note.blobs]).images).toEqual([]);
  });

  it('keeps both names of an image that was saved with two', () => {
    const made = ociImage({ ...IMAGE, names: [] });
    const named = (name: string): object => ({
      ...made.descriptor,
      annotations: { 'org.opencontainers.image.ref.name': name },
    });
    const { images } = found([index(named('a:1'), named('a:2')), ...made.blobs]);
    expect(images.flatMap(({ names }) => names)).toEqual(['a:1', 'a:2']);
  });

  it('may have indexes in indexes, and none that go on forever', () => {
    const made = ociImage(IMAGE);
    const [inner, outer] = [ociIndex([made.descriptor]), ociIndex([])];
    const outerIndex = ociIndex([inner.descriptor], { 'io.containerd.image.name': 'deep' });
    const items = [index(outerIndex.descriptor), outerIndex.blob, inner.blob, ...made.blobs];
    expect(found(items).images).toMatchObject([{ names: IMAGE.names }]);
    // an index that names itself, many times
    const self = Array.from({ length: 400 }, () => outer.descriptor);
    const endless = file(outer.blob.name, JSON.stringify({ manifests: self }));
    const started = performance.now();
    expect(found([index(outer.descriptor), endless]).images).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('what describes no image', () => {
  it('says so', () => {
    expect(found([]).problems).toEqual([
      'there is neither a manifest.json (docker save) nor an index.json (OCI layout)',
    ]);
    expect(found([file('manifest.json', '[{')]).problems).toContain('manifest.json is no JSON');
    expect(found([file('index.json', 'nope')]).problems).toEqual(['index.json is no JSON']);
  });

  it.each(['null', '1', '"x"', '[]', '{}', '[null]', '[1]', '[{"Config":1,"Layers":{}}]', '[{"Layers":[null]}]'])(
    'does no harm as manifest.json %s',
    (text) => {
      expect(found([file('manifest.json', text)]).images).toEqual([]);
    },
  );

  it.each(['null', '[]', '{"manifests":1}', '{"manifests":[null,1,{"digest":5}]}', '{"manifests":[{"digest":""}]}'])(
    'does no harm as index.json %s',
    (text) => {
      expect(found([file('index.json', text)]).images).toEqual([]);
    },
  );

  it('does no harm as a configuration either', () => {
    for (const config of ['null', '[]', '{"rootfs":1,"history":{}}', '{"history":[null,{"created":1}]}', '{']) {
      const manifest = file('manifest.json', JSON.stringify([{ Config: 'c', Layers: [] }]));
      expect(found([manifest, file('c', config)]).images, config).toMatchObject([{ layers: [], platform: '' }]);
    }
  });
});

describe('the steps that made layers', () => {
  const step = (createdBy: string, isEmpty = false) => ({ createdBy, isEmpty, created: undefined, comment: '' });

  it('are those that are not empty, in their order', () => {
    const history = [step('FROM'), step('ENV', true), step('RUN'), step('CMD', true)];
    expect(stepsOfLayers(history, 2).map((one) => one?.createdBy)).toEqual(['FROM', 'RUN']);
  });

  it('are not known where the history is too short', () => {
    expect(stepsOfLayers([step('FROM')], 3).map((one) => one?.createdBy)).toEqual(['FROM', undefined, undefined]);
    expect(stepsOfLayers([], 1)).toEqual([undefined]);
  });
});
