import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { compileIgnore } from '../../../core/context/ignoreMatcher';
import { ContextTree, type ContextNode } from '../../../core/context/tree';
import { scanContext, scanPaths, type ScanOptions } from '../../../core/node/context/scan';
import { folderOf, put } from './folder';

const rules = (...patterns: string[]): ScanOptions => ({
  matcher: patterns.length === 0 ? undefined : compileIgnore(patterns).matcher,
});

async function scanned(root: string, options = rules()): Promise<ContextTree> {
  const tree = new ContextTree();
  await sleep(30); // what was listed right after a change is not relied on
  await scanContext(root, tree, options);
  await sleep(30);
  return tree;
}

/** Paths that are there, sorted. */
const present = (tree: ContextTree): string[] =>
  [...tree.nodes()].flatMap((node) => (node.entry === undefined || node.path === '' ? [] : [node.path])).sort();

/** Paths whose last look is not that of before. */
function moved(tree: ContextTree, work: () => Promise<unknown>): Promise<string[]> {
  const before = new Map<ContextNode, number>([...tree.nodes()].map((node) => [node, node.seenTo]));
  return work().then(() =>
    [...tree.nodes()].filter((node) => before.get(node) !== node.seenTo).map((node) => node.path || '.'),
  );
}

/** The tree as a complete look finds it, looks apart. */
async function truth(root: string, options = rules()): Promise<unknown> {
  return states(await scanned(root, options));
}

function states(tree: ContextTree): unknown {
  return [...tree.nodes()]
    .filter((node) => node.entry !== undefined)
    .map(({ path, entry, pruned }) => ({ path, entry, pruned }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe('a look at some paths', () => {
  it('moves nothing but these and the directories above them', async () => {
    const root = folderOf({ 'a/x': '1', 'a/y': '1', 'b/c/z': '1', 'b/c/other': '1', 'b/d/w': '1' });
    const tree = await scanned(root);
    const lookedAt = tree.lookedAt;
    writeFileSync(join(root, 'b/c/z'), 'changed');
    expect((await moved(tree, () => scanPaths(root, tree, ['b/c/z'], rules()))).sort()).toEqual([
      ...['.', 'b', 'b/c', 'b/c/z'],
    ]);
    expect(tree.node('b/c/z')?.entry?.size).toBe(7);
    expect(tree.node('b/c/z')?.versions).toMatchObject([{ size: 1 }]);
    expect(tree.lookedAt).toBe(lookedAt);
  });

  it('leaves a change alone that nobody told of', async () => {
    const root = folderOf({ 'a/x': '1', 'a/y': '1' });
    const tree = await scanned(root);
    put(root, { 'a/x': 'changed', 'a/y': 'changed' });
    const seen = tree.node('a/y')?.seenTo;
    await scanPaths(root, tree, ['a/x'], rules());
    expect(tree.node('a/y')).toMatchObject({ seenTo: seen, entry: { size: 1 } });
  });

  it('finds what is new beside them, and what is gone', async () => {
    const root = folderOf({ 'a/x': '1', 'a/gone': '1' });
    const tree = await scanned(root);
    put(root, { 'a/x': '22', 'a/new': '1', 'a/folder/deep/file': '1' });
    rmSync(join(root, 'a/gone'));
    await scanPaths(root, tree, ['a/x'], rules());
    expect(present(tree)).toEqual(['a', 'a/folder', 'a/folder/deep', 'a/folder/deep/file', 'a/new', 'a/x']);
    expect(tree.node('a')?.versions.at(-1)?.names).toEqual(['gone', 'x']);
    expect(states(tree)).toEqual(await truth(root));
  });

  it('finds a file in folders that are new on the way to it', async () => {
    const root = folderOf({ 'a/x': '1' });
    const tree = await scanned(root);
    put(root, { 'a/b/c/d': '1', 'a/b/e': '1' });
    await scanPaths(root, tree, ['a/b/c/d'], rules());
    expect(states(tree)).toEqual(await truth(root));
  });

  it('looks at all of a folder that was put in the place of another one', async () => {
    const root = folderOf({ 'a/x': '1', 'a/y/z': '1', 'other/x': '22', 'other/y/z': '333' });
    const tree = await scanned(root);
    renameSync(join(root, 'a'), join(root, 'old'));
    renameSync(join(root, 'other'), join(root, 'a'));
    await scanPaths(root, tree, ['a'], rules());
    expect(states(tree)).toEqual(await truth(root));
    expect(tree.node('a/y/z')?.entry?.size).toBe(3);
  });

  it('looks at all of a folder that was moved away and back', async () => {
    const root = folderOf({ 'a/b/x': '1' });
    const tree = await scanned(root);
    renameSync(join(root, 'a/b'), join(root, 'away'));
    writeFileSync(join(root, 'away/x'), 'other');
    renameSync(join(root, 'away'), join(root, 'a/b'));
    await scanPaths(root, tree, ['a/b'], rules());
    expect(states(tree)).toEqual(await truth(root));
  });

  it('takes a file for a folder and a folder for a file when they are that', async () => {
    const root = folderOf({ 'a/x': '1', b: '1' });
    const tree = await scanned(root);
    rmSync(join(root, 'a'), { recursive: true });
    rmSync(join(root, 'b'));
    put(root, { a: 'file', 'b/x': '1' });
    await scanPaths(root, tree, ['a/x', 'b'], rules());
    expect(states(tree)).toEqual(await truth(root));
  });

  it('does not follow links, nor look into what is ignored', async () => {
    const root = folderOf({ 'node_modules/a': '1', 'docs/a': '1', 'docs/keep': '1', 'real/x': '1' });
    symlinkSync('real', join(root, 'link'));
    const options = rules('node_modules', 'docs/*', '!docs/keep');
    const tree = await scanned(root, options);
    put(root, { 'node_modules/b': '1', 'docs/new': '1', 'real/x': '22' });
    mkdirSync(join(root, 'sub/node_modules'), { recursive: true });
    await scanPaths(root, tree, ['node_modules/b', 'docs/new', 'link/x', 'sub', 'no/such/path'], options);
    expect(tree.node('node_modules')?.pruned).toBe(true);
    expect(tree.node('node_modules/b')?.entry).toBeUndefined();
    expect(tree.node('link/x')).toBeUndefined();
    expect(tree.node('real/x')?.entry?.size).toBe(1);
    await scanPaths(root, tree, ['real/x'], options);
    expect(states(tree)).toEqual(await truth(root, options));
  });

  it('looks at everything when it is told of the context itself', async () => {
    const root = folderOf({ 'a/x': '1', b: '1' });
    const tree = await scanned(root);
    put(root, { 'a/x': '22', b: '22' });
    await scanPaths(root, tree, [''], rules());
    expect(states(tree)).toEqual(await truth(root));
  });

  it('looks at everything when another folder is there now', async () => {
    const parent = folderOf({ 'app/a/x': '1', 'other/a/x': '22' });
    const root = join(parent, 'app');
    const tree = await scanned(root);
    renameSync(root, join(parent, 'old'));
    renameSync(join(parent, 'other'), root);
    await scanPaths(root, tree, ['nothing'], rules());
    expect(states(tree)).toEqual(await truth(root));
  });

  it('counts what is worth remembering, and nothing else', async () => {
    const root = folderOf({ 'a/x': '1', '.git/index': '1' });
    const options = rules('.git');
    const tree = await scanned(root, options);
    const before = tree.changes;
    writeFileSync(join(root, '.git/index.lock'), '');
    await scanContext(root, tree, options);
    await scanPaths(root, tree, ['a/x', 'a', '.git/index.lock'], options);
    expect(tree.changes).toBe(before);
    writeFileSync(join(root, 'a/x'), '2');
    await scanPaths(root, tree, ['a/x'], options);
    expect(tree.changes).toBeGreaterThan(before);
  });
});
