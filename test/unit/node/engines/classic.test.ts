import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClassicEvidence } from '../../../../core/classic/imageStore';
import { EMPTY_CONFIG } from '../../../../core/classic/stepConfig';
import { EvidenceSource, type EvidenceResult } from '../../../../core/node/engines/loadEvidence';
import { FileHistoryStore } from '../../../../core/node/store/historyStore';
import { LayerStore } from '../../../../core/node/store/layerStore';
import { put } from '../folder';
import type { FakeEngine } from './fakeEngine';
import { failure, load, Machine, told } from './setup';

const SHELL = ['/bin/sh', '-c'];
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const TEXT = 'FROM busybox:1\nARG TOKEN\nRUN make\n';

/** An image as the engine inspects it. */
const image = (id: string, command: readonly string[] | null, changes: Readonly<Record<string, unknown>> = {}) => ({
  ...{ Id: id, Created: '2026-01-01T00:00:00.123456789Z', Os: 'linux', Architecture: 'amd64', Size: 4321 },
  Config: { Env: [PATH] },
  ...(command === null ? {} : { ContainerConfig: { Env: [PATH], Cmd: command } }),
  ...changes,
});
const listed = (id: string, parent: string, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ Id: id, ParentId: parent, RepoTags: null, RepoDigests: null },
  ...more,
});

const ARG = [...SHELL, '#(nop) ', 'ARG TOKEN'];
const RUN = ['|1', 'TOKEN=secret', ...SHELL, 'make'];
const BASE = image('base', null);
const IMAGES = { 'busybox:1': BASE, base: BASE, arg: image('arg', ARG), run: image('run', RUN) };
const LISTED = [listed('run', 'arg'), listed('arg', 'base'), listed('base', '', { RepoTags: ['busybox:1'] })];

/** A machine whose docker has no buildx, with an engine that holds these images. */
async function machine(
  images: Readonly<Record<string, unknown>> = IMAGES,
  all: readonly unknown[] = LISTED,
  info = {},
) {
  const made = new Machine({
    '': { '--version': { out: 'Docker version 28.5.2, build x\n' }, 'version *': { out: '28.5.2\n' } },
  });
  const engine = await made.engine(images, info);
  engine.listed = all;
  return { made, engine };
}

function source(made: Machine, env: NodeJS.ProcessEnv = {}): EvidenceSource {
  const state = join(made.folder, 'state');
  const choice = {
    program: made.docker.program,
    builder: undefined,
    env: { ...made.env, ...env },
    wanted: 'classic' as const,
  };
  const one = new EvidenceSource(choice, new FileHistoryStore(state), new LayerStore(state));
  onTestFinished(() => one.close());
  return one;
}

function evidence(result: EvidenceResult): ClassicEvidence {
  if (result.kind !== 'classic') throw new Error(failure(result));
  return result.evidence;
}

async function read(made: Machine, text = TEXT): Promise<ClassicEvidence> {
  return evidence(await load(source(made), text));
}

describe('the images of an engine', () => {
  it('are read with all that decides a classic build', async () => {
    const { made, engine } = await machine();
    const all = await read(made);
    expect(all).toMatchObject({
      builder: { kind: 'classic', engineVersion: '28.5.2', buildkitVersion: null, chosenBy: 'chosen' },
      ...{ platform: 'linux/amd64', store: 'graphdriver', clockOffset: 0, clockMargin: 0, typeBits: false },
    });
    expect(all.named.get('busybox:1')).toMatchObject({ id: 'base', parent: '', isTagged: true, isPulled: false });
    expect(all.images.find(({ id }) => id === 'run')).toEqual({
      ...{ id: 'run', parent: 'arg', command: RUN, text: RUN.join(' '), platform: 'linux/amd64', bytes: 4321 },
      created: BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n + 123_456_789n,
      stepConfig: { ...EMPTY_CONFIG, env: [PATH] },
      config: { ...EMPTY_CONFIG, env: [PATH] },
      ...{ isTagged: false, isPulled: false },
    });
    // a later API does not tell what an image was looked up by
    expect([...engine.spoken].sort()).toEqual(['', '1.44']);
  });

  it('are asked for by the API that an old engine speaks', async () => {
    const { made, engine } = await machine();
    engine.api = '1.41';
    await read(made);
    expect([...engine.spoken]).toEqual(['']);
  });

  it('are those on what the Dockerfile names, and those on nothing', async () => {
    const more = { other: image('other', RUN), far: image('far', RUN), root: image('root', ARG) };
    const all = [...LISTED, listed('other', 'elsewhere'), listed('far', 'other'), listed('root', '')];
    const { made, engine } = await machine({ ...IMAGES, ...more }, all);
    expect((await read(made)).images.map(({ id }) => id).sort()).toEqual(['arg', 'base', 'root', 'run']);
    expect(engine.asked).not.toContain('far');
  });

  it('are asked for once each', async () => {
    const { made, engine } = await machine();
    const one = source(made);
    await load(one, TEXT);
    const before = engine.asked.length;
    await load(one, TEXT);
    // names may stand for another image
    expect(engine.asked.slice(before)).toEqual(['busybox:1']);
    expect(engine.asked.filter((id) => id === 'run')).toHaveLength(1);
    engine.images = { ...IMAGES, more: image('more', RUN) };
    engine.listed = [...LISTED, listed('more', 'run')];
    const again = engine.asked.length;
    expect(evidence(await load(one, TEXT)).images).toHaveLength(4);
    expect(engine.asked.slice(again)).toEqual(['busybox:1', 'more']);
  });

  it('are without those that are gone', async () => {
    const { made, engine } = await machine();
    const one = source(made);
    await load(one, TEXT);
    engine.listed = LISTED.slice(1);
    expect(
      evidence(await load(one, TEXT))
        .images.map(({ id }) => id)
        .sort(),
    ).toEqual(['arg', 'base']);
  });

  it('are without one that is removed while they are read', async () => {
    const { made } = await machine({ ...IMAGES, run: undefined });
    expect((await read(made)).images.map(({ id }) => id).sort()).toEqual(['arg', 'base']);
  });

  it('are without one that is being removed at that moment, and none of the others is lost for it', async () => {
    const { made, engine } = await machine({ ...IMAGES, run: undefined });
    // what the engine says between removing an image and its layers
    engine.failures = { run: [{ status: 500, message: 'layer does not exist' }] };
    expect((await read(made)).images.map(({ id }) => id).sort()).toEqual(['arg', 'base']);
  });

  it('are not there at all where one of them stays unreadable', async () => {
    const { made, engine } = await machine();
    const broken = { status: 500, message: 'layer does not exist' };
    engine.failures = { run: [broken, broken] };
    const result = await load(source(made), TEXT);
    expect(result.kind).toBe('none');
    expect(failure(result)).toContain('layer does not exist');
  });

  it('have their names and where they come from as the engine lists them now', async () => {
    const { made, engine } = await machine();
    const one = source(made);
    await load(one, TEXT);
    engine.listed = [
      listed('base', '', { RepoTags: ['<none>:<none>'], RepoDigests: ['busybox@sha256:1'] }),
      listed('arg', 'base', { RepoTags: ['x:1'], RepoDigests: ['<none>@<none>'] }),
    ];
    const all = evidence(await load(one, TEXT)).images;
    expect(all.map(({ id, isTagged, isPulled }) => [id, isTagged, isPulled]).sort()).toEqual([
      ['arg', true, false],
      ['base', false, true],
    ]);
  });

  it('are known by name, or not at all', async () => {
    const { made } = await machine();
    const { named } = await read(made, 'FROM busybox:1\nFROM nowhere:1\nRUN a\n');
    expect([...named].map(([name, one]) => [name, one?.id]).sort()).toEqual([
      ['busybox:1', 'base'],
      ['nowhere:1', undefined],
    ]);
  });

  it('are asked for where triggers name them', async () => {
    const base = image('base', null, { Config: { Env: [PATH], OnBuild: ['COPY --from=tools:1 /t /t'] } });
    const { made } = await machine({ ...IMAGES, base, 'busybox:1': base, 'tools:1': IMAGES.arg });
    expect([...(await read(made)).named.keys()]).toEqual(['busybox:1', 'tools:1']);
  });

  it('tell the words of their history where the store is that of containerd', async () => {
    const images = { ...IMAGES, run: image('run', null, { Config: { Env: ['A=1'] } }), arg: image('arg', null) };
    const info = { DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] };
    const { made, engine } = await machine(images, LISTED, info);
    engine.histories = { run: [{ CreatedBy: RUN.join(' ') }, { CreatedBy: 'below' }] };
    const all = await read(made);
    expect(all.store).toBe('containerd');
    expect(all.images.find(({ id }) => id === 'run')).toMatchObject({
      ...{ command: undefined, text: RUN.join(' '), stepConfig: { env: ['A=1'] } },
    });
    expect(all.images.find(({ id }) => id === 'arg')).toMatchObject({ command: undefined, text: '' });
  });

  it('have configurations in full', async () => {
    const Config = {
      ...{ Env: ['A=1'], Labels: { l: '1' }, Volumes: { '/v': {} }, OnBuild: ['RUN x'], WorkingDir: '/w', User: 'me' },
      ...{ Shell: ['/bin/ash'], AttachStdin: true, ArgsEscaped: true },
      Healthcheck: { Test: ['CMD', 'a'], Interval: 1, Timeout: 2, StartPeriod: 3, StartInterval: 4, Retries: 5 },
    };
    const { made } = await machine({
      ...IMAGES,
      run: image('run', RUN, { Config, ContainerConfig: { ...Config, Cmd: RUN } }),
    });
    const config = {
      ...{ env: ['A=1'], labels: { l: '1' }, volumes: ['/v'], onbuild: ['RUN x'], workingDir: '/w', user: 'me' },
      ...{ shell: ['/bin/ash'], flags: '10000001' },
      healthcheck: { test: ['CMD', 'a'], interval: 1, timeout: 2, startPeriod: 3, startInterval: 4, retries: 5 },
    };
    expect((await read(made)).images.find(({ id }) => id === 'run')).toMatchObject({ config, stepConfig: config });
  });

  it.each([
    ['nothing but an id', { Id: 'run' }],
    ['null', { Id: 'run', Config: null, ContainerConfig: null, Created: null, Size: null, Os: null }],
    ['other types', { Id: 'run', Config: 'x', ContainerConfig: [], Created: 7, Size: 'big', Os: {} }],
    ['command that is none', { Id: 'run', ContainerConfig: { Cmd: 'make' } }],
  ])('are read all the same when one is odd: %s', async (_, odd) => {
    const { made } = await machine({ ...IMAGES, run: odd });
    expect((await read(made)).images.map(({ id }) => id).sort()).toEqual(['arg', 'base', 'run']);
  });

  it.each([[null], ['text'], [[null]], [[7]], [{}]])('are none where the list is odd: %j', async (list) => {
    const { made, engine } = await machine();
    engine.listed = list as unknown[];
    expect((await read(made)).images.filter(({ id }) => id !== '')).toEqual([]);
  });
});

describe('a classic build', () => {
  it('is told with the arguments of the images', async () => {
    const { made } = await machine();
    expect(told(await load(source(made), 'FROM busybox:1\nARG TOKEN\nRUN make\n'), TEXT)).toEqual([
      'FROM busybox:1: cached, image-present',
      'ARG TOKEN: cached, same-as-build',
      'RUN make: rebuild, argument-changed',
    ]);
  });

  it('leaves nothing of these on disk', async () => {
    const { made } = await machine();
    await read(made);
    const state = join(made.folder, 'state');
    const found = existsSync(state) ? execFileSync('grep', ['-rl', 'secret', state, '--'], { encoding: 'utf8' }) : '';
    expect(found).toBe('');
  });

  it('has the proxies of the configuration of docker', async () => {
    const { made } = await machine();
    put(made.folder, { 'config/config.json': JSON.stringify({ proxies: { default: { httpProxy: 'p' } } }) });
    expect(Object.fromEntries((await read(made)).proxies)).toEqual({ HTTP_PROXY: 'p', http_proxy: 'p' });
  });
});

describe('the docker command', () => {
  it.each([
    ['Docker version 20.10.24+dfsg1, build 297e128', true],
    ['Docker version 23.0.6, build x', true],
    ['Docker version 24.0.0, build x', false],
  ])('%s writes the kind of files: %s', async (out, typeBits) => {
    const { made } = await machine();
    made.docker.answer('', { '--version': { out: `${out}\n` } });
    expect((await read(made)).typeBits).toBe(typeBits);
  });
});

describe('an engine that cannot be asked', () => {
  it('is named with its address', async () => {
    const made = new Machine();
    const result = await load(source(made), TEXT);
    expect(failure(result)).toMatch(/^not-reachable: No engine answers at unix:.*engine\.sock/);
    expect(result).toMatchObject({ builder: { kind: 'classic', engineVersion: null, chosenBy: 'chosen' } });
  });

  it('may answer later, and so may docker', async () => {
    const made = new Machine({ '': { '--version': { err: 'cannot say\n', code: 1 } } });
    const one = source(made);
    expect(failure(await load(one, TEXT))).toMatch(/No engine answers/);
    const engine: FakeEngine = await made.engine(IMAGES);
    engine.listed = LISTED;
    expect(failure(await load(one, TEXT))).toMatch(/cannot say/);
    made.docker.answer('', { '--version': { out: 'Docker version 20.10.24, build x\n' } });
    expect(evidence(await load(one, TEXT))).toMatchObject({ typeBits: true });
  });
});
