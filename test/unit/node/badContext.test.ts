import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ContextTree } from '../../../core/context/tree';
import { ContextIndex, type IgnoreRules } from '../../../core/node/context/contextIndex';
import { scanContext } from '../../../core/node/context/scan';
import { hashFile } from '../../../core/node/hash/hashFile';
import { HashPool } from '../../../core/node/hash/pool';
import { Engine, project } from '../support/evidence';
import { asNobody, folderOf } from './folder';

const NO_RULES: IgnoreRules = { patterns: [], file: undefined, matcher: undefined, problems: [] };
const isRoot = process.getuid?.() === 0;
const TEXT = 'FROM busybox:1\nCOPY . /app\n';
const look = async (root: string) => {
  const tree = new ContextTree();
  return { tree, ...(await scanContext(root, tree, { matcher: undefined })) };
};

describe('a context with things in it that a build cannot take', () => {
  it.skipIf(process.platform !== 'linux')('says which name is not UTF-8, and goes on', async () => {
    const root = folderOf({ good: '' });
    mkdirSync(Buffer.from([...Buffer.from(`${root}/bad-`), 0xff]));
    const { tree, problems } = await look(root);
    expect(problems).toMatchObject([{ code: 'context-unreadable' }]);
    expect(problems[0]?.message).toMatch(/bad-.* not UTF-8.*Rename or ignore it/);
    expect(tree.node('good')?.entry?.type).toBe('file');
  });

  it.skipIf(!isRoot)('says which folder may not be read, and goes on', async () => {
    const root = folderOf({ 'closed/a': '', 'open/a': '' });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'closed'), 0);
    const { tree, problems } = await asNobody(() => look(root));
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^closed cannot be read \(EACCES\)/),
    ]);
    expect(tree.node('open/a')?.entry?.type).toBe('file');
  });

  it.skipIf(!isRoot)('claims nothing of the content of a file that may not be read', () => {
    const root = folderOf({ secret: 'x' });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'secret'), 0);
    expect(() => asNobody(() => hashFile(join(root, 'secret')))).toThrow(/EACCES/);
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe that took the place of a file', () => {
    const root = folderOf();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(() => hashFile(join(root, 'pipe'))).toThrow(/is no file/);
  });

  it('follows no link in a circle', async () => {
    const root = folderOf({ 'dir/a': '' });
    symlinkSync('self', join(root, 'self'));
    symlinkSync('two', join(root, 'one'));
    symlinkSync('one', join(root, 'two'));
    symlinkSync('..', join(root, 'dir/up'));
    const { tree } = await look(root);
    for (const source of ['self', 'one', 'one/x', 'dir/up/dir/up/self', 'dir/up/dir/up/dir/a']) {
      const text = `FROM busybox:1\nCOPY ${source} /x\n`;
      const { prediction } = project(new Engine(), text, { tree });
      expect(prediction.steps.at(-1)?.verdict).toBe(source.endsWith('/a') ? 'rebuild' : 'fails');
    }
  });

  it('survives folders that vanish while it is looked at', async () => {
    const files = Array.from({ length: 3000 }, (_, index) => [`d${index % 300}/f${index}`, ''] as const);
    const root = folderOf(Object.fromEntries(files));
    const tree = new ContextTree();
    let turns = 0;
    const onProgress = (): void => {
      const [first] = readdirSync(root);
      if (first !== undefined && turns++ < 40) rmSync(join(root, first), { recursive: true });
    };
    const { problems } = await scanContext(root, tree, { matcher: undefined, onProgress });
    expect(problems).toEqual([]);
    await scanContext(root, tree, { matcher: undefined });
    expect([...tree.nodes()].filter(({ entry }) => entry?.type === 'dir')).toHaveLength(readdirSync(root).length + 1);
  });

  it('starts afresh from a state folder that holds something else', async () => {
    const root = folderOf({ a: 'x' });
    const state = folderOf();
    const pool = new HashPool('');
    const once = async (): Promise<boolean> => {
      const index = new ContextIndex(root, state, pool);
      await index.scan(NO_RULES);
      expect(index.tree.node('a')?.entry?.type).toBe('file');
      return index.save();
    };
    expect(await once()).toBe(true);
    const contexts = join(state, 'contexts');
    for (const garbage of ['', '{', 'null', '[]', '{"version":1}', '\0\0\0']) {
      for (const name of readdirSync(contexts)) writeFileSync(join(contexts, name), garbage);
      expect(await once()).toBe(true);
    }
    rmSync(state, { recursive: true });
    writeFileSync(state, 'a file');
    expect(await once()).toBe(false);
  });
});

describe('a context of 100,000 files', () => {
  it('is looked at and predicted in time and memory', { timeout: 120_000 }, async () => {
    const root = folderOf();
    for (let folder = 0; folder < 200; folder++) {
      mkdirSync(join(root, `d${folder}`));
      for (let file = 0; file < 500; file++) closeSync(openSync(join(root, `d${folder}`, `f${file}`), 'w'));
    }
    const heap = process.memoryUsage().heapUsed;
    const started = process.cpuUsage();
    const { tree, problems, paths } = await look(root);
    const engine = new Engine().build({ text: TEXT, at: Date.now() + 60_000 });
    const { prediction } = project(engine, TEXT, { tree, contextPath: root });
    const { user, system } = process.cpuUsage(started);
    expect(problems).toEqual([]);
    expect(paths).toBe(100_201);
    expect(prediction.steps.at(-1)?.size).toEqual({ bytes: 0, basis: 'exact' });
    expect((user + system) / 1e6).toBeLessThan(15);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(200e6);
  });
});
