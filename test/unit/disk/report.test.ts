import { describe, expect, it } from 'vitest';
import type { ContainerdFiles, ContainerFiles, EngineFacts, RootFacts, TreeSum } from '../../../core/disk/facts';
import { makeReport } from '../../../core/disk/report';
import type { DiskReport, DiskStorage } from '../../../core/model';
import { Random } from '../../generator/random';
import { checkReport } from '../../engine/diskChecks';
import { containerOf, factsOf, imageOf, recordOf, rootOf, volumeOf } from './facts';

const reportOf = (facts: EngineFacts, root?: RootFacts): DiskReport =>
  makeReport({ facts, root, notMeasured: [], measuredAt: '2026-01-01T00:00:00Z', tookMs: 1 });
const partOf = (report: DiskReport, label: RegExp): number => {
  const parts = report.totals.parts.filter((part) => label.test(part.label));
  expect(parts.length, String(label)).toBeGreaterThan(0);
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
};

describe('the textbook lab', () => {
  const image = imageOf('nginx', [
    ['base', 100_000_000],
    ['app', 33_000_000],
  ]);
  const sizes = [11_000, 22_000, 33_000, 44_000, 55_000];
  const containers = sizes.map((bytes, index) =>
    containerOf(`web${index}`, 'nginx', bytes, { virtualBytes: bytes + 133_000_000 }),
  );
  const report = reportOf(factsOf({ images: [image], containers, imagesBytes: 133_000_000 }));

  it('of five containers takes the sum of their sizes and one image', () => {
    expect(report.totals.bytes).toBe(165_000 + 133_000_000);
    expect(report.totals.derivation.map(({ sign, label, bytes }) => [sign, label, bytes])).toEqual([
      ['+', 'SIZE of 5 containers of nginx:1', 165_000],
      ['+', 'image nginx:1, once', 133_000_000],
      ['=', 'total', 133_165_000],
    ]);
  });

  it('shows what adding up virtual sizes counts again', () => {
    expect(report.totals.virtualSum).toEqual({ bytes: 665_165_000, countedAgainBytes: 4 * 133_000_000 });
  });
});

describe('a report', () => {
  it('never says that nothing else keeps a layer which a build on an image with several layers keeps', () => {
    const app = imageOf('app', [
      ['low', 100],
      ['high', 50],
      ['a', 10],
    ]);
    // for each layer of the image that a build stands on there is a record, of size 0 (28.5)
    const source = { isShared: true, description: 'from local base:1' };
    const cache = [
      recordOf('from-low', 0, source),
      recordOf('from-high', 0, { ...source, parents: ['from-low'] }),
      recordOf('run', 10, { isShared: true, parents: ['from-high'] }),
    ];
    const { layers } = reportOf(factsOf({ images: [app], cache }));
    expect(layers.map(({ inBuildCache }) => inBuildCache)).toHaveLength(3);
    for (const { diffId, inBuildCache } of layers) expect(inBuildCache, diffId).not.toBe('no');
    const without = reportOf(factsOf({ images: [app], cache: [] }));
    expect(without.layers.map(({ inBuildCache }) => inBuildCache)).toEqual(['no', 'no', 'no']);
  });

  it('says of an image what only it has and what it shares, its own steps left out', () => {
    const step = imageOf('step', [['base', 100]], { names: [] });
    const one = imageOf(
      'one',
      [
        ['base', 100],
        ['a', 10],
      ],
      { parent: 'step' },
    );
    const [two, alone] = [
      imageOf('two', [
        ['base', 100],
        ['b', 20],
      ]),
      imageOf('alone', [['x', 5]]),
    ];
    const { images } = reportOf(factsOf({ images: [step, one, two, alone] }));
    expect(
      images
        .map(({ id, sharedBytes, uniqueBytes, isIntermediate }) => [id, sharedBytes, uniqueBytes, isIntermediate])
        .sort(),
    ).toEqual([
      ['alone', 0, 5, false],
      ['one', 100, 10, false],
      ['step', 100, 0, true],
      ['two', 100, 20, false],
    ]);
    const alonePair = reportOf(factsOf({ images: [step, one] })).images.find(({ id }) => id === 'one');
    expect([alonePair?.sharedBytes, alonePair?.uniqueBytes]).toEqual([0, 110]);
  });

  it('counts as unused what no running container stands on', () => {
    const images = [
      imageOf('used', [
        ['base', 100],
        ['a', 10],
      ]),
      imageOf('idle', [
        ['base', 100],
        ['b', 20],
      ]),
    ];
    const containers = [containerOf('runs', 'used', 1), containerOf('ended', 'idle', 2, { state: 'exited' })];
    const cache = [
      recordOf('held', 4, { isInUse: true, parents: ['below'] }),
      recordOf('below', 8),
      recordOf('free', 16),
      recordOf('layer', 10, { isShared: true }),
    ];
    const report = reportOf(factsOf({ images, containers, cache, volumes: [volumeOf('v', 1000)] }));
    const free = Object.fromEntries(report.totals.parts.map(({ kind, reclaimableBytes }) => [kind, reclaimableBytes]));
    expect(free).toEqual({ layers: 20, 'writable-layers': 2, 'build-cache': 16, volumes: 0 });
    expect(report.totals.reclaimableBytes).toBe(38);
  });

  it('has no number where there is none', () => {
    const report = reportOf(factsOf({ containers: [containerOf('a', 'gone', null)], volumes: [volumeOf('v', null)] }));
    expect(report.containers[0]).toMatchObject({
      sizeBytes: null,
      logBytes: null,
      configBytes: null,
      checkpointBytes: null,
    });
    expect(report.volumes[0]?.sizeBytes).toBeNull();
    checkReport(report);
  });

  it('names layers whose sizes no image tells instead of losing them', () => {
    const report = reportOf(
      factsOf({
        imagesBytes: 50,
        images: [
          imageOf(
            'one',
            [
              ['a', null],
              ['b', null],
            ],
            { sizeBytes: 50 },
          ),
        ],
      }),
    );
    expect(report.totals.bytes).toBe(50);
    expect(partOf(report, /do not tell their sizes/)).toBe(50);
  });

  it('takes volumes from outside of the data root for what they are', () => {
    const volumes = [volumeOf('in', 10), volumeOf('nfs', 1000, { isElsewhere: true })];
    const report = reportOf(
      factsOf({ volumes }),
      rootOf({ directories: [{ name: 'volumes', blocks: 4096, bytes: 10 }] }),
    );
    expect(
      report.totals.parts.filter(({ kind }) => kind === 'volumes').map(({ bytes, directory }) => [bytes, directory]),
    ).toEqual([
      [10, 'volumes'],
      [1000, undefined],
    ]);
    expect(partOf(report, /^volumes: folders/)).toBe(4086);
  });

  it('believes the folder of a copied context more than the builder', () => {
    const layers = {
      directory: 'overlay2',
      images: NONE,
      writable: NONE,
      initial: NONE,
      others: sumOf(9_000_000),
      byName: new Map([['copy', 9_000_000]]),
    };
    const directories = [{ name: 'overlay2', blocks: 9_004_096, bytes: 9_000_000 }];
    const report = reportOf(
      factsOf({ cache: [recordOf('copy', 1000, { type: 'source.local' })] }),
      rootOf({ layers, directories }),
    );
    expect(report.buildCache[0]?.sizeBytes).toBe(9_000_000);
    expect(report.totals.parts.filter(({ kind }) => kind === 'other')).toEqual([]);
  });

  it('names what is in no number of the engine', () => {
    const layers = {
      directory: 'overlay2',
      images: sumOf(100),
      writable: NONE,
      initial: sumOf(12),
      others: sumOf(3000),
      byName: new Map(),
    };
    const directories = [{ name: 'overlay2', blocks: 8192, bytes: 3112 }];
    const report = reportOf(factsOf({ images: [imageOf('one', [['a', 100]])] }), rootOf({ layers, directories }));
    expect(partOf(report, /leftovers/)).toBe(3000);
    const noted = rootOf({
      layers,
      directories,
      layerSizes: new Map([
        ['a', 100],
        ['removed', 2500],
      ]),
    });
    const known = reportOf(factsOf({ images: [imageOf('one', [['a', 100]])] }), noted);
    expect([partOf(known, /only the build cache keeps/), partOf(known, /leftovers/)]).toEqual([2500, 500]);
    expect(partOf(report, /Mount points/)).toBe(12);
    expect(report.totals.bytes).toBe(8192);
  });

  it('does not ask du about layers that share blocks', () => {
    const facts = factsOf({
      images: [imageOf('one', [['a', 100]])],
      storage: { driver: 'btrfs', root: '/x', store: 'graph-driver' },
    });
    const report = reportOf(facts, rootOf({ directories: [{ name: 'image', blocks: 4096, bytes: 1 }] }));
    expect(report.totals.bytes).toBe(4196);
    expect(report.notMeasured.map(({ what }) => what)).toEqual(['btrfs: what layers take on disk']);
  });
});

const NONE: TreeSum = { blocks: 0, bytes: 0 };
const sumOf = (bytes: number): TreeSum => ({ bytes, blocks: Math.ceil(bytes / 4096) * 4096 + 4096 });

/** Any engine: images that share layers, containers of them and of gone ones, records, volumes. */
function anyFacts(random: Random, store: DiskStorage['store']): EngineFacts {
  const bytes = (): number => random.int(0, 1_000_000);
  const size = (): number | null => (random.chance(0.1) ? null : bytes());
  const sizes = new Map<string, number | null>();
  const images = Array.from({ length: random.int(0, 6) }, (_, index) => {
    const names = Array.from({ length: random.int(0, 5) }, (_item, depth) => `${depth}${random.int(0, 2)}`);
    const layers = names.map((name, depth): [string, number | null] => {
      const chain = names.slice(0, depth + 1).join('/');
      if (!sizes.has(chain)) sizes.set(chain, size());
      return [name, sizes.get(chain) ?? null];
    });
    return imageOf(`i${index}`, layers, random.chance(0.1) ? { layers: undefined } : {});
  });
  return factsOf(
    {
      images,
      imagesBytes: random.chance(0.2) ? null : random.int(0, 20_000_000),
      isEverythingInImages: store === 'containerd' && random.chance(0.5),
      containers: Array.from({ length: random.int(0, 9) }, (_, index) =>
        containerOf(`c${index}`, `i${random.int(0, 7)}`, size(), {
          state: random.pick(['running', 'exited', 'created', 'paused', 'storage']),
          virtualBytes: size(),
        }),
      ),
      volumes: Array.from({ length: random.int(0, 3) }, (_, index) =>
        volumeOf(`v${index}`, size(), { isElsewhere: random.chance(0.2) }),
      ),
      cache: Array.from({ length: random.int(0, 8) }, (_, index) =>
        recordOf(`r${index}`, bytes(), {
          isShared: random.chance(0.5),
          isInUse: random.chance(0.2),
          parents: index > 0 && random.chance(0.7) ? [`r${random.int(0, index - 1)}`] : [],
          type: random.pick(['regular', 'source.local', 'exec.cachemount']),
          description: random.pick(['pulled from x', 'RUN y']),
        }),
      ),
    },
    store,
  );
}

/** Any data root of it; nothing in it has to agree with what the engine says. */
function anyRoot(random: Random, facts: EngineFacts): RootFacts {
  const any = (): TreeSum => sumOf(random.int(0, 3_000_000));
  const { driver, store } = facts.storage;
  const names = [
    driver,
    'volumes',
    'containers',
    'containerd',
    `${driver}-containers`,
    `${driver}-images`,
    'image',
    '.',
  ];
  const directories = names.filter(() => random.chance(0.9)).map((name) => ({ name, ...any() }));
  const containers = new Map<string, ContainerFiles>(
    [...facts.containers.map(({ id }) => id), 'strange'].map((id) => [
      id,
      { log: any(), checkpoints: any(), config: any() },
    ]),
  );
  const containerd: ContainerdFiles = {
    directory: 'containerd',
    blocks: { all: 9_000_000, snapshots: 5_000_000, content: 1_000_000 },
    ...{
      snapshots: any(),
      blobs: new Map([
        ['sha256:a', 5],
        ['sha256:b', 6],
      ]),
      ofImages: new Map([['i0', new Set(['sha256:a'])]]),
    },
  };
  const layers = {
    directory: driver,
    images: any(),
    writable: any(),
    initial: any(),
    others: any(),
    byName: new Map([['r0', 7]]),
  };
  return rootOf({
    blocks: directories.reduce((sum, { blocks }) => sum + blocks, 0),
    ...{ directories, containers, layers: random.chance(0.9) ? layers : undefined },
    ...(store === 'podman' ? { elsewhere: { name: '/var/tmp/buildah-cache-0', ...any() } } : {}),
    containerd: store === 'containerd' && random.chance(0.8) ? containerd : undefined,
  });
}

describe.each(['graph-driver', 'containerd', 'podman'] as const)('any report of %s', (store) => {
  it('adds up: parts to the total, the calculation to the total, and directories to what du says', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(`disk-${store}-${seed}`);
      const facts = anyFacts(random, store);
      checkReport(reportOf(facts));
      const root = anyRoot(random, facts);
      const report = reportOf(facts, root);
      checkReport(report);
      for (const { name, blocks } of root.directories) {
        // containerd's own folder is only told apart where its files were found
        const rows = report.totals.parts.filter(({ directory }) => directory === name);
        expect([seed, name, rows.reduce((sum, { bytes }) => sum + bytes, 0)]).toEqual([seed, name, blocks]);
      }
    }
  });
});

describe('a large engine', () => {
  it('is reported while one waits', () => {
    const bases = Array.from({ length: 1000 }, (_, image) =>
      imageOf(
        `i${image}`,
        Array.from({ length: 12 }, (_layer, depth): [string, number] => [
          depth < 2 ? `base${depth}` : `${image}-${depth}`,
          image + depth,
        ]),
      ),
    );
    const containers = Array.from({ length: 2000 }, (_, index) =>
      containerOf(`c${index}`, `i${index % 1000}`, index, {
        mounts: [{ kind: 'volume', source: `v${index % 500}`, destination: '/v', isReadOnly: false }],
      }),
    );
    const volumes = Array.from({ length: 500 }, (_, index) => volumeOf(`v${index}`, index));
    const cache = Array.from({ length: 5000 }, (_, index) =>
      recordOf(`r${index}`, index % 900, {
        isShared: index % 2 === 0,
        parents: index % 7 === 0 ? [] : [`r${index - 1}`],
      }),
    );
    const start = performance.now();
    const report = reportOf(factsOf({ images: bases, containers, volumes, cache }));
    const took = performance.now() - start;
    expect(report.layers.length).toBeGreaterThan(10_000);
    checkReport(report);
    // some 150 ms on an idle machine; what grows with the square takes minutes
    expect(took).toBeLessThan(5000);
  });
});
