import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { compileIgnore } from '../../../core/context/ignoreMatcher';
import { ContextTree } from '../../../core/context/tree';
import { scanContext, type ScanResult } from '../../../core/node/context/scan';
import { folderOf, put } from './folder';

const scan = (root: string, tree: ContextTree, ...patterns: string[]): Promise<ScanResult> =>
  scanContext(root, tree, { matcher: patterns.length === 0 ? undefined : compileIgnore(patterns).matcher });

/** Paths that are there, sorted. */
const present = (tree: ContextTree): string[] =>
  [...tree.nodes()].flatMap((node) => (node.entry === undefined || node.path === '' ? [] : [node.path])).sort();

describe('a look at a build context', () => {
  it('finds every path with its type, mode and size', async () => {
    const root = folderOf({ 'src/a.js': 'hello', '.hidden': '', 'deep/er/x': '1' });
    chmodSync(join(root, 'src/a.js'), 0o750);
    const tree = new ContextTree();
    const { problems, paths } = await scan(root, tree);
    expect(problems).toEqual([]);
    expect(present(tree)).toEqual(['.hidden', 'deep', 'deep/er', 'deep/er/x', 'src', 'src/a.js']);
    expect(paths).toBe(7);
    expect(tree.node('src/a.js')?.entry).toMatchObject({ type: 'file', mode: 0o750, size: 5, links: 1 });
    expect(tree.node('src')?.entry).toMatchObject({ type: 'dir', size: 0, links: 1 });
    expect(tree.node('.hidden')?.entry).toMatchObject({ type: 'file', size: 0 });
    expect(tree.parentChanged).toBeGreaterThan(0);
  });

  it('notes where links point and does not follow them', async () => {
    const root = folderOf({ 'dir/x': '' });
    symlinkSync('dir', join(root, 'to-dir'));
    symlinkSync('/no/such', join(root, 'dangling'));
    symlinkSync('..', join(root, 'dir', 'up'));
    const tree = new ContextTree();
    await scan(root, tree);
    expect(tree.node('to-dir')?.entry).toMatchObject({ type: 'symlink', target: 'dir', size: 3 });
    expect(tree.node('dangling')?.entry).toMatchObject({ type: 'symlink', target: '/no/such' });
    expect(present(tree)).toEqual(['dangling', 'dir', 'dir/up', 'dir/x', 'to-dir']);
  });

  it('sees that a file has two names', async () => {
    const root = folderOf({ a: 'x' });
    linkSync(join(root, 'a'), join(root, 'b'));
    const tree = new ContextTree();
    await scan(root, tree);
    expect(tree.node('a')?.entry?.links).toBe(2);
    expect(tree.node('a')?.entry?.ino).toBe(tree.node('b')?.entry?.ino);
  });

  it.skipIf(process.platform === 'win32')('tells pipes and sockets from files', async () => {
    const root = folderOf();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
    const tree = new ContextTree();
    await scan(root, tree);
    expect(tree.node('pipe')?.entry).toMatchObject({ type: 'fifo', size: 0 });
    expect(tree.node('socket')?.entry).toMatchObject({ type: 'socket', size: 0 });
  });

  it('does not look into folders that are ignored as a whole', async () => {
    const root = folderOf({ 'node_modules/a/b': '', 'src/a': '', 'docs/a': '', 'docs/keep': '' });
    const tree = new ContextTree();
    await scan(root, tree, 'node_modules', 'docs', '!docs/keep');
    expect(present(tree)).toEqual(['docs', 'docs/a', 'docs/keep', 'node_modules', 'src', 'src/a']);
    expect(tree.node('node_modules')?.pruned).toBe(true);
    expect(tree.node('docs')?.pruned).toBe(false);
  });

  it('forgets what was below a folder that became ignored, and finds it again later', async () => {
    const root = folderOf({ 'lib/a': '' });
    const tree = new ContextTree();
    await scan(root, tree);
    await scan(root, tree, 'lib');
    expect(present(tree)).toEqual(['lib']);
    expect(tree.node('lib')?.pruned).toBe(true);
    await scan(root, tree);
    expect(present(tree)).toEqual(['lib', 'lib/a']);
    expect(tree.node('lib')?.pruned).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('says that a name that is not UTF-8 cannot be read', async () => {
    const root = folderOf();
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff])]), '');
    const tree = new ContextTree();
    await scan(root, tree);
    const [name = ''] = present(tree);
    expect(tree.node(name)?.entry?.type ?? 'gone').not.toBe('file');
  });
});

describe('a second look', () => {
  it('remembers what is gone', async () => {
    const root = folderOf({ a: 'aa', 'dir/b': 'b' });
    const tree = new ContextTree();
    await scan(root, tree);
    rmSync(join(root, 'a'));
    rmSync(join(root, 'dir'), { recursive: true });
    await scan(root, tree);
    expect(present(tree)).toEqual([]);
    expect(tree.node('a')?.versions).toMatchObject([{ type: 'file', size: 2 }]);
    expect(tree.node('dir/b')?.versions).toMatchObject([{ type: 'file', size: 1 }]);
  });

  it('remembers what changed', async () => {
    const root = folderOf({ a: 'old' });
    const tree = new ContextTree();
    await scan(root, tree);
    await new Promise((resolve) => setTimeout(resolve, 30));
    writeFileSync(join(root, 'a'), 'longer');
    await scan(root, tree);
    expect(tree.node('a')?.entry?.size).toBe(6);
    expect(tree.node('a')?.versions).toMatchObject([{ size: 3 }]);
  });

  it('finds nothing new where nothing changed', async () => {
    const root = folderOf({ a: '', 'd/b': '' });
    const tree = new ContextTree();
    await scan(root, tree);
    await scan(root, tree);
    expect([...tree.nodes()].flatMap((node) => node.versions)).toEqual([]);
  });

  it('follows a folder that became a file and back', async () => {
    const root = folderOf({ 'x/in': '' });
    const tree = new ContextTree();
    await scan(root, tree);
    rmSync(join(root, 'x'), { recursive: true });
    put(root, { x: 'file' });
    await scan(root, tree);
    expect(present(tree)).toEqual(['x']);
    expect(tree.node('x')?.entry?.type).toBe('file');
    rmSync(join(root, 'x'));
    put(root, { 'x/in': '' });
    await scan(root, tree);
    expect(present(tree)).toEqual(['x', 'x/in']);
  });

  it('follows a file to its new name', async () => {
    const root = folderOf({ old: 'x' });
    const tree = new ContextTree();
    await scan(root, tree);
    renameSync(join(root, 'old'), join(root, 'new'));
    await scan(root, tree);
    expect(present(tree)).toEqual(['new']);
  });
});

describe('a context that cannot be read', () => {
  it.each(['missing', 'file'])('is told: %s', async (name) => {
    const root = join(folderOf({ file: '' }), name);
    const tree = new ContextTree();
    const { problems } = await scan(root, tree);
    expect(problems).toMatchObject([{ code: 'context-unreadable' }]);
    expect(problems[0]?.message).toContain(root);
  });

  it.skipIf(process.platform === 'win32')('is told: a folder without permission, which may be ignored', async () => {
    const root = folderOf({ 'secret/a': '' });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'secret'), 0);
    // root may look into everything
    if (process.getuid?.() === 0) process.seteuid?.('nobody');
    onTestFinished(() => {
      if (process.getuid?.() === 0) process.seteuid?.(0);
      chmodSync(join(root, 'secret'), 0o700);
    });
    const tree = new ContextTree();
    const { problems } = await scan(root, tree);
    expect(problems).toMatchObject([{ code: 'context-unreadable' }]);
    expect(problems[0]?.message).toContain('secret');
    expect(tree.node('secret')?.entry?.type).toBe('unreadable');
    expect((await scan(root, new ContextTree(), 'secret')).problems).toEqual([]);
  });

  it('is everything gone when the folder vanished', async () => {
    const parent = folderOf({ 'root/a': '' });
    const root = join(parent, 'root');
    const tree = new ContextTree();
    await scan(root, tree);
    rmSync(root, { recursive: true });
    const { problems } = await scan(root, tree);
    expect(problems).toHaveLength(1);
    expect(tree.root.entry).toBeUndefined();
    expect(present(tree)).toEqual([]);
  });
});

describe('a long look', () => {
  /** Each question for the time is answered 10 ms later, so that every folder is a slice of its own. */
  function slowClock(): void {
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => (now += 10));
    onTestFinished(() => void vi.restoreAllMocks());
  }

  it('says how far it is', async () => {
    const root = folderOf();
    for (let index = 0; index < 5; index++) mkdirSync(join(root, `d${index}`));
    slowClock();
    const progress: number[] = [];
    await scanContext(root, new ContextTree(), { matcher: undefined, onProgress: (paths) => progress.push(paths) });
    expect(progress.length).toBeGreaterThan(1);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('ends when it is told to', async () => {
    const root = folderOf({ 'a/x': '', 'b/x': '', 'c/x': '' });
    slowClock();
    const stop = new AbortController();
    const options = { matcher: undefined, signal: stop.signal, onProgress: () => stop.abort() };
    await expect(scanContext(root, new ContextTree(), options)).rejects.toThrow(/abort/i);
  });
});
