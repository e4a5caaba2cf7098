import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { KeptBuild } from '../../../core/ledger/keptBuild';
import type { KeptChain } from '../../../core/ledger/keptChain';
import type { LedgerEntry, NotedPrediction } from '../../../core/ledger/ledger';
import type { NotedChain } from '../../../core/ledger/notedChain';
import { manifestOf } from '../../../core/ledger/keptBuild';
import { observeBuilds } from '../../../core/node/ledger/observe';
import { sha256 } from '../../../core/node/sha256';
import { LedgerStore } from '../../../core/node/store/ledgerStore';
import { built, falsified, folderAt, noted, TEXT } from '../ledger/session';
import { Engine, HERE } from '../support/evidence';
import { folderOf } from './folder';

const KIND = 'buildkit RUN cached certain same-as-build';
const entry = (ref: string, right = 1, at = 1): LedgerEntry => ({
  ...{ ref, at, rules: 1, dockerfile: '/d', mismatches: [], notJudged: {} },
  classes: { [KIND]: [right, 0] },
});
const note = (madeAt: number, context = '/ctx'): NotedPrediction => ({
  ...{ rules: 1, madeAt, knownTo: 0, context, dockerfile: '/ctx/Dockerfile', target: '0', platform: 'linux/amd64' },
  builder: { kind: 'buildkit', name: 'default', engineVersion: null, buildkitVersion: null },
  ...{ patterns: [], images: {}, steps: [] },
});
/** A build whose manifest does not get smaller by compressing it. */
const build = (ref: string, paths = 1): KeptBuild => ({
  build: { ref, createdAt: 1, completedAt: 2, steps: [], loose: [] },
  manifest: {
    patterns: [],
    entries: Array.from({ length: paths }, (_, index) => [sha256(`${ref}${String(index)}`), 'file', 420, 1, 1]),
    unknown: [],
  },
});

describe('the record of builds', () => {
  it('is what several processes added', async () => {
    const folder = folderOf();
    const [one, two] = [new LedgerStore(folder), new LedgerStore(folder)];
    await one.entries();
    await two.add([entry('b')]);
    await one.add([entry('a')]);
    expect((await two.entries()).map(({ ref }) => ref).sort()).toEqual(['a', 'b']);
  });

  it('has each build once: the result that judged more of it', async () => {
    const store = new LedgerStore(folderOf());
    await store.add([entry('a', 1)]);
    await store.add([entry('a', 3)]);
    await store.add([entry('a', 2)]);
    expect((await store.entries()).map(({ classes }) => classes[KIND])).toEqual([[3, 0]]);
  });

  it.each(['', '{', '{"version":99,"value":[]}', '{"version":1,"value":{}}'])(
    'is empty when its file is %j',
    async (text) => {
      const folder = folderOf();
      mkdirSync(join(folder, 'ledger'));
      writeFileSync(join(folder, 'ledger', 'record.json'), text);
      const store = new LedgerStore(folder);
      expect(await store.entries()).toEqual([]);
      await store.add([entry('a')]);
      expect(await new LedgerStore(folder).entries()).toHaveLength(1);
    },
  );
});

describe('predictions that wait for their build', () => {
  it('are kept per build context, the newest of them', async () => {
    const store = new LedgerStore(folderOf());
    for (let madeAt = 1; madeAt <= 14; madeAt++) await store.notePending(note(madeAt));
    await store.notePending(note(99, '/other'));
    const times = (await store.pending('/ctx')).map(({ madeAt }) => madeAt).sort((a, b) => a - b);
    expect(times).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    expect(await store.pending('/other')).toHaveLength(1);
    expect(await store.pending('/never')).toEqual([]);
  });

  it('that are broken count as absent', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await store.notePending(note(1));
    const [context = ''] = readdirSync(join(folder, 'ledger', 'pending'));
    writeFileSync(join(folder, 'ledger', 'pending', context, '0-broken.json.gz'), 'no gzip');
    expect(await store.pending('/ctx')).toHaveLength(1);
  });
});

describe('what is kept of builds', () => {
  const folderOfBuilds = (folder: string): string => join(folder, 'ledger', 'builds');

  it('is one file each that can be read on its own', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await store.keep(build('abc'));
    expect(await store.kept('abc')).toEqual(build('abc'));
    const file = join(folderOfBuilds(folder), 'abc.json.gz');
    expect(gunzipSync(readFileSync(file)).toString()).toContain('"ref":"abc"');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('is found again, also under a name that no file can have', async () => {
    const store = new LedgerStore(folderOf());
    const ref = '../../x/y';
    await store.keep(build(ref));
    expect(await store.kept(ref)).toEqual(build(ref));
    expect(store.isKept(ref, await store.keptRefs())).toBe(true);
    expect(store.isKept('other', await store.keptRefs())).toBe(false);
  });

  it('counts as absent when it is broken, or of another build', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await store.keep(build('abc'));
    const file = join(folderOfBuilds(folder), 'abc.json.gz');
    writeFileSync(join(folderOfBuilds(folder), 'def.json.gz'), readFileSync(file));
    expect(await store.kept('def')).toBeUndefined();
    writeFileSync(file, readFileSync(file).subarray(0, 30));
    expect(await store.kept('abc')).toBeUndefined();
  });

  it('takes no more room than it may: the oldest go', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await store.setLimit(12_000);
    for (const [index, ref] of ['one', 'two', 'three', 'four'].entries()) {
      await store.keep(build(ref, 100));
      const old = Date.now() / 1000 - 100 + index;
      utimesSync(join(folderOfBuilds(folder), `${ref}.json.gz`), old, old);
    }
    await store.keep(build('five', 100));
    const names = readdirSync(folderOfBuilds(folder));
    const bytes = names.reduce((sum, name) => sum + statSync(join(folderOfBuilds(folder), name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(12_000);
    expect(await store.kept('one')).toBeUndefined();
    expect(await store.kept('five')).toBeDefined();
  });

  it('is nothing where nothing may be kept, and goes when that is said later', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await store.keep(build('abc'));
    await store.setLimit(0);
    expect(await new LedgerStore(folder).kept('abc')).toBeUndefined();
    await new LedgerStore(folder).keep(build('def'));
    expect(await store.kept('def')).toBeUndefined();
  });
});

describe('builds whose images were their cache', () => {
  const scope = { builder: 'classic', engine: 'e', context: '/ctx', dockerfile: '/ctx/Dockerfile' } as const;
  const chainOf = (ref: string, changes: Partial<NotedChain> = {}): KeptChain => ({
    ...{ ref, startedAt: 1, endedAt: 2 },
    noted: {
      ...{ rules: 1, madeAt: 1, engine: 'e', context: '/ctx', dockerfile: '/ctx/Dockerfile', target: '0' },
      builder: { kind: 'classic', name: '', engineVersion: null, buildkitVersion: null },
      ...{ platform: 'linux/amd64', patterns: [], known: [], stages: [] },
      ...changes,
    },
    comparison: { classes: { 'classic RUN rebuild certain never-built': [1, 0] }, mismatches: [], notJudged: {} },
  });
  const keep = async (store: LedgerStore, kept: KeptChain): Promise<void> => {
    const { ref, noted: of, comparison } = kept;
    await store.keepChain(kept);
    await store.add([{ ref, at: 2, rules: 1, dockerfile: of.dockerfile, ...comparison }]);
  };
  const refs = async (store: LedgerStore): Promise<string[]> =>
    (await store.keptChains(scope)).map(({ ref }) => ref).sort();

  it('are those of one Dockerfile, context, builder and engine', async () => {
    const store = new LedgerStore(folderOf());
    await keep(store, chainOf('one'));
    await keep(store, chainOf('two'));
    await keep(store, chainOf('dockerfile', { dockerfile: '/ctx/Other' }));
    await keep(store, chainOf('context', { context: '/other' }));
    await keep(store, chainOf('engine', { engine: 'another' }));
    const builder = { kind: 'buildah', name: '', engineVersion: null, buildkitVersion: null } as const;
    await keep(store, chainOf('builder', { builder }));
    await store.keep(build('buildkit'));
    await store.add([entry('buildkit')]);
    expect(await refs(store)).toEqual(['one', 'two']);
  });

  it('are read as an older version kept them, not as one that is not known', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    await keep(store, chainOf('one'));
    const path = join(folder, 'ledger', 'builds', 'one.json.gz');
    const written: unknown = JSON.parse(gunzipSync(readFileSync(path)).toString());
    expect(written).toMatchObject({ version: 2 });
    const as = (version: number): void => {
      writeFileSync(path, gzipSync(JSON.stringify({ ...(written as object), version })));
    };
    as(1);
    expect(await refs(store)).toEqual(['one']);
    as(3);
    expect(await refs(store)).toEqual([]);
  });

  it('are none any more where their files went', async () => {
    const store = new LedgerStore(folderOf());
    await keep(store, chainOf('one'));
    await store.setLimit(0);
    expect(await store.entries()).toHaveLength(1);
    expect(await refs(store)).toEqual([]);
  });
});

describe('observing builds', () => {
  it('compares each once, and keeps what its context was', async () => {
    const store = new LedgerStore(folderOf());
    const engine = new Engine();
    built(engine, { at: 1000 });
    await store.notePending(noted(engine, 20_000));
    const second = built(engine, { at: 30_000, cached: 'all' });
    const look = { evidence: engine.evidence({}), context: HERE, tree: folderAt(100_000).tree };
    expect(await observeBuilds(store, look)).toMatchObject([{ ref: second.ref, classes: { [KIND]: [2, 0] } }]);
    expect(await observeBuilds(store, look)).toEqual([]);
    const kept = await store.kept(second.ref);
    expect(
      kept?.manifest?.entries.map(([path, type, mode, size, , digest]) => [path, type, mode, size, digest]),
    ).toEqual([
      ['d', 'dir', 0o755, 0, undefined],
      ['d/a', 'file', 0o644, 3, 'one'],
    ]);
    expect(kept?.noted?.madeAt).toBe(20_000);
  });

  it('records a build that was falsified', async () => {
    const store = new LedgerStore(folderOf());
    const engine = new Engine();
    built(engine, { at: 1000 });
    await store.notePending(noted(engine, 20_000));
    engine.builds.push(falsified(built(engine, { at: 30_000, cached: 'all' }), { 3: false }));
    engine.builds.splice(-2, 1);
    const look = { evidence: engine.evidence({}), context: HERE, tree: folderAt(100_000).tree };
    await observeBuilds(store, look);
    expect(await store.entries()).toMatchObject([{ mismatches: [{ line: 3, actual: 'executed' }] }]);
  });

  it('leaves builds of other folders alone', async () => {
    const store = new LedgerStore(folderOf());
    const engine = new Engine();
    built(engine, { at: 1000 });
    const look = { evidence: engine.evidence({}), context: '/other', tree: folderAt(100_000).tree };
    await observeBuilds(store, look);
    expect([...(await store.keptRefs())]).toEqual([]);
  });
});

describe('a manifest', () => {
  const at = (lines: readonly string[], later?: readonly string[], patterns: readonly string[] = []) => {
    const engine = new Engine();
    const build = built(engine, { at: 30_000, text: TEXT, patterns });
    const folder = folderAt(20_000, ...lines);
    folder.look(50_000, ...(later ?? lines));
    return manifestOf(build, folder.tree, { clockOffset: 0, clockMargin: 0 }, sha256);
  };
  const paths = (manifest: ReturnType<typeof at>) => manifest?.entries.map(([path]) => path);

  it('has what was there during the transfer, not what came later', () => {
    const manifest = at(
      ['d/ 755 @100', 'd/a 644 @100 =one'],
      ['d/ 755 @40000', 'd/a 644 @100 =one', 'd/b 644 @40000 =new'],
    );
    expect(paths(manifest)).toContain('d/a');
    expect(paths(manifest)).not.toContain('d/b');
  });

  it('does not claim what was written shortly before or after', () => {
    const manifest = at(['d/ 755 @100', 'd/a 644 @100 =one'], ['d/ 755 @100', 'd/a 644 @29990 =two']);
    expect(manifest?.unknown).toEqual(['d/a']);
  });

  it('has no ignored files', () => {
    const manifest = at(['d/ 755 @100', 'd/a 644 @100 =one', 'log 644 @100 =x'], undefined, ['log']);
    expect(paths(manifest)).toEqual(['d', 'd/a']);
  });

  it('is none of a build that took nothing', () => {
    const engine = new Engine();
    const build = built(engine, { at: 1000, text: 'FROM busybox:1\nRUN one\n' });
    expect(manifestOf(build, folderAt(5000).tree, { clockOffset: 0, clockMargin: 0 }, sha256)).toBeUndefined();
  });
});
