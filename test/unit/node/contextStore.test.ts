import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ContextTree } from '../../../core/context/tree';
import { ContextStore } from '../../../core/node/store/contextStore';
import { contextOf, look, type File } from '../support/context';
import { folderOf } from './folder';

const ROOT: File = { path: '', at: 100 };
const rooted = (...files: readonly File[]): File[] => [ROOT, ...files];

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
    const [name = ''] = readdirSync(join(folder, 'contexts'));
    const path = join(folder, 'contexts', name);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"/one"', '"/other"'));
    const store = new ContextStore(folder, '/one');
    expect((await store.load()).root.names()).toEqual([]);
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
});
