import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeSum } from '../../../../core/node/disk/treeSum';
import { folderOf } from '../folder';

const { signal } = new AbortController();
const du = (path: string): number =>
  Number(execFileSync('du', ['-s', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0]);

describe.skipIf(process.platform === 'win32')('the sum of a folder', () => {
  it('is what du says, hard links once, holes not at all', async () => {
    const folder = folderOf();
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    for (let file = 0; file < 100; file++) writeFileSync(join(folder, 'a', `small${file}`), 'x');
    writeFileSync(join(folder, 'a/b/large'), Buffer.alloc(100_000, 1));
    linkSync(join(folder, 'a/b/large'), join(folder, 'again'));
    symlinkSync('a/b/large', join(folder, 'link'));
    writeFileSync(join(folder, 'holes'), 'y');
    truncateSync(join(folder, 'holes'), 5_000_000);
    const tree = await treeSum(folder, { signal, isOpen: (path) => path === '' });
    expect(tree?.blocks).toBe(du(folder));
    expect(tree?.bytes).toBe(100 + 100_000 + 'a/b/large'.length + 5_000_000);
    expect([...(tree?.children.keys() ?? [])].sort()).toEqual(['a', 'again', 'holes', 'link']);
    expect(tree?.children.get('a')?.children.size).toBe(0);
    const parts = [...(tree?.children.values() ?? [])].reduce((sum, { blocks }) => sum + blocks, 0);
    expect(parts + (tree?.own ?? 0)).toBe(tree?.blocks);
  });

  it('is none of what is not there, and ends when it is told to', async () => {
    expect(await treeSum('/nowhere/at/all', { signal })).toBeUndefined();
    await expect(treeSum(folderOf(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  it.skipIf(process.platform !== 'linux')('stops at other file systems', async () => {
    // below /dev lie several of them
    const tree = await treeSum('/dev', { signal });
    expect(tree?.blocks).toBe(
      Number(execFileSync('du', ['-sx', '--block-size=1', '/dev'], { encoding: 'utf8' }).split('\t')[0]),
    );
  });
});
