import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fileArchive } from '../../../core/buildah/contentDigest';
import { MAX_ARCHIVES, type WantedDigest } from '../../../core/buildah/contextCopies';
import { ContextIndex, readIgnoreRules, type IgnoreRules } from '../../../core/node/context/contextIndex';
import type { ContextNode } from '../../../core/context/tree';
import { HashPool } from '../../../core/node/hash/pool';
import { sha256 } from '../../../core/node/sha256';
import { asNobody, folderOf, put } from './folder';

const NO_RULES: IgnoreRules = { patterns: [], file: undefined, matcher: undefined, problems: [] };

describe('the ignore rules of a Dockerfile', () => {
  it('are none without a file', () => {
    const root = folderOf({ Dockerfile: '' });
    expect(readIgnoreRules(root, join(root, 'Dockerfile'))).toEqual(NO_RULES);
  });

  it('are those of the context', () => {
    const root = folderOf({ '.dockerignore': '# comment\n/dist/\n\n!dist/keep\n', 'docker/Dockerfile': '' });
    const rules = readIgnoreRules(root, join(root, 'docker', 'Dockerfile'));
    expect(rules.patterns).toEqual(['dist', '!dist/keep']);
    expect(rules.file).toBe(join(root, '.dockerignore'));
    expect(rules.matcher?.matchesOrParentMatches('dist/a')).toBe(true);
    expect(rules.matcher?.matchesOrParentMatches('dist/keep')).toBe(false);
  });

  it('are those of the Dockerfile alone when it has its own', () => {
    const own = 'docker/api.Dockerfile.dockerignore';
    const root = folderOf({ '.dockerignore': 'dist\n', [own]: 'src\n', 'docker/api.Dockerfile': '' });
    expect(readIgnoreRules(root, join(root, 'docker/api.Dockerfile'))).toMatchObject({
      patterns: ['src'],
      file: join(root, own),
    });
    expect(readIgnoreRules(root, join(root, 'docker/web.Dockerfile')).patterns).toEqual(['dist']);
  });

  it('ignore nothing when its own file is empty', () => {
    const root = folderOf({ '.dockerignore': 'dist\n', 'Dockerfile.dockerignore': '' });
    expect(readIgnoreRules(root, join(root, 'Dockerfile'))).toMatchObject({ patterns: [], problems: [] });
  });

  it.each(['a[', '!', '[z-a]\\'])('tell that the builder refuses "%s"', (pattern) => {
    const root = folderOf({ '.dockerignore': `dist\n${pattern}\n` });
    const { matcher, problems } = readIgnoreRules(root, join(root, 'Dockerfile'));
    expect(matcher).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'ignore-pattern-invalid' }]);
    expect(problems[0]?.message).toContain('.dockerignore');
  });

  it('are none in what is no file', () => {
    const root = folderOf({ '.dockerignore': 'dist\n' });
    mkdirSync(join(root, 'Dockerfile.dockerignore'));
    expect(readIgnoreRules(root, join(root, 'Dockerfile')).patterns).toEqual(['dist']);
    rmSync(join(root, '.dockerignore'));
    symlinkSync('.dockerignore', join(root, '.dockerignore'));
    expect(readIgnoreRules(root, join(root, 'Dockerfile'))).toMatchObject({ patterns: [], problems: [] });
  });

  it.skipIf(process.platform === 'win32')('do not wait for a pipe', () => {
    const root = folderOf();
    execFileSync('mkfifo', [join(root, '.dockerignore')]);
    expect(readIgnoreRules(root, join(root, 'Dockerfile'))).toMatchObject({ patterns: [], problems: [] });
  });

  it.skipIf(process.getuid?.() !== 0)('ignore nothing when their file may not be read, and say so', () => {
    const root = folderOf({ 'Dockerfile.dockerignore': 'src\n', '.dockerignore': 'dist\n' });
    chmodSync(join(root, 'Dockerfile.dockerignore'), 0);
    chmodSync(root, 0o755);
    const { patterns, problems } = asNobody(() => readIgnoreRules(root, join(root, 'Dockerfile')));
    expect(patterns).toEqual([]);
    expect(problems).toMatchObject([{ code: 'context-unreadable' }]);
    expect(problems[0]?.message).toContain('ignores nothing');
  });

  it('tell that the builder refuses a line that is too long', () => {
    const problemsOf = (text: string) => {
      const root = folderOf({ '.dockerignore': text });
      return readIgnoreRules(root, join(root, 'Dockerfile')).problems;
    };
    expect(problemsOf(`a\n${'b'.repeat(65_535)}\n`)).toEqual([]);
    expect(problemsOf(`a\n${'b'.repeat(65_536)}\n`)[0]).toMatchObject({ code: 'ignore-pattern-invalid' });
    expect(problemsOf(`${'é'.repeat(32_768)}\n`)[0]?.message).toContain('line 1');
  });

  const names = ['Dockerfile.containerignore', 'Dockerfile.dockerignore', '.containerignore', '.dockerignore'];
  it.each([
    ['buildkit', ['Dockerfile.dockerignore', '.dockerignore']],
    ['none', ['Dockerfile.dockerignore', '.dockerignore']],
    ['classic', ['.dockerignore']],
    ['buildah', names],
  ] as const)('are those of the first file that the builder knows: %s', (builder, order) => {
    const root = folderOf(Object.fromEntries(names.map((name) => [name, `of ${name}\n`])));
    const known: string[] = [];
    for (;;) {
      const { file, patterns } = readIgnoreRules(root, join(root, 'Dockerfile'), builder);
      if (file === undefined) break;
      const name = file.slice(root.length + 1);
      expect(patterns).toEqual([`of ${name}`]);
      known.push(name);
      rmSync(file);
    }
    expect(known).toEqual(order);
  });

  it('are read in time whatever blanks they have', () => {
    const root = folderOf({ '.dockerignore': `${' '.repeat(60_000)}x${' '.repeat(5000)}\n`.repeat(10) });
    const started = process.cpuUsage();
    expect(readIgnoreRules(root, join(root, 'Dockerfile')).patterns).toHaveLength(10);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(500);
  });
});

/** Something happens to the files while they are read. */
class Meanwhile extends HashPool {
  constructor(private readonly happens: () => void) {
    super('');
  }

  override async hash(...[files, onContent, signal]: Parameters<HashPool['hash']>): Promise<void> {
    await super.hash(
      files,
      (index, content) => {
        this.happens();
        onContent(index, content);
      },
      signal,
    );
  }
}

/** Counts the files that are read. */
class Counting extends HashPool {
  files: string[] = [];

  override async hash(...[files, onContent, signal]: Parameters<HashPool['hash']>): Promise<void> {
    this.files.push(...files.map(({ path }) => path));
    await super.hash(files, onContent, signal);
  }
}

function node(index: ContextIndex, path: string): ContextNode {
  const found = index.tree.node(path);
  if (found === undefined) throw new Error(`${path} is not there`);
  return found;
}

async function scanned(root: string, pool = new HashPool(''), state = folderOf()): Promise<ContextIndex> {
  // what was written just now may be written again within the same tick of the clock
  await sleep(50);
  const index = new ContextIndex(root, state, pool);
  await index.scan(NO_RULES);
  return index;
}

describe('reading files', () => {
  it('gives their digests', async () => {
    const root = folderOf({ a: 'hello', empty: '', 'd/b': 'x' });
    const index = await scanned(root);
    await index.read([node(index, 'a'), node(index, 'empty'), node(index, 'd')]);
    expect(node(index, 'a')).toMatchObject({ digest: sha256('hello'), digestKept: true, archive: false });
    expect(node(index, 'empty').digest).toBe(sha256(''));
    expect(node(index, 'd').digest).toBeUndefined();
    expect(node(index, 'd/b').digest).toBeUndefined();
  });

  it('reads each file once', async () => {
    const root = folderOf({ a: 'hello' });
    const pool = new Counting('');
    const index = await scanned(root, pool);
    await index.read([node(index, 'a')]);
    await index.scan(NO_RULES);
    await index.read([node(index, 'a')]);
    expect(pool.files).toEqual([join(root, 'a')]);
  });

  it('gives their checksums behind a header, and reads again for another header only', async () => {
    const root = folderOf({ a: 'hello', b: 'hello' });
    const pool = new Counting('');
    const index = await scanned(root, pool);
    const [a, b] = [node(index, 'a'), node(index, 'b')];
    await index.read([a, b], undefined, new Map([[a, 'head of a']]));
    expect(a).toMatchObject({
      digest: sha256('hello'),
      sum: { header: 'head of a', digest: sha256('head of ahello') },
    });
    expect(b.sum).toBeUndefined();
    await index.read([a, b], undefined, new Map([[a, 'head of a']]));
    expect(pool.files).toHaveLength(2);
    await index.read([a], undefined, new Map([[a, 'other ']]));
    expect(a.sum).toEqual({ header: 'other ', digest: sha256('other hello') });
    writeFileSync(join(root, 'a'), 'HELLO');
    await index.scan(NO_RULES);
    expect(a.sum).toBeUndefined();
  });

  it('gives no checksum of a file that changes while it is read', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root, new Meanwhile(() => writeFileSync(join(root, 'a'), 'HELLO')));
    const a = node(index, 'a');
    await index.read([a], undefined, new Map([[a, 'head']]));
    expect(a.sum).toBeUndefined();
  });

  it('reads a file again that changed', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root);
    await index.read([node(index, 'a')]);
    writeFileSync(join(root, 'a'), 'other');
    await index.scan(NO_RULES);
    expect(node(index, 'a').digest).toBeUndefined();
    expect(node(index, 'a').versions).toMatchObject([{ digest: sha256('hello') }]);
    await index.read([node(index, 'a')]);
    expect(node(index, 'a').digest).toBe(sha256('other'));
  });

  it('does not keep the digest of a file that was written a moment ago', async () => {
    const root = folderOf({ a: 'hello' });
    const index = new ContextIndex(root, folderOf(), new HashPool(''));
    await index.scan(NO_RULES);
    const changed = node(index, 'a').entry?.ctime ?? 0;
    vi.spyOn(Date, 'now').mockReturnValue(changed + 5);
    onTestFinished(() => void vi.restoreAllMocks());
    await index.read([node(index, 'a')]);
    expect(node(index, 'a').digestKept).toBe(false);
    expect(node(index, 'a').digest).toBe(sha256('hello'));
  });

  it('claims nothing of a file that changes while it is read', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root, new Meanwhile(() => writeFileSync(join(root, 'a'), 'HELLO')));
    await index.read([node(index, 'a')]);
    expect(node(index, 'a').digest).toBeUndefined();
    expect(node(index, 'a').versions.map((version) => version.digest)).toEqual([undefined]);
  });

  it('claims nothing of a file that vanishes while it is read, or before', async () => {
    const root = folderOf({ a: 'hello', b: 'hello' });
    const index = await scanned(root, new Meanwhile(() => rmSync(join(root, 'a'), { force: true })));
    rmSync(join(root, 'b'));
    await index.read([node(index, 'a'), node(index, 'b')]);
    expect(node(index, 'a').digest).toBeUndefined();
    expect(node(index, 'b').digest).toBeUndefined();
  });

  it('ends when it is told to', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root);
    await expect(index.read([node(index, 'a')], AbortSignal.abort())).rejects.toThrow(/abort/i);
  });

  it('reads the smallest ahead, as far as the budget goes', async () => {
    const root = folderOf({ small: '1', middle: '22', large: 'x'.repeat(100) });
    const pool = new Counting('');
    const index = await scanned(root, pool);
    await index.readAhead(index.tree.nodes(), 50);
    expect(pool.files).toEqual([join(root, 'small'), join(root, 'middle')]);
    await index.readAhead(index.tree.nodes(), 0);
    expect(pool.files).toHaveLength(2);
  });
});

describe('the next run', () => {
  it('knows digests, and what changed since', async () => {
    const root = folderOf({ a: 'hello', b: 'same' });
    const state = folderOf();
    const first = await scanned(root, undefined, state);
    await first.read([node(first, 'a'), node(first, 'b')]);
    expect(await first.save()).toBe(true);
    put(root, { a: 'changed' });
    const second = await scanned(root, undefined, state);
    expect(node(second, 'b').digest).toBe(sha256('same'));
    expect(node(second, 'a').digest).toBeUndefined();
    expect(node(second, 'a').versions).toMatchObject([{ digest: sha256('hello') }]);
  });

  it('works without a state folder', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root, undefined, join(root, 'a', 'state'));
    expect(await index.save()).toBe(false);
    expect(node(index, 'a').entry?.size).toBe(5);
  });
});

describe('digests of archives', () => {
  const wanted = (index: ContextIndex, path: string, key = 'key'): WantedDigest => {
    const file = node(index, path);
    const size = file.entry?.size ?? 0;
    const archive = fileArchive({ path: '', type: 'file', mode: 0o644, size }, 'name', { from: 'context' }) ?? [];
    return { kind: 'archive', key, archive, location: path, nodes: [file] };
  };

  it('are noted by what they are made of', async () => {
    const root = folderOf({ 'd/a': 'hello' });
    const index = await scanned(root);
    await index.digest([wanted(index, 'd/a'), { kind: 'mount', key: 'mount', path: 'd' }]);
    expect(index.tree.archives.get('key')).toMatch(/^[0-9a-f]{64}$/);
    expect(index.tree.archives.get('mount')).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('are not noted of a file that is another one, or gone', async () => {
    const root = folderOf({ a: 'hello', b: 'hello', c: 'hello' });
    const index = await scanned(root);
    const all = ['a', 'b', 'c'].map((path) => wanted(index, path, path));
    writeFileSync(join(root, 'a'), 'HELLO');
    writeFileSync(join(root, 'b'), 'hello, but longer');
    rmSync(join(root, 'c'));
    await index.digest([...all, { kind: 'mount', key: 'mount', path: 'none' }]);
    expect([...index.tree.archives.keys()]).toEqual([]);
  });

  it('are kept up to a number, the oldest go', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root);
    await index.digest(Array.from({ length: MAX_ARCHIVES + 5 }, (_, number) => wanted(index, 'a', `key ${number}`)));
    expect(index.tree.archives.size).toBe(MAX_ARCHIVES);
    expect(index.tree.archives.has('key 4')).toBe(false);
    expect(index.tree.archives.has('key 5')).toBe(true);
  });

  it('are not computed when nobody wants them any more', async () => {
    const root = folderOf({ a: 'hello' });
    const index = await scanned(root);
    await expect(index.digest([wanted(index, 'a')], AbortSignal.abort())).rejects.toThrow();
  });
});
