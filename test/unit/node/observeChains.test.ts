import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chainReproductionOf } from '../../../core/ledger/reproduction';
import { chainName, explainChain, keptChains, type PresentChain } from '../../../core/node/ledger/chainExplainer';
import { observeChains, type ChainResult } from '../../../core/node/ledger/observeChains';
import { LedgerStore } from '../../../core/node/store/ledgerStore';
import { noteChain } from '../../../core/ledger/noteChain';
import type { NotedChain } from '../../../core/ledger/notedChain';
import { sha256 } from '../../../core/node/sha256';
import { ClassicEngine, Files, type ClassicBuild } from '../support/classic';
import { folderOf } from './folder';

const TEXT = ['FROM busybox:1', 'ARG SECRET', 'RUN one', 'COPY f /f', 'RUN two', ''].join('\n');
const CONTEXT = '/ctx';

/** An engine on which everything was built once, and a build context that changed since. */
function changed(): { engine: ClassicEngine; asked: ClassicBuild; files: Files } {
  const engine = new ClassicEngine().build(TEXT, { files: new Files('f 644 @1 =one'), args: { SECRET: 'hunter2' } });
  const files = new Files('f 644 @1 =two');
  return { engine: engine.later(3600), files, asked: { files, args: { SECRET: 'hunter2' } } };
}

function noted(engine: ClassicEngine, asked: ClassicBuild): NotedChain {
  const { prediction, chain } = engine.project(TEXT, asked);
  const one = noteChain({ prediction, basis: chain(), patterns: [], madeAt: engine.later(1).now }, sha256);
  if (one === undefined) throw new Error('nothing was noted');
  return one;
}

const resultOf = (engine: ClassicEngine): ChainResult => ({
  kind: 'classic',
  evidence: engine.evidence(),
  settled: true,
});

describe('builds that are told by their images', () => {
  it('are compared once, whoever noted the prediction, and kept with their context', async () => {
    const store = new LedgerStore(folderOf());
    const { engine, asked, files } = changed();
    const note = noted(engine, asked);
    await store.notePendingChain(note);
    engine.build(TEXT, asked);
    let looks = 0;
    const look = () => {
      looks++;
      files.look(engine.now + 1000, 'f 644 @1 =two');
      return Promise.resolve(files.tree);
    };
    const observation = { result: resultOf(engine), context: CONTEXT, look, noted: [note] };
    const [entry, ...more] = await observeChains(store, observation);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ dockerfile: '/ctx/Dockerfile', mismatches: [] });
    expect(await observeChains(store, observation)).toEqual([]);
    expect(looks).toBe(1);
    expect(await store.entries()).toHaveLength(1);
    const kept = await store.keptChain((entry?.ref ?? '').slice(0, 6));
    expect(kept?.manifest?.entries.map(([path]) => path)).toEqual(['f']);
    expect(await store.kept(entry?.ref ?? '')).toBeUndefined();
  });

  it('are compared again when there is more of them', async () => {
    const store = new LedgerStore(folderOf());
    const { engine, asked, files } = changed();
    const note = noted(engine, asked);
    engine.build(TEXT, asked);
    const last = engine.images.pop();
    const observe = () =>
      observeChains(store, {
        ...{ result: resultOf(engine), context: CONTEXT, noted: [note] },
        look: () => Promise.resolve(files.tree),
      });
    const [part] = await observe();
    if (last !== undefined) engine.images.push(last);
    const [whole] = await observe();
    expect(whole?.ref).toBe(part?.ref);
    expect((await store.entries()).map(({ classes }) => Object.keys(classes))).toEqual([
      Object.keys(whole?.classes ?? {}),
    ]);
    expect(Object.keys(whole?.classes ?? {})).toContain('classic RUN rebuild certain parent-rebuilds');
  });

  it('are not looked for where nothing was noted, or for another context', async () => {
    const store = new LedgerStore(folderOf());
    const { engine, asked } = changed();
    const note = noted(engine, asked);
    engine.build(TEXT, asked);
    const look = () => Promise.reject(new Error('nobody should look'));
    expect(await observeChains(store, { result: resultOf(engine), context: CONTEXT, look })).toEqual([]);
    expect(await observeChains(store, { result: resultOf(engine), context: '/other', look, noted: [note] })).toEqual(
      [],
    );
  });

  it('leave no value and no text on disk, and a reproduction has no folder of this machine', async () => {
    const folder = folderOf();
    const store = new LedgerStore(folder);
    const { engine, asked, files } = changed();
    await store.notePendingChain(noted(engine, asked));
    engine.build(TEXT, asked);
    const look = () => Promise.resolve(files.tree);
    const [entry] = await observeChains(store, { result: resultOf(engine), context: CONTEXT, look });
    const texts = filesBelow(folder).map((path) => {
      const bytes = readFileSync(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    });
    expect(texts.length).toBeGreaterThan(2);
    for (const text of texts) expect(text).not.toMatch(/hunter2|RUN one|bin\/sh/);
    const kept = await store.keptChain(entry?.ref ?? '');
    if (kept === undefined) throw new Error('nothing was kept');
    expect(JSON.stringify(chainReproductionOf(kept))).not.toContain('/ctx');
    expect(chainReproductionOf(kept)).toMatchObject({ schemaVersion: 1, noted: { dockerfile: '/context/Dockerfile' } });
  });
});

describe('builds that are kept', () => {
  const copying = ['FROM busybox:1', 'COPY f /f', 'RUN two', ''].join('\n');
  /** Predicts with some files, and builds with others. */
  const observed = async (files: Files, really: Files, look: (now: number) => void): Promise<number> => {
    const store = new LedgerStore(folderOf());
    const engine = new ClassicEngine().build(copying, { files: new Files('f 644 @1 =old') }).later(3600);
    const { prediction, chain } = engine.project(copying, { files });
    const madeAt = engine.later(1).now;
    const note = noteChain({ prediction, basis: chain(), patterns: [], madeAt }, sha256);
    engine.build(copying, { files: really });
    look(engine.now);
    const observation = { result: resultOf(engine), context: CONTEXT, look: () => Promise.resolve(files.tree) };
    await observeChains(store, { ...observation, ...(note === undefined ? {} : { noted: [note] }) });
    return (await keptChains(store, observation.result, { context: CONTEXT, dockerfile: '/ctx/Dockerfile' })).length;
  };

  it('took their files from this context: with others than it had, they are of another folder', async () => {
    const files = () => new Files('f 644 @1 =one');
    const [same, foreign, late] = [files(), files(), files()];
    const seen = (now: number) => void same.look(now + 1000, 'f 644 @1 =one');
    expect(await observed(same, same, seen)).toBe(1);
    const other = (now: number) => void foreign.look(now + 1000, 'f 644 @1 =one');
    expect(await observed(foreign, new Files('f 644 @1 =two'), other)).toBe(0);
    // written before the build, after the prediction
    const written = (now: number) => void late.look(now + 1000, `f 644 @${now - 2000} =two`);
    expect(await observed(late, new Files('f 644 @1 =two'), written)).toBe(1);
  });

  it('are explained against each other and against now', async () => {
    const store = new LedgerStore(folderOf());
    const { engine, asked, files } = changed();
    const result = (): ChainResult => resultOf(engine);
    const look = () => Promise.resolve(files.tree);
    const build = async (build: ClassicBuild): Promise<void> => {
      const note = noted(engine, build);
      engine.build(TEXT, build);
      // what the files are is looked at when the build has ended
      files.look(engine.now + 1000, 'f 644 @1 =two');
      await observeChains(store, { result: result(), context: CONTEXT, look, noted: [note] });
      engine.later(3600);
    };
    await build(asked);
    await build({ ...asked, args: { SECRET: 'another' } });
    const file = { context: CONTEXT, dockerfile: '/ctx/Dockerfile' };
    const kept = [...(await keptChains(store, result(), file))].sort((a, b) => a.startedAt - b.startedAt);
    const [first, second] = kept;
    if (first === undefined || second === undefined) throw new Error(`${kept.length} builds are kept`);
    expect(chainName(first)).toMatch(/^build image\d+ \(1970-01-01 01:/);
    expect((await explainChain('classic', file, first, second)).difference).toMatchObject({
      ...{ line: 3, field: 'argument', name: 'SECRET', certainty: 'certain' },
    });
    const fresh = new Files('f 644 @99999 ?new');
    const read: string[] = [];
    const now: PresentChain = {
      made: engine.project(TEXT, { ...asked, files: fresh }),
      tree: fresh.tree,
      patterns: [],
      read: (nodes) => {
        read.push(...nodes.map(({ path }) => path));
        for (const node of nodes) node.digest = sha256('new');
        return Promise.resolve();
      },
    };
    expect(chainName(now)).toBe('now');
    expect((await explainChain('classic', file, first, now)).difference).toMatchObject({
      ...{ line: 4, field: 'file', message: 'f changed (content)', certainty: 'certain' },
    });
    expect(read).toEqual(['f']);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
