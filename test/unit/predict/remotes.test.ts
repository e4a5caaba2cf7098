import { describe, expect, it } from 'vitest';
import { NO_ANSWERS, type Answer, type GitCommit, type RemoteFile, type Remotes } from '../../../core/evidence/remotes';
import { commitKey, fileKey } from '../../../core/llb/fetchedKey';
import { PLAIN_REQUEST, type ImageInfo } from '../../../core/plan/graph';
import { networkNeeds } from '../../../core/predict/project';
import { Engine, stepsOf, told, type Now } from '../support/evidence';
import { imageInfo, stage } from '../support/plan';

const BUSYBOX = 'docker.io/library/busybox:1';
const D1 = `sha256:${'1'.repeat(64)}`;
const D2 = `sha256:${'2'.repeat(64)}`;
const LAYERS = [
  { digest: D1, bytes: 600 },
  { digest: D2, bytes: 400 },
];
const CHAIN = stage('RUN one', 'RUN two');
const ABSENT = { [BUSYBOX]: null };
const kinds = (lines: readonly string[]) => lines.map((line) => line.replace(/^.*?: /, ''));

/** A registry that has busybox as this. */
const registry = (answer: Answer<Partial<ImageInfo>>): Remotes => ({
  ...NO_ANSWERS,
  images: new Map([
    [`${BUSYBOX} linux/amd64`, 'failure' in answer ? answer : { found: imageInfo({ bytes: null, ...answer.found }) }],
  ]),
});
const has = (digest: string, more: Partial<ImageInfo> = {}): Remotes =>
  registry({ found: { digests: [digest], registryLayers: LAYERS, ...more } });
const from = (engine: Engine, now: Now) =>
  stepsOf(engine, CHAIN, now).find(({ instruction }) => instruction === 'FROM');

describe('an image that only the registry has', () => {
  const fetched = () => new Engine().build({ text: CHAIN, at: 1000, pulled: { [BUSYBOX]: D1 } });

  it('may be any, as long as the registry is not asked', () => {
    expect(kinds(told(fetched(), CHAIN, { images: ABSENT }))[0]).toBe('may-hit, not-covered');
  });

  it('is known by the digest that an earlier build fetched', () => {
    const now = { images: ABSENT, remotes: has(D1) };
    expect(kinds(told(fetched(), CHAIN, now))).toEqual(['cached, same-as-build', 'cached, same-as-build']);
    expect(from(fetched(), now)).toMatchObject({
      verdict: 'may-hit',
      reason: {
        code: 'image-not-local',
        message: expect.stringMatching(/the build will fetch it \(1 kB compressed\)/) as string,
      },
      size: { bytes: 1000, basis: 'estimate' },
      registryLayers: LAYERS,
    });
  });

  it('likely is another one when its digest is', () => {
    const now = { images: ABSENT, remotes: has(D2, { chainId: 'sha256:other' }) };
    expect(kinds(told(fetched(), CHAIN, now))[0]).toBe('likely rebuild, base-changed');
  });

  it('certainly is another one when the engine knows the layers of the earlier one', () => {
    const images = { 'docker.io/library/old:1': { digests: [D1], chainId: 'sha256:base' }, ...ABSENT };
    const now = { images, remotes: has(D2, { chainId: 'sha256:other' }) };
    expect(kinds(told(fetched(), CHAIN, now))[0]).toMatch(/^rebuild, /);
  });

  it('certainly is another one when the registry still knows the earlier one', () => {
    const remotes = has(D2, { chainId: 'sha256:other' });
    const wanted = networkNeeds({
      ...{ text: CHAIN, request: PLAIN_REQUEST, defaultPlatform: 'linux/amd64', remotes },
      evidence: fetched().evidence({ images: ABSENT }),
    });
    const earlier = `${BUSYBOX}@${D1}`;
    expect(wanted.images.map(({ reference }) => reference)).toEqual([BUSYBOX, earlier]);
    const found = imageInfo({ digests: [D1], chainId: 'sha256:first' });
    const both: Remotes = { ...remotes, images: new Map([...remotes.images, [`${earlier} linux/amd64`, { found }]]) };
    expect(kinds(told(fetched(), CHAIN, { images: ABSENT, remotes: both }))[0]).toMatch(/^rebuild, /);
  });

  it('may count by its layers when these are the same', () => {
    const images = { 'docker.io/library/old:1': { digests: [D1], chainId: 'sha256:base' }, ...ABSENT };
    expect(kinds(told(fetched(), CHAIN, { images, remotes: has(D2) }))[0]).toMatch(/^may-hit, /);
  });

  it('decides by its configuration', () => {
    const now = { images: ABSENT, remotes: has(D1, { env: ['A=2'] }) };
    expect(kinds(told(fetched(), CHAIN, now))[0]).toBe('rebuild, environment-changed');
  });

  it('has triggers', () => {
    const now = { images: ABSENT, remotes: has(D1, { onbuild: ['RUN trigger'] }) };
    expect(told(fetched(), CHAIN, now)[0]).toMatch(/^RUN trigger: rebuild/);
  });

  it('is not known when the registry does not say it, and the reason says why', () => {
    const now = { images: ABSENT, remotes: registry({ failure: 'r.io wants credentials' }) };
    expect(kinds(told(fetched(), CHAIN, now))[0]).toBe('may-hit, not-covered');
    expect(from(fetched(), now)?.reason.message).toMatch(/r\.io wants credentials/);
  });
});

describe('--pull of an image that the engine has', () => {
  const local = { [BUSYBOX]: { digests: [D1] } };
  const built = () => new Engine().build({ text: CHAIN, at: 1000, images: local });

  it('is open, as long as the registry is not asked', () => {
    expect(kinds(told(built(), CHAIN, { images: local, pull: true }))[0]).toBe('may-hit, not-covered');
  });

  it('finds its steps by the layers when nobody fetched that manifest before', () => {
    const now = { images: local, pull: true, remotes: has(D1) };
    expect(kinds(told(built(), CHAIN, now))).toEqual(['cached, same-as-build', 'cached, same-as-build']);
    expect(from(built(), now)).toMatchObject({ verdict: 'cached', reason: { code: 'image-present' } });
  });

  it('is open when a build fetched that manifest before', () => {
    const engine = built().build({ text: stage('RUN other'), at: 50_000, pulled: { [BUSYBOX]: D1 } });
    const now = { images: local, pull: true, remotes: has(D1) };
    expect(kinds(told(engine, CHAIN, now))[0]).toBe('may-hit, record-unexplained');
  });

  it('rebuilds on other layers', () => {
    const now = { images: local, pull: true, remotes: has(D2, { chainId: 'sha256:other' }) };
    expect(kinds(told(built(), CHAIN, now))).toEqual(['rebuild, base-changed', 'rebuild, parent-rebuilds of line 2']);
    expect(from(built(), now)).toMatchObject({ verdict: 'may-hit', reason: { code: 'base-changed' } });
  });

  it('is what the registry says in the containerd store, too', () => {
    const store = 'containerd' as const;
    const engine = () => new Engine().build({ text: CHAIN, at: 1000, pulled: { [BUSYBOX]: D1 } });
    const now = { images: local, pull: true, store };
    expect(kinds(told(engine(), CHAIN, { ...now, remotes: has(D1) }))[0]).toBe('cached, same-as-build');
    const moved = has(D2, { chainId: 'sha256:other' });
    expect(kinds(told(engine(), CHAIN, { ...now, remotes: moved }))[0]).toMatch(/^rebuild, /);
    expect(kinds(told(engine(), CHAIN, { ...now, remotes: has(D2) }))[0]).toMatch(/^may-hit, /);
  });
});

describe('a git repository', () => {
  const URL = 'https://h.io/r.git';
  const ADD = stage(`ADD ${URL}#main /s`, 'RUN end');
  const C1 = 'ab'.repeat(20);
  const C2 = 'cd'.repeat(20);
  const built = () => new Engine().build({ text: ADD, at: 1000, fetched: { [URL]: commitKey(C1, false) } });
  const at = (answer: Answer<GitCommit>, ref = 'main'): Remotes => ({
    ...NO_ANSWERS,
    commits: new Map([[`${URL}#${ref}`, answer]]),
  });

  it('may be anywhere, as long as the server is not asked', () => {
    expect(kinds(told(built(), ADD))[0]).toBe('may-hit, not-covered');
    expect(kinds(told(built(), ADD, { remotes: at({ failure: 'no git here' }) }))[0]).toBe('may-hit, not-covered');
  });

  it('is where it was', () => {
    const remotes = at({ found: { commit: C1, annotated: false } });
    expect(kinds(told(built(), ADD, { remotes }))).toEqual(['cached, same-as-build', 'cached, same-as-build']);
  });

  it('is elsewhere, perhaps with the same files', () => {
    const remotes = at({ found: { commit: C2, annotated: false } });
    expect(kinds(told(built(), ADD, { remotes }))[0]).toBe('likely rebuild, network-dependent');
  });

  it('is at a commit that an earlier build took under another name', () => {
    const text = ADD.replace('#main', '#v1');
    const remotes = at({ found: { commit: C1, annotated: true } }, 'v1');
    expect(kinds(told(built(), text, { remotes }))[0]).toBe('cached, same-as-build');
    // of an annotated tag later builders make another key
    expect(kinds(told(built(), text, { remotes, buildkit: '0.26.1' }))[0]).toBe('may-hit, not-covered');
    expect(kinds(told(built(), ADD.replace('#main', `#${C1}`)))[0]).toBe('cached, same-as-build');
  });

  it('is not what --checksum wants', () => {
    const text = ADD.replace('ADD', `ADD --checksum=${C2.slice(0, 8)}`);
    const remotes = at({ found: { commit: C1, annotated: false } });
    expect(kinds(told(built(), text, { remotes }))[0]).toBe('may-hit, not-covered');
  });
});

describe('a file of a web server', () => {
  const URL = 'https://h.io/f';
  const ADD = stage(`ADD ${URL} /f`, 'RUN end');
  const built = () => new Engine().build({ text: ADD, at: 1000, fetched: { [URL]: fileKey('f', D1) } });
  const serves = (answer: Answer<RemoteFile>): Remotes => ({ ...NO_ANSWERS, files: new Map([[URL, answer]]) });
  const now = (digest: string, hasEtag = false): Now => ({ remotes: serves({ found: { digest, hasEtag } }) });

  it('may be anything, as long as the server is not asked', () => {
    expect(kinds(told(built(), ADD))[0]).toBe('may-hit, network-dependent');
    expect(kinds(told(built(), ADD, { remotes: serves({ failure: 'gone' }) }))[0]).toBe('may-hit, network-dependent');
  });

  it('is what it was, whatever its time and version', () => {
    expect(kinds(told(built(), ADD, now(D1)))).toEqual(['cached, same-as-build', 'cached, same-as-build']);
    expect(kinds(told(built(), ADD, now(D1, true)))[0]).toBe('cached, same-as-build');
  });

  it('is another one', () => {
    expect(kinds(told(built(), ADD, now(D2)))[0]).toBe('rebuild, file-changed');
  });

  it('likely is another one where the builder asks for versions', () => {
    expect(kinds(told(built(), ADD, now(D2, true)))[0]).toBe('likely rebuild, network-dependent');
  });

  it('is the one that a checksum names', () => {
    expect(kinds(told(built(), ADD.replace('ADD', `ADD --checksum=${D1}`)))[0]).toBe('cached, same-as-build');
  });
});
