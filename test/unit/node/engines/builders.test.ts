import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../core/evidence/evidence';
import type { EvidenceResult } from '../../../../core/node/engines/loadEvidence';
import { put } from '../folder';
import { byCommands, type Answers } from './fakeDocker';
import { recorded, recording, type Recording } from './recording';
import { IMAGE, load, Machine, SHORT, told } from './setup';

const CACHED = [
  'FROM busybox:1 AS base: cached, image-present',
  'WORKDIR /app: cached, same-as-build',
  'RUN echo one > one &&     echo "two \\"q\\" $HOME": cached, same-as-build',
];
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const NONE: Recording = { builds: [], records: [] };

function evidence(result: EvidenceResult): Evidence {
  if (result.kind === 'none') throw new Error(result.failure.message);
  if (result.kind !== 'evidence') throw new Error('not a builder of BuildKit');
  return result.evidence;
}

/** buildx's note of a builder. */
function note(machine: Machine, name: string, driver: string, endpoint = machine.env['DOCKER_HOST']): void {
  const text = JSON.stringify({ Name: name, Driver: driver, Nodes: [{ Name: `${name}0`, Endpoint: endpoint }] });
  put(machine.folder, { [`config/buildx/instances/${name}`]: text });
}

/** The recording as a builder has it that fetched its base by digest. */
const pinnedTo = (digest: string): Recording =>
  recording(['first'], (text) =>
    text
      .replaceAll('docker-image://docker.io/library/busybox:1', `docker-image://docker.io/library/busybox:1@${digest}`)
      .replaceAll('pkg:docker/busybox@1?', `pkg:docker/busybox@1?digest=${digest}&`)
      .replaceAll(/"sha256": "[0-9a-f]{64}"(?=\s*\}\s*\}\s*\],\s*"invocation")/g, `"sha256": "${digest.slice(7)}"`),
  );

describe("the engine's own builder", () => {
  const ways: readonly [string, (machine: Machine, from: Recording) => Promise<unknown>][] = [
    ['its connection', (machine, from) => machine.builder('', from)],
    [
      'commands',
      (machine, from) => {
        machine.docker.answer('', byCommands(from));
        return Promise.resolve();
      },
    ],
  ];

  it.each(ways)('tells by %s what it has cached', async (_, offer) => {
    const machine = new Machine();
    await machine.engine();
    await offer(machine, recording());
    expect(told(await load(machine.source()), SHORT)).toEqual(CACHED);
  });

  it('does not promise what a running build keeps from being found, until it ends', async () => {
    const machine = new Machine();
    await machine.engine();
    const { builds, records } = recording(['first']);
    const [first] = builds;
    if (first === undefined) throw new Error('there is a build');
    const running = {
      ...first,
      listed: { ...first.listed, ref: 'runs', completedAt: undefined },
      provenance: undefined,
    };
    const builder = await machine.builder('', { builds: [running, first], records });
    const source = machine.source();
    const verdicts = async () => told(await load(source), SHORT).map((line) => line.split(': ').at(-1));
    const open = 'may-hit, record-unexplained';
    expect(await verdicts()).toEqual(['cached, image-present', open, open]);
    builder.recording = { builds: [first], records };
    const kept = 'cached, same-as-build';
    expect(await verdicts()).toEqual(['cached, image-present', kept, kept]);
  });

  it.each(ways)('tells by %s of a step that never ran', async (_, offer) => {
    const machine = new Machine();
    await machine.engine();
    await offer(machine, recording());
    const text = SHORT.replace('echo one', 'echo none');
    expect(told(await load(machine.source()), text).at(-1)).toMatch(/: rebuild, never-built$/);
  });

  it.each(ways)('tells by %s of both forms of provenance', async (_, offer) => {
    for (const name of ['first', 'again', 'slsa1'] as const) {
      const machine = new Machine();
      await machine.engine();
      await offer(machine, recording([name]));
      expect(told(await load(machine.source()), SHORT)).toEqual(CACHED);
    }
  });

  it.each(ways)('does not say by %s what a failed build left', async (_, offer) => {
    const machine = new Machine();
    await machine.engine();
    await offer(machine, recording(['failed']));
    const text = 'FROM busybox:1\nRUN echo before\n';
    expect(told(await load(machine.source()), text).at(-1)).toBe('RUN echo before: may-hit, record-unexplained');
  });

  it('has the images of the engine, the sizes and the clock', async () => {
    const machine = new Machine();
    const engine = await machine.engine();
    await machine.builder('', recording());
    expect(evidence(await load(machine.source()))).toMatchObject({
      builder: { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: '0.25.2' },
      platform: 'linux/amd64',
      store: 'graphdriver',
      clockOffset: 0,
      clockMargin: 0,
    });
    expect(engine.asked).toContain('busybox:1');
  });

  it('is another one where the store is that of containerd', async () => {
    const machine = new Machine();
    const info = { DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] };
    await machine.engine({ 'busybox:1': IMAGE }, info);
    await machine.builder('', recording());
    const result = await load(machine.source());
    // layers have compressed digests there, and an image is known by its manifest
    expect(evidence(result)).toMatchObject({ store: 'containerd', layerBytes: new Map() });
    expect(told(result, SHORT)[1]).toBe('WORKDIR /app: may-hit, parent-uncertain');
  });

  it('is told by the engine release where it does not say its own', async () => {
    const machine = new Machine();
    await machine.engine();
    await machine.builder('', recording(), 'worker-1', 'v0.0.0+unknown');
    expect(evidence(await load(machine.source())).builder.buildkitVersion).toBe('0.25.2');
  });
});

describe('a builder in a container', () => {
  async function big(from: Recording, images: Readonly<Record<string, unknown>> = { 'busybox:1': IMAGE }) {
    const machine = new Machine();
    note(machine, 'big', 'docker-container');
    const engine = await machine.engine(images);
    await machine.builder('big', from);
    return { machine, engine };
  }

  it('fetches its own images', async () => {
    const { machine, engine } = await big(recording());
    const result = await load(machine.source({ builder: 'big' }));
    expect(told(result, SHORT)).toEqual([
      'FROM busybox:1 AS base: may-hit, image-not-local',
      'WORKDIR /app: may-hit, not-covered',
      'RUN echo one > one &&     echo "two \\"q\\" $HOME": may-hit, not-covered',
    ]);
    expect(engine.asked).toEqual([]);
  });

  const pinned = SHORT.replace('busybox:1', `busybox:1@${DIGEST}`);
  const named = `busybox:1@${DIGEST}`;
  const image = { ...Object(IMAGE), RepoDigests: [`busybox@${DIGEST}`] } as unknown;

  it('has the image that a digest names, when it used it before', async () => {
    const { machine } = await big(pinnedTo(DIGEST), { [named]: image });
    const result = await load(machine.source({ builder: 'big' }), pinned);
    expect(told(result, pinned).map((line) => line.replace(/@sha256:\w+/, ''))).toEqual(CACHED);
  });

  it('may have to fetch the image of a digest that it never used', async () => {
    const { machine } = await big(pinnedTo(`sha256:${'cd'.repeat(32)}`), { [named]: image });
    const result = await load(machine.source({ builder: 'big' }), pinned);
    expect(told(result, pinned)[0]).toMatch(/: may-hit, image-not-local$/);
    expect(told(result, pinned).join()).not.toContain(': cached');
  });

  it('is not known of where nobody has the image of the digest', async () => {
    const { machine } = await big(pinnedTo(DIGEST), {});
    const result = await load(machine.source({ builder: 'big' }), pinned);
    expect(told(result, pinned)[0]).toMatch(/: may-hit, image-not-local$/);
  });

  it('has the clock of its engine, but a store and a version of its own', async () => {
    const { machine } = await big(recording());
    const info = evidence(await load(machine.source({ builder: 'big' })));
    expect(info).toMatchObject({ store: 'containerd', layerBytes: new Map(), clockMargin: 0, clockOffset: 0 });
    expect(info.builder).toMatchObject({ name: 'big', buildkitVersion: '0.25.2' });
  });

  it('has no version when it does not say it', async () => {
    const machine = new Machine();
    note(machine, 'big', 'docker-container');
    await machine.engine();
    await machine.builder('big', recording(), 'worker-1', '');
    expect(evidence(await load(machine.source({ builder: 'big' }))).builder.buildkitVersion).toBeNull();
  });

  it('is chosen by BUILDX_BUILDER and by "docker buildx use"', async () => {
    const machine = new Machine();
    note(machine, 'big', 'docker-container');
    await machine.engine();
    await machine.builder('', recording());
    const env = { ...machine.env, BUILDX_BUILDER: 'big' };
    expect(evidence(await load(machine.source({ env }))).builder.name).toBe('big');
    put(machine.folder, {
      'config/buildx/current': JSON.stringify({ Key: machine.env['DOCKER_HOST'], Name: 'big', Global: false }),
    });
    expect(evidence(await load(machine.source())).builder.name).toBe('big');
    expect(evidence(await load(machine.source())).store).toBe('containerd');
  });
});

describe('a builder elsewhere', () => {
  it.each(['remote', 'kubernetes', 'cloud'])('has a clock that nobody measured (%s)', async (driver) => {
    const machine = new Machine();
    note(machine, 'far', driver, 'tcp://far:1234');
    await machine.engine();
    await machine.builder('far', recording());
    const info = evidence(await load(machine.source({ builder: 'far' })));
    expect(info).toMatchObject({ clockMargin: 300_000, store: 'containerd' });
  });

  it('needs no engine here', async () => {
    const machine = new Machine();
    note(machine, 'far', 'remote', 'tcp://far:1234');
    await machine.builder('far', recording());
    const result = await load(machine.source({ builder: 'far' }));
    expect(evidence(result).builder).toEqual({
      kind: 'buildkit',
      name: 'far',
      engineVersion: null,
      buildkitVersion: '0.25.2',
    });
    expect(told(result, SHORT)[0]).toBe('FROM busybox:1 AS base: may-hit, image-not-local');
  });
});

describe('several builders', () => {
  it('have histories of their own', async () => {
    const machine = new Machine();
    await machine.engine();
    note(machine, 'big', 'docker-container');
    note(machine, 'small', 'docker-container');
    const big = await machine.builder('big', recording(), 'worker-big');
    await machine.builder('small', NONE, 'worker-small');
    const refs = async (builder: string) =>
      evidence(await load(machine.source({ builder })))
        .builds.map(({ ref }) => ref)
        .sort();
    expect(await refs('big')).toEqual(['again', 'failed', 'first', 'slsa1']);
    expect(await refs('small')).toEqual([]);
    // what a builder forgot is still remembered of it, and of no other
    big.recording = NONE;
    expect(await refs('big')).toEqual(['again', 'failed', 'first', 'slsa1']);
    expect(await refs('small')).toEqual([]);
  });

  it('have them also when they are asked by commands, which do not tell one cache from another', async () => {
    const answers: Answers = byCommands(recording(['first']), { 'buildx du --format json': { out: '' } });
    const machine = new Machine({ big: answers, small: byCommands(NONE, { 'buildx du --format json': { out: '' } }) });
    await machine.engine();
    note(machine, 'big', 'docker-container');
    note(machine, 'small', 'docker-container');
    expect(evidence(await load(machine.source({ builder: 'big' }))).builds).toHaveLength(1);
    expect(evidence(await load(machine.source({ builder: 'small' }))).builds).toEqual([]);
    machine.docker.answer('big', byCommands(NONE, { 'buildx du --format json': { out: '' } }));
    expect(evidence(await load(machine.source({ builder: 'big' }))).builds).toEqual([]);
  });
});

it('knows the context folder of a build from what buildx notes of it', async () => {
  const machine = new Machine();
  await machine.engine();
  await machine.builder('', recording(['first']));
  const folder = join(machine.folder, 'shop');
  put(machine.folder, {
    'config/buildx/refs/default/default/first': JSON.stringify({ LocalPath: folder, DockerfilePath: 'Dockerfile' }),
  });
  expect(evidence(await load(machine.source())).builds[0]?.contextPath).toBe(folder);
  expect(recorded('history.jsonl')).toContain('default/default/first');
});
