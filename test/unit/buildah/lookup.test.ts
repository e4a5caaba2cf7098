import { describe, expect, it } from 'vitest';
import type { StageEnd } from '../../../core/chain/walk';
import { HistoryIndex, type BuildahImage } from '../../../core/buildah/imageStore';
import { BuildahLookup } from '../../../core/buildah/lookup';
import { planBuildah } from '../../../core/buildah/plan';
import type { BuildahProbe } from '../../../core/buildah/probe';
import { BuildahFiles, BuildahStore } from '../support/buildah';

const plain = (text: string, more: Partial<BuildahProbe> = {}): BuildahProbe => ({
  ...{ text, hasLayer: true, mounts: [], stages: [] },
  ...more,
});

/** A store with images on its base; each text, with a layer or (`-` before it) without one. */
function storeOf(...texts: readonly string[]): BuildahStore {
  const store = new BuildahStore();
  const base = store.named.get('busybox:1');
  for (const text of texts) {
    const hasLayer = !text.startsWith('-');
    const entry = store.entry(text.replace(/^-/, ''), !hasLayer);
    const layers = [...(base?.layers ?? []), ...(hasLayer ? [`layer ${store.images.length}`] : [])];
    store.images.push(
      store.image({ id: `image${store.images.length}`, history: [...(base?.history ?? []), entry], layers }),
    );
  }
  return store;
}

function lookup(store: BuildahStore, files?: BuildahFiles, text = 'FROM busybox:1\n'): BuildahLookup {
  const evidence = store.evidence();
  const { stages } = planBuildah(text, {
    ...{ target: '', platform: 'linux/amd64', buildArgs: new Map<string, string>() },
    image: (name) => store.named.get(name)?.config,
  });
  return new BuildahLookup(evidence, new HistoryIndex(evidence), files?.copies(), stages);
}
const never = (): StageEnd | undefined => undefined;
const idOf = (store: BuildahStore, probe: BuildahProbe, parent = 'base'): string => {
  const found = lookup(store).find(parent, probe, never);
  return found.kind === 'hit' ? found.id : found.kind;
};

describe('what Buildah finds on an image', () => {
  it('is the newest whose history goes on with the text', () => {
    const store = storeOf('a', 'b', 'a');
    expect(idOf(store, plain('a'))).toBe('image2');
    expect(idOf(store, plain('b'))).toBe('image1');
    expect(idOf(store, plain('c'))).toBe('none');
    expect(idOf(store, plain('a'), 'other')).toBe('none');
  });

  it('has a layer more, or not', () => {
    const store = storeOf('a', '-b');
    expect(idOf(store, plain('a', { hasLayer: false }))).toBe('none');
    expect(idOf(store, plain('b', { hasLayer: false }))).toBe('image1');
    expect(idOf(store, plain('b'))).toBe('none');
  });

  it('has exactly the history and the layers of the parent', () => {
    const change = (changes: (image: BuildahImage) => Partial<BuildahImage>): string => {
      const store = storeOf('a');
      store.images = store.images.map((image) => ({ ...image, ...changes(image) }));
      return idOf(store, plain('a'));
    };
    const first = (changes: Partial<BuildahImage['history'][number]>) =>
      change(({ history }) => ({ history: history.map((one, index) => (index === 0 ? { ...one, ...changes } : one)) }));
    expect(change(() => ({}))).toBe('image0');
    expect(first({ created: '2026-01-01T00:00:00.000000009Z' })).toBe('none');
    expect(first({ comment: 'x' })).toBe('none');
    expect(first({ author: 'me' })).toBe('none');
    expect(change(({ layers }) => ({ layers: ['other', ...layers.slice(1)] }))).toBe('none');
    expect(change(() => ({ format: 'application/vnd.docker.distribution.manifest.v2+json' }))).toBe('none');
    expect(change(() => ({ platform: 'linux/arm64' }))).toBe('none');
  });

  it('is nothing on an image whose layers its history does not tell of', () => {
    const store = storeOf('a');
    const base = store.named.get('busybox:1');
    if (base !== undefined) store.named.set('busybox:1', { ...base, layers: [...base.layers, 'more'] });
    expect(idOf(store, plain('a'))).toBe('none');
  });

  it('stands on nothing from scratch', () => {
    const store = new BuildahStore().build('FROM scratch\nENV A=1\n');
    expect(idOf(store, plain('/bin/sh -c #(nop) ENV A=1', { hasLayer: false }), '')).toBe('image0');
  });
});

describe('a RUN with a mounted stage', () => {
  const text = (last: string) =>
    `FROM busybox:1 AS a\n${last}FROM busybox:1\nRUN --mount=type=bind,from=a,target=/x b\n`;
  const probe = plain('b', { stages: [0] });
  const kind = (last: string, end: StageEnd | undefined) => {
    const found = lookup(storeOf('b'), undefined, text(last)).find('base', probe, () => end);
    return found.kind === 'maybe' ? `maybe ${found.why.code}` : found.kind;
  };
  it.each([
    ['RUN a\n', 'kept', 'hit'],
    ['RUN a\n', 'made', 'none'],
    ['RUN a\n', 'open', 'maybe depends-on-output'],
    ['RUN a\n', undefined, 'maybe depends-on-output'],
    // what changes only metadata is always executed
    ['RUN a\nENV A=1\n', 'kept', 'none'],
    ['', 'kept', 'hit'],
  ] as const)('of %j that was %s finds: %s', (last, end, found) => {
    expect(kind(last, end)).toBe(found);
  });
});

describe('a RUN with mounted files', () => {
  const probe = plain('r', { mounts: [{ kind: 'context', path: 'd' }] });
  const DIGEST = `:sha256:${'a'.repeat(64)}`;

  it('is open until these were read, where one of its shape is kept', () => {
    const files = new BuildahFiles('d/ 755', 'd/x =1');
    expect(lookup(storeOf(`r${DIGEST}`), files).find('base', probe, never)).toMatchObject({ kind: 'maybe' });
    expect(lookup(storeOf('r', 'rest'), files).find('base', probe, never)).toMatchObject({
      kind: 'maybe',
      ids: ['image0'],
    });
    expect(lookup(storeOf('rest', `r.${DIGEST}`), files).find('base', probe, never)).toEqual({ kind: 'none' });
  });

  it('is certain then', () => {
    const files = new BuildahFiles('d/ 755', 'd/x =1');
    const copies = files.copies();
    copies.mount('d');
    files.read(copies);
    const mount = files.copies().mount('d');
    const digest = 'digest' in mount ? (mount.digest ?? '') : '';
    expect(lookup(storeOf(`r:${digest}`, `r${DIGEST}`), files).find('base', probe, never)).toEqual({
      kind: 'hit',
      id: 'image0',
    });
    expect(lookup(storeOf(`r${DIGEST}`), files).find('base', probe, never)).toEqual({ kind: 'none' });
  });

  it('takes characters of its text for themselves', () => {
    const odd = plain('echo (a|b)* [c] $x', { mounts: [{ kind: 'context', path: 'd' }] });
    const store = storeOf(`echo (a|b)* [c] $x${DIGEST}`, `echo a${DIGEST}`);
    expect(lookup(store, new BuildahFiles('d/ 755')).find('base', odd, never)).toMatchObject({ ids: ['image0'] });
  });

  it('has the digest of a mounted image', () => {
    const store = storeOf();
    const digest = store.named.get('busybox:1')?.digest ?? '';
    const image = plain('r', { mounts: [{ kind: 'image', name: 'busybox:1' }] });
    const kept = storeOf(`r:${digest}`);
    expect(lookup(kept).find('base', image, never)).toEqual({ kind: 'hit', id: 'image0' });
    const gone = plain('r', { mounts: [{ kind: 'image', name: 'gone' }] });
    expect(lookup(kept).find('base', gone, never)).toMatchObject({ kind: 'maybe', why: { code: 'image-not-local' } });
  });
});

describe('two steps of one build', () => {
  const same = (a: BuildahProbe, b: BuildahProbe) => lookup(storeOf(), new BuildahFiles('d/ 755')).isSame(a, b);

  it('are the same by text and layer', () => {
    expect(same(plain('a'), plain('a'))).toBe(true);
    expect(same(plain('a'), plain('b'))).toBe(false);
    expect(same(plain('a'), plain('a', { hasLayer: false }))).toBe(false);
  });

  it('may be the same where what they mount is not known', () => {
    const mounting = plain('a', { mounts: [{ kind: 'context', path: 'd' }] });
    expect(same(mounting, mounting)).toBeUndefined();
    expect(same(mounting, plain('b', { mounts: mounting.mounts }))).toBe(false);
    expect(same(plain('a', { stages: [0] }), plain('a', { stages: [0] }))).toBeUndefined();
  });
});
