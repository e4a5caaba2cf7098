import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BuildahEvidence } from '../../../../core/buildah/imageStore';
import { EvidenceSource, type EvidenceResult } from '../../../../core/node/engines/loadEvidence';
import { PodmanAccess } from '../../../../core/node/engines/podman';
import { FileHistoryStore } from '../../../../core/node/store/historyStore';
import { LayerStore } from '../../../../core/node/store/layerStore';
import { PLAIN_REQUEST } from '../../../../core/plan/graph';
import { imagesOf } from '../../../../core/predict/project';
import { folderOf } from '../folder';
import { FakePodman, podmanImage, type PodmanAnswers } from './fakePodman';
import { failure, told } from './setup';

const BASE = podmanImage('base', ['base']);
const MADE = podmanImage('made', ['base', '|1 TOKEN=secret /bin/sh -c make'], { Parent: 'base' });
const TEXT = 'FROM busybox:1\nARG TOKEN=secret\nRUN make\n';

/** A machine with this podman; its PATH has nothing else. */
function machine(answers: PodmanAnswers = { images: [BASE, MADE], names: { 'busybox:1': 'base' } }) {
  const folder = folderOf();
  const podman = new FakePodman(folder, answers);
  const env: NodeJS.ProcessEnv = { PATH: podman.path };
  const state = join(folder, 'state');
  const source = (more: NodeJS.ProcessEnv = {}) => {
    const choice = { program: 'docker', builder: undefined, env: { ...env, ...more }, wanted: 'buildah' as const };
    const made = new EvidenceSource(choice, new FileHistoryStore(state), new LayerStore(state));
    onTestFinished(() => made.close());
    return made;
  };
  return { folder, state, podman, env, source };
}
const load = (source: EvidenceSource, text = TEXT): Promise<EvidenceResult> =>
  source.load((known) => imagesOf(text, PLAIN_REQUEST, 'linux/amd64', known));

function evidence(result: EvidenceResult): BuildahEvidence {
  if (result.kind !== 'buildah') throw new Error(failure(result));
  return result.evidence;
}

describe('the store of Podman', () => {
  it('is read with version, platform and all that decides a build', async () => {
    const { source } = machine();
    const all = evidence(await load(source()));
    expect(all).toMatchObject({
      builder: { kind: 'buildah', name: '', engineVersion: '5.8.6', buildkitVersion: null, chosenBy: 'chosen' },
      ...{ platform: 'linux/amd64', usesLayers: true },
    });
    expect(all.images.map(({ id }) => id)).toEqual(['base', 'made']);
    expect(all.named.get('busybox:1')).toEqual({
      ...{
        id: 'base',
        digest: 'sha256:digest-of-base',
        layers: ['sha256:layer0'],
        platform: 'linux/amd64',
        bytes: 1234,
      },
      created: BigInt(Date.parse('2026-01-01T00:00:00Z')) * 1_000_000n + 123_456_789n,
      history: [
        { created: '2026-01-01T00:00:00.000000001Z', createdBy: 'base', comment: '', author: '', isEmpty: false },
      ],
      format: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        env: ['PATH=/bin'],
        workingDir: '/w',
        user: 'me',
        labels: { a: '1' },
        ports: ['80/tcp'],
        onbuild: ['RUN t'],
      },
    });
  });

  it('is that of the engine, where Podman is only a client', async () => {
    const version = {
      Client: { Version: '4.0.0', OsArch: 'darwin/arm64' },
      Server: { Version: '5.8.6', OsArch: 'linux/arm64' },
    };
    expect(evidence(await load(machine({ version }).source()))).toMatchObject({
      ...{ platform: 'linux/arm64', builder: { engineVersion: '5.8.6' } },
    });
  });

  it('has ids with and without their kind', async () => {
    const { source } = machine({ images: [{ ...BASE, Id: 'sha256:base' }], names: { 'busybox:1': 'sha256:base' } });
    expect(evidence(await load(source())).named.get('busybox:1')?.id).toBe('base');
  });

  it('is asked for each image once', async () => {
    const { source, podman } = machine();
    const one = source();
    await load(one);
    const more = podmanImage('more', ['base', 'x'], { Parent: 'base' });
    podman.answer({ images: [BASE, MADE, more], names: { 'busybox:1': 'base' } });
    expect(evidence(await load(one)).images).toHaveLength(3);
    await load(one);
    const inspections = podman.calls().filter((call) => call.startsWith('image inspect') && !call.includes(' -- '));
    expect(inspections).toEqual(['image inspect made', 'image inspect more']);
    expect(podman.calls().filter((call) => call.startsWith('version'))).toHaveLength(1);
  });

  it('is asked for each image once, whoever wants to know', async () => {
    const { source, podman } = machine();
    await load(source());
    const others = await Promise.all([load(source()), load(source())]);
    for (const other of others) expect(evidence(other).images.map(({ id }) => id)).toEqual(['base', 'made']);
    const of = (id: string): number => podman.calls().filter((call) => call === `image inspect ${id}`).length;
    expect([of('base'), of('made')]).toEqual([0, 1]);
    // another store may be behind another environment
    await load(source({ CONTAINERS_STORAGE_CONF: '/other' }));
    expect(of('made')).toBe(2);
  });

  it('is asked only for images that may stand on what the Dockerfile names', async () => {
    const other = podmanImage('other', ['other']);
    const onOther = podmanImage('on-other', ['other', 'x'], { Parent: 'other' });
    const { source, podman } = machine({ images: [BASE, MADE, other, onOther], names: { 'busybox:1': 'base' } });
    expect(evidence(await load(source())).images.map(({ id }) => id)).not.toContain('on-other');
    expect(podman.calls().join('\n')).not.toContain('on-other');
  });

  it('is asked for what stands on scratch, where the first layer comes after a step without one', async () => {
    const work = podmanImage('work', ['WORKDIR /w'], { RootFS: { Layers: [] } });
    const first = podmanImage('first', ['WORKDIR /w', 'COPY a'], { RootFS: { Layers: ['sha256:layer0'] } });
    const second = podmanImage('second', ['WORKDIR /w', 'COPY a', 'COPY b'], {
      ...{ Parent: 'first', RootFS: { Layers: ['sha256:layer0', 'sha256:layer1'] } },
    });
    const { source } = machine({ images: [work, first, second] });
    expect(evidence(await load(source(), 'FROM scratch\nWORKDIR /w\nCOPY a /\nCOPY b /\n')).images).toHaveLength(3);
  });

  it('has all that stands on the base, also where Podman lost the parent as another image went', async () => {
    const label = podmanImage('label', ['base', 'LABEL']);
    const copy = podmanImage('copy', ['base', 'LABEL', 'COPY'], { Parent: 'label' });
    const run = podmanImage('run', ['base', 'LABEL', 'COPY', 'RUN']);
    const end = podmanImage('end', ['base', 'LABEL', 'COPY', 'RUN', 'CMD'], { Parent: 'run' });
    const { source } = machine({ images: [BASE, label, copy, run, end], names: { 'busybox:1': 'base' } });
    const ids = evidence(await load(source())).images.map(({ id }) => id);
    expect(ids).toEqual(['base', 'label', 'copy', 'run', 'end']);
  });

  it('has all that stands on scratch, also where Podman lost a parent', async () => {
    const texts = ['COPY a', 'COPY b', 'COPY c', 'COPY d'];
    const images = [1, 2, 3, 4].map((steps) =>
      podmanImage(`s${steps}`, texts.slice(0, steps), steps === 4 ? { Parent: 's3' } : {}),
    );
    const { source } = machine({ images });
    const found = evidence(await load(source(), `FROM scratch\n${texts.map((text) => `${text} /\n`).join('')}`)).images;
    expect(found.map(({ id }) => id)).toEqual(['s1', 's2', 's3', 's4']);
  });

  it('has an image that can only be read when it is asked for again, and goes on without one that cannot', async () => {
    const answers = { images: [BASE, MADE], names: { 'busybox:1': 'base' } };
    const words = 'Error: layer not known';
    const once = machine({ ...answers, unreadable: { made: { words, times: 1 } } });
    expect(evidence(await load(once.source())).images.map(({ id }) => id)).toEqual(['base', 'made']);
    const never = machine({ ...answers, unreadable: { made: { words } } });
    expect(evidence(await load(never.source())).images.map(({ id }) => id)).toEqual(['base']);
  });

  it('forgets an image that is gone, and reads it again when it comes back', async () => {
    const { source, podman } = machine();
    const one = source();
    await load(one);
    const names = { 'busybox:1': 'base' };
    podman.answer({ images: [BASE], names });
    expect(evidence(await load(one)).images.map(({ id }) => id)).toEqual(['base']);
    podman.answer({ images: [BASE, MADE], names });
    expect(evidence(await load(one)).images).toHaveLength(2);
    expect(podman.calls().filter((call) => call === 'image inspect made')).toHaveLength(2);
  });

  it('is read without an image that is removed meanwhile', async () => {
    const { source } = machine({ images: [BASE, MADE], removed: ['gone'], names: { 'busybox:1': 'base' } });
    expect(evidence(await load(source())).images.map(({ id }) => id)).toEqual(['base', 'made']);
  });

  it('knows of names that stand for nothing', async () => {
    const { source } = machine({ images: [BASE], names: { 'busybox:1': 'base' } });
    const { named } = evidence(await load(source(), 'FROM busybox:1\nCOPY --from=other a /\n'));
    expect([...named].map(([name, image]) => [name, image?.id]).sort()).toEqual([
      ['busybox:1', 'base'],
      ['other', undefined],
    ]);
  });

  it('is asked for images that triggers name', async () => {
    const base = { ...BASE, Config: { OnBuild: ['COPY --from=tools:1 /t /t'] } };
    const { source } = machine({ images: [base, MADE], names: { 'busybox:1': 'base', 'tools:1': 'made' } });
    expect([...evidence(await load(source())).named.keys()]).toEqual(['busybox:1', 'tools:1']);
  });

  it('does not take a name for an option', async () => {
    const { source, podman } = machine({ images: [BASE] });
    await load(source(), 'FROM -x\n');
    const calls = podman.calls().filter((call) => call.startsWith('image inspect') && / -/.test(call));
    expect(calls).toEqual(['image inspect -- -x']);
  });

  it('is not looked up in without layers', async () => {
    const { source } = machine();
    expect(evidence(await load(source({ BUILDAH_LAYERS: 'false' }))).usesLayers).toBe(false);
    expect(evidence(await load(source({ BUILDAH_LAYERS: 'true' }))).usesLayers).toBe(true);
  });

  it('says of a build what it has cached', async () => {
    const images = [
      podmanImage('base', ['base'], { Config: {} }),
      podmanImage('arg', ['base', '/bin/sh -c #(nop) ARG TOKEN'], {
        Parent: 'base',
        RootFS: { Layers: ['sha256:layer0'] },
      }),
      podmanImage('made', ['base', '/bin/sh -c #(nop) ARG TOKEN', '|1 TOKEN=secret /bin/sh -c make'], {
        Parent: 'arg',
        RootFS: { Layers: ['sha256:layer0', 'sha256:layer1'] },
      }),
    ].map((one) => {
      const history = (one['History'] as { created_by: string }[]).map((entry) =>
        entry.created_by.includes('#(nop)') ? { ...entry, empty_layer: true } : entry,
      );
      return { ...one, History: history };
    });
    const { source } = machine({ images, names: { 'busybox:1': 'base' } });
    const lines = told(await load(source()), TEXT);
    expect(lines).toEqual([
      'FROM busybox:1: cached, image-present',
      'ARG TOKEN=secret: cached, same-as-build',
      'RUN make: cached, same-as-build',
    ]);
    expect(told(await load(source()), TEXT.replace('RUN make', 'RUN other')).at(-1)).toBe(
      'RUN other: rebuild, never-built',
    );
  });
});

describe('what Podman says of builds', () => {
  it('is not written down: it holds values of arguments', async () => {
    const { source, state } = machine();
    await load(source());
    const found = existsSync(state)
      ? execFileSync('grep', ['-rlE', 'secret|TOKEN', state, '--'], { encoding: 'utf8' })
      : '';
    expect(found).toBe('');
  });
});

describe('a Podman that cannot be asked', () => {
  it('is one that is not there', async () => {
    const { folder } = machine();
    const choice = {
      program: 'docker',
      builder: undefined,
      env: { PATH: join(folder, 'none') },
      wanted: 'buildah' as const,
    };
    const source = new EvidenceSource(choice, new FileHistoryStore(folder), new LayerStore(folder));
    onTestFinished(() => source.close());
    const result = await load(source);
    expect(failure(result)).toMatch(/^not-found: The program "podman" was not found/);
    expect(result).toMatchObject({ builder: { kind: 'buildah', engineVersion: null } });
  });

  it.skipIf(process.platform === 'win32')('is one that may not be executed', async () => {
    const { podman, source } = machine();
    chmodSync(join(podman.path, 'podman'), 0o644);
    expect(failure(await load(source()))).toMatch(/^permission-denied: /);
  });

  it('is one that may not read its store', async () => {
    const { source } = machine({ fails: 'Error: open /var/lib/containers/storage.lock: permission denied' });
    expect(failure(await load(source()))).toMatch(/^permission-denied: Podman may not read its store: Error: open/);
  });

  it('is one that has no machine', async () => {
    const { source } = machine({ fails: 'Cannot connect to Podman. Please verify your connection' });
    expect(failure(await load(source()))).toMatch(/^not-reachable: .*Cannot connect to Podman/);
  });

  it.each(['', 'WARN: nothing', '{"Client":', 'null', '[]', '"text"', '[{"Id":7}]'])(
    'or prints something else tells of nothing: %j',
    async (garbage) => {
      const result = await load(machine({ garbage }).source());
      if (result.kind === 'buildah') expect(result.evidence.images.flatMap(({ history }) => history)).toEqual([]);
      else expect(failure(result)).toMatch(/^not-reachable: Podman could not be asked/);
    },
  );

  it('is asked again, and may answer then', async () => {
    const { source, podman } = machine({ fails: 'Error: busy' });
    const one = source();
    expect(failure(await load(one))).toMatch(/busy/);
    podman.answer({ images: [BASE], names: { 'busybox:1': 'base' } });
    expect(evidence(await load(one)).images).toHaveLength(1);
  });

  it('does not go on when nobody wants to know any more', async () => {
    const { podman, env } = machine();
    const access = new PodmanAccess({ program: 'docker', builder: undefined, env });
    writeFileSync(join(podman.path, 'podman'), `#!${process.execPath}\nsetInterval(() => {}, 1000);\n`);
    const started = Date.now();
    await expect(access.read(() => [], '', AbortSignal.timeout(200))).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('images of an odd shape', () => {
  it.each([
    ['without history', { History: null }],
    ['without layers', { RootFS: null }],
    ['without configuration', { Config: null }],
    ['with labels that are none', { Config: { Labels: null, Env: 'x', OnBuild: [7] } }],
    ['without times and size', { Created: undefined, Size: 'big' }],
    ['of a time that is none', { Created: 'yesterday' }],
  ])('are read all the same: %s', async (_, changes) => {
    const { source } = machine({
      images: [podmanImage('base', ['base'], changes), MADE],
      names: { 'busybox:1': 'base' },
    });
    expect(evidence(await load(source())).images.map(({ id }) => id)).toEqual(['base', 'made']);
  });
});
