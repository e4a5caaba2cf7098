import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContextTree } from '../../../core/context/tree';
import { ContextStore } from '../../../core/node/store/contextStore';
import { contextOf, look, type File } from '../support/context';
import { folderOf } from './folder';

const ROOT: File = { path: '', at: 100 };
const rooted = (...files: readonly File[]): File[] => [ROOT, ...files];

/** A complete look that finds what is known. */
function complete(tree: ContextTree, now: number): void {
  for (const node of tree.nodes()) if (node.entry !== undefined) node.observeSame(now);
  tree.lookedAt = now;
}

/** Everything that is remembered of each path; of what is gone only what it was. */
function remembered(tree: ContextTree): unknown[] {
  return [...tree.nodes()].map(({ path, entry, digest, digestKept, seenTo, listedAt, versions }) =>
    entry === undefined ? { path, versions } : { path, entry, digest, digestKept, seenTo, listedAt, versions },
  );
}

describe('what is remembered of a build context', () => {
  it('is nothing at first', async () => {
    const tree = await new ContextStore(folderOf(), '/project').load();
    expect([...tree.nodes()].map((node) => node.entry)).toEqual([undefined]);
  });

  it('comes back as it was: states, digests, links, files that are gone', async () => {
    const folder = folderOf();
    const tree = contextOf(1000, [
      ...rooted({ path: 'src/', at: 100 }, { path: 'src/a.js', at: 200, content: 'aaa', mode: 0o755 }),
      { path: 'src/b.js', at: 200, content: 'b' },
      { path: 'unread', at: 300.25, content: 'u', read: false },
      { path: 'link', at: 300, target: 'src/a.js' },
    ]);
    look(tree, 2000, [
      ...rooted({ path: 'src/', at: 1500 }, { path: 'src/a.js', at: 1600, content: 'new' }),
      ...[
        { path: 'unread', at: 300.25, content: 'u', read: false },
        { path: 'link', at: 1700, target: 'unread' },
      ],
    ]);
    expect(await new ContextStore(folder, '/project').save(tree)).toBe(true);
    const loaded = await new ContextStore(folder, '/project').load();
    expect(remembered(loaded)).toEqual(remembered(tree));
    expect(loaded.node('src/b.js')?.entry).toBeUndefined();
    expect(loaded.node('src/b.js')?.versions).toMatchObject([{ digest: 'b', seenTo: 1000 }]);
    expect(loaded.node('src')?.versions).toMatchObject([{ names: ['a.js', 'b.js'] }]);
    expect(loaded.node('link')?.entry?.target).toBe('unread');
    expect(loaded.node('link')?.versions).toMatchObject([{ target: 'src/a.js' }]);
  });

  it('says what a file was during a past build', async () => {
    const folder = folderOf();
    const tree = contextOf(1000, rooted({ path: 'a', at: 200, content: 'old' }));
    look(tree, 3000, rooted({ path: 'a', at: 2000, content: 'new' }));
    await new ContextStore(folder, '/project').save(tree);
    const node = (await new ContextStore(folder, '/project').load()).node('a');
    expect(node?.stateAt({ start: 500, end: 900 })?.digest).toBe('old');
    expect(node?.stateAt({ start: 2500, end: 2900 })?.digest).toBe('new');
    expect(node?.stateAt({ start: 1500, end: 1900 })).toBeUndefined();
  });

  it('comes back with the times of builds, so that later states do not push out what they took', async () => {
    const folder = folderOf();
    const tree = contextOf(1000, rooted({ path: 'a', at: 200, content: 'built' }));
    tree.root.changes.transfers = [{ start: 500, end: 900 }];
    await new ContextStore(folder, '/project').save(tree);
    for (let turn = 1; turn <= 12; turn++) {
      const store = new ContextStore(folder, '/project');
      const loaded = await store.load();
      look(loaded, 1000 + turn * 100, rooted({ path: 'a', at: 950 + turn * 100, content: `saved ${turn}` }));
      await store.save(loaded);
    }
    const node = (await new ContextStore(folder, '/project').load()).node('a');
    expect(node?.versions).toHaveLength(8);
    expect(node?.stateAt({ start: 500, end: 900 })?.digest).toBe('built');
  });

  it('does not keep a digest that may be of an older content', async () => {
    const folder = folderOf();
    // read within the same tick as the change
    const tree = contextOf(1000, rooted({ path: 'a', at: 995, content: 'x' }));
    expect(tree.node('a')?.digest).toBe('x');
    await new ContextStore(folder, '/project').save(tree);
    expect((await new ContextStore(folder, '/project').load()).node('a')?.digest).toBeUndefined();
  });

  it('is kept apart for each context', async () => {
    const folder = folderOf();
    await new ContextStore(folder, '/one').save(contextOf(1000, rooted({ path: 'a', at: 200 })));
    await new ContextStore(folder, '/two').save(contextOf(1000, rooted({ path: 'b', at: 200 })));
    expect((await new ContextStore(folder, '/one').load()).root.names()).toEqual(['a']);
    expect((await new ContextStore(folder, '/two').load()).root.names()).toEqual(['b']);
  });

  it('is not taken from the file of another context that has the same short name', async () => {
    const folder = folderOf();
    await new ContextStore(folder, '/one').save(contextOf(1000, rooted({ path: 'a', at: 200 })));
    const [one = ''] = readdirSync(join(folder, 'contexts'));
    await new ContextStore(folder, '/other').save(contextOf(1000, rooted({ path: 'b', at: 200 })));
    const [other = ''] = readdirSync(join(folder, 'contexts')).filter((name) => name !== one);
    copyFileSync(join(folder, 'contexts', one), join(folder, 'contexts', other));
    expect((await new ContextStore(folder, '/other').load()).root.names()).toEqual([]);
    expect((await new ContextStore(folder, '/one').load()).root.names()).toEqual(['a']);
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ['empty', () => Buffer.alloc(0)],
    ['zero in part', (bytes: Buffer) => bytes.fill(0, 100, 140)],
    ['of another version', (bytes: Buffer) => bytes.fill(99, 4, 5)],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64)])],
    ['text', () => Buffer.from('{"version":1,"value":{}}'.repeat(9))],
  ])('counts as nothing when the file is %s, and can be written again', async (_, spoil) => {
    const folder = folderOf();
    const tree = contextOf(1000, rooted({ path: 'a', at: 200, content: 'a' }));
    await new ContextStore(folder, '/p').save(tree);
    const path = join(folder, 'contexts', readdirSync(join(folder, 'contexts'))[0] ?? '');
    writeFileSync(path, spoil(readFileSync(path)));
    const store = new ContextStore(folder, '/p');
    expect((await store.load()).root.names()).toEqual([]);
    expect(await store.save(tree)).toBe(true);
    expect((await new ContextStore(folder, '/p').load()).root.names()).toEqual(['a']);
  });

  it.skipIf(process.platform === 'win32')('is for its owner only', async () => {
    const folder = join(folderOf(), 'own');
    const tree = contextOf(1000, rooted({ path: 'a', at: 200 }));
    const store = new ContextStore(folder, '/p');
    complete(tree, 1000);
    await store.save(tree);
    complete(tree, 2000);
    await store.save(tree);
    const names = readdirSync(join(folder, 'contexts'));
    expect(names).toHaveLength(2);
    for (const path of [folder, ...names.map((name) => join(folder, 'contexts', name))]) {
      expect(statSync(path).mode & 0o077).toBe(0);
    }
  });

  it('has names of any kind', async () => {
    const folder = folderOf();
    const names = ['ä ö', '"quoted"', 'back\\slash', '__proto__', 'constructor', '日本', '😀', 'line\nbreak'];
    const tree = contextOf(1000, rooted(...names.map((path) => ({ path, at: 200, content: path }))));
    await new ContextStore(folder, '/p').save(tree);
    const loaded = await new ContextStore(folder, '/p').load();
    expect(loaded.root.names()).toEqual(names);
    expect(names.map((name) => loaded.node(name)?.digest)).toEqual(names);
  });
});

describe('two processes that look at one context', () => {
  it('keep what each of them saw', async () => {
    const folder = folderOf();
    const [editor, command] = [new ContextStore(folder, '/p'), new ContextStore(folder, '/p')];
    const a: File = { path: 'a', at: 200, content: 'a', read: false };
    const theirs = await command.load();
    const ours = await editor.load();
    look(ours, 1000, rooted(a));
    look(theirs, 1500, rooted({ ...a, read: true }));
    look(theirs, 2000, rooted({ ...a, at: 1800, content: 'between', read: true }));
    look(ours, 3000, rooted({ ...a, at: 2800, content: 'now' }));
    await command.save(theirs);
    await editor.save(ours);
    const node = (await new ContextStore(folder, '/p').load()).node('a');
    expect(node?.digest).toBeUndefined();
    expect(node?.entry?.ctime).toBe(2800);
    expect(node?.versions).toMatchObject([
      { ctime: 200, seenTo: 1500, digest: 'a' },
      { ctime: 1800, seenTo: 2000, digest: 'between' },
    ]);
  });

  it('learn digests and later looks from each other', async () => {
    const folder = folderOf();
    const [editor, command] = [new ContextStore(folder, '/p'), new ContextStore(folder, '/p')];
    const a: File = { path: 'a', at: 200, content: 'a', read: false };
    const [ours, theirs] = [await editor.load(), await command.load()];
    look(ours, 1000, rooted(a));
    look(theirs, 5000, rooted({ ...a, read: true }));
    await command.save(theirs);
    await editor.save(ours);
    expect(ours.node('a')).toMatchObject({ digest: 'a', digestKept: true, seenTo: 5000 });
  });

  it.each([
    ['a past state', rooted({ path: 'a', at: 200, content: 'a' })],
    ['what a file was when it was looked at here', rooted({ path: 'a', at: 2000, content: 'now' })],
  ])('count as news what they learn: %s', async (_, known) => {
    const folder = folderOf();
    const [editor, command] = [new ContextStore(folder, '/p'), new ContextStore(folder, '/p')];
    const [ours, theirs] = [await editor.load(), await command.load()];
    look(ours, 3000, rooted({ path: 'a', at: 2000, content: 'now', read: false }));
    look(theirs, 3000, known);
    await command.save(theirs);
    const { changes } = ours;
    await editor.save(ours);
    expect(ours.changes).toBeGreaterThan(changes);
    // and only once
    look(theirs, 4000, known);
    await command.save(theirs);
    const learnt = ours.changes;
    look(ours, 5000, rooted({ path: 'a', at: 2000, content: 'now', read: false }));
    await editor.save(ours);
    expect(ours.changes).toBe(learnt);
  });
});

describe('a look that finds nothing new', () => {
  const a: File = { path: 'a', at: 200, content: 'a' };
  const b: File = { path: 'b', at: 200, content: 'b' };
  const seen = async (folder: string, path: string) => (await new ContextStore(folder, '/p').load()).node(path)?.seenTo;
  const treeFile = (folder: string): string => {
    const name = readdirSync(join(folder, 'contexts')).find((one) => one.endsWith('.tree')) ?? '';
    return readFileSync(join(folder, 'contexts', name)).toString('latin1');
  };
  async function saved(): Promise<{ folder: string; store: ContextStore; tree: ContextTree }> {
    const folder = folderOf();
    const store = new ContextStore(folder, '/p');
    const tree = contextOf(1000, rooted(a, b));
    tree.lookedAt = 1000;
    await store.save(tree);
    return { folder, store, tree };
  }

  it('is remembered without writing everything again', async () => {
    const { folder, store, tree } = await saved();
    const before = treeFile(folder);
    complete(tree, 2000);
    expect(store.hasNews(tree)).toBe(false);
    expect(await store.save(tree)).toBe(true);
    expect(treeFile(folder)).toBe(before);
    expect(await seen(folder, 'a')).toBe(2000);
    const next = new ContextStore(folder, '/p');
    const loaded = await next.load();
    complete(loaded, 3000);
    expect(await next.save(loaded)).toBe(true);
    expect(treeFile(folder)).toBe(before);
    expect(await seen(folder, 'b')).toBe(3000);
  });

  it('says nothing of a path that was not looked at', async () => {
    const { folder, store, tree } = await saved();
    tree.root.observeSame(2000);
    tree.node('a')?.observeSame(2000);
    tree.lookedAt = 2000; // "b" is in a folder that could not be listed
    await store.save(tree);
    expect(await seen(folder, 'a')).toBe(2000);
    expect(await seen(folder, 'b')).toBe(1000);
    complete(tree, 3000);
    tree.node('b')?.observeSame(3000);
    await store.save(tree);
    expect(await seen(folder, 'b')).toBe(3000);
  });

  it('says nothing of a path that was left out of the look that is written down', async () => {
    const folder = folderOf();
    const tree = contextOf(1000, rooted(a, b));
    tree.lookedAt = 1500;
    tree.root.observeSame(1500);
    tree.node('a')?.observeSame(1500);
    const store = new ContextStore(folder, '/p');
    await store.save(tree);
    tree.root.observeSame(2000);
    tree.node('a')?.observeSame(2000);
    tree.lookedAt = 2000;
    await store.save(tree);
    expect(await seen(folder, 'a')).toBe(2000);
    expect(await seen(folder, 'b')).toBe(1000);
  });

  it('is not remembered when only some paths were looked at', async () => {
    const { folder, store, tree } = await saved();
    tree.node('a')?.observeSame(2000);
    await store.save(tree);
    expect(await seen(folder, 'a')).toBe(1000);
    expect(await seen(folder, 'b')).toBe(1000);
  });

  it('does not speak for what is ignored as a whole, whose changes are not written down', async () => {
    const { folder, store, tree } = await saved();
    const file: File = { path: 'git/', at: 200 };
    look(tree, 1100, rooted(a, b, file));
    tree.node('git')?.observePruned(true);
    tree.lookedAt = 1100;
    await store.save(tree);
    look(tree, 2000, rooted(a, b, { ...file, at: 1500 }));
    tree.lookedAt = 2000;
    expect(store.hasNews(tree)).toBe(false);
    await store.save(tree);
    const loaded = (await new ContextStore(folder, '/p').load()).node('git');
    expect(loaded).toMatchObject({ pruned: true, seenTo: 1100, entry: { ctime: 200 } });
    expect(await seen(folder, 'a')).toBe(2000);
    // nor does it make the next look one that left something out
    const before = treeFile(folder);
    const next = new ContextStore(folder, '/p');
    const again = await next.load();
    complete(again, 3000);
    await next.save(again);
    expect(treeFile(folder)).toBe(before);
    expect(await seen(folder, 'a')).toBe(3000);
  });

  it('does not extend what another process wrote meanwhile', async () => {
    const { folder, store, tree } = await saved();
    const other = new ContextStore(folder, '/p');
    const theirs = await other.load();
    complete(tree, 2000); // we look ...
    look(theirs, 2500, rooted({ ...a, at: 2400, content: 'new' }, b)); // ... and they after a change
    theirs.lookedAt = 2450;
    await other.save(theirs);
    await store.save(tree);
    const node = (await new ContextStore(folder, '/p').load()).node('a');
    expect(node?.stateAt({ start: 1200, end: 1900 })?.digest).toBe('a');
    expect(node?.stateAt({ start: 1200, end: 2100 })).toBeUndefined();
    expect(node?.stateAt({ start: 2410, end: 2480 })?.digest).toBe('new');
  });

  it('is merged when another process noted a later one', async () => {
    const { folder, store, tree } = await saved();
    const other = new ContextStore(folder, '/p');
    const theirs = await other.load();
    complete(theirs, 3000);
    await other.save(theirs);
    complete(tree, 2000);
    await store.save(tree);
    expect(await seen(folder, 'a')).toBe(3000);
    look(tree, 4000, rooted({ ...a, at: 3500, content: 'x' }, b));
    tree.lookedAt = 4000;
    await store.save(tree);
    const node = (await new ContextStore(folder, '/p').load()).node('a');
    expect(node?.stateAt({ start: 300, end: 3000 })?.digest).toBe('a');
  });

  it('of a file that was replaced does not count for the new one', async () => {
    const { folder, store, tree } = await saved();
    complete(tree, 2000);
    await store.save(tree);
    look(tree, 2500, rooted({ ...a, at: 2400, content: 'x' }, b));
    await store.save(tree);
    const seenName = readdirSync(join(folder, 'contexts')).find((one) => one.endsWith('.seen')) ?? '';
    const path = join(folder, 'contexts', seenName);
    writeFileSync(path, readFileSync(path, 'utf8').replace('2000', '9000'));
    expect(await seen(folder, 'a')).toBe(2500);
    expect(await seen(folder, 'b')).toBe(2500);
  });
});
