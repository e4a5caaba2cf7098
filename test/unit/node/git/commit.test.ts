import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitCommit } from '../../../../core/node/git/commit';
import { sha256 } from '../../../../core/node/sha256';

let repository: string;

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    cwd: repository,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
const write = (path: string, content: string): void => {
  mkdirSync(dirname(join(repository, path)), { recursive: true });
  writeFileSync(join(repository, path), content);
};
const commit = (): void => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'a commit');
};
const open = (ref = 'HEAD', context = '.', dockerfile = 'Dockerfile'): Promise<GitCommit> =>
  GitCommit.open(ref, join(repository, context), join(repository, dockerfile), process.env);

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'li-commit-'));
  git('init', '--quiet');
  write('Dockerfile', 'FROM busybox:1\n');
});
afterEach(() => {
  rmSync(repository, { recursive: true, force: true });
});

describe('a commit as a baseline', () => {
  it('has the files of the commit, not those on disk', async () => {
    write('a.txt', 'then');
    commit();
    write('a.txt', 'now');
    write('new.txt', 'now');
    const { files, dockerfile } = await open();
    expect(dockerfile).toBe('FROM busybox:1\n');
    expect(files.tree.node('a.txt')?.entry).toMatchObject({ type: 'file', size: 4 });
    expect(files.tree.node('new.txt')).toBeUndefined();
  });

  it('reads content only when it is asked for', async () => {
    write('d/a.txt', 'content');
    commit();
    const one = await open();
    const node = one.files.tree.node('d/a.txt');
    expect(node?.digest).toBeUndefined();
    await one.read(one.files.tree.nodes());
    expect(node?.digest).toBe(sha256('content'));
  });

  it('has the permissions that a checkout gives, and the targets of links', async () => {
    write('run.sh', '#!/bin/sh\n');
    chmodSync(join(repository, 'run.sh'), 0o700);
    write('plain', 'x');
    symlinkSync('run.sh', join(repository, 'link'));
    commit();
    const { tree } = (await open()).files;
    const mode = (path: string): number | undefined => tree.node(path)?.entry?.mode;
    expect(mode('plain')).toBe(lstatSync(join(repository, 'plain')).mode & 0o777);
    expect(mode('run.sh')).toBe((mode('plain') ?? 0) | (((mode('plain') ?? 0) & 0o444) >> 2));
    expect(tree.node('link')?.entry).toMatchObject({ type: 'symlink', target: 'run.sh' });
  });

  it('takes the build context and the Dockerfile from where they are in the repository', async () => {
    write('app/src/a.txt', 'a');
    write('build/Dockerfile', 'FROM scratch\n');
    write('build/Dockerfile.dockerignore', '*.log\n');
    write('app/.dockerignore', 'not this one\n');
    commit();
    const { files, dockerfile } = await open('HEAD', 'app', 'build/Dockerfile');
    expect(dockerfile).toBe('FROM scratch\n');
    expect(files.patterns).toEqual(['*.log']);
    expect(files.tree.node('src/a.txt')?.entry?.type).toBe('file');
    expect(files.tree.node('build')).toBeUndefined();
  });

  it('converts line endings as the attributes of the commit say, not those on disk', async () => {
    write('.gitattributes', '*.txt eol=crlf\n');
    write('a.txt', 'one\ntwo\n');
    write('b.sh', 'one\ntwo\n');
    commit();
    write('.gitattributes', '*.sh eol=crlf\n');
    const one = await open();
    await one.read(one.files.tree.nodes());
    expect(one.files.tree.node('a.txt')).toMatchObject({ digest: sha256('one\r\ntwo\r\n'), entry: { size: 10 } });
    expect(one.files.tree.node('b.sh')).toMatchObject({ digest: sha256('one\ntwo\n'), entry: { size: 8 } });
  });

  it('runs no program that the repository names: such files stay unknown', async () => {
    write('.gitattributes', '*.bin filter=own\n');
    write('a.bin', 'x');
    commit();
    const ran = join(repository, 'ran');
    git('config', 'filter.own.smudge', `touch ${ran}; cat`);
    git('config', 'core.fsmonitor', `touch ${ran}`);
    const one = await open();
    await one.read(one.files.tree.nodes());
    expect(one.files.tree.node('a.bin')?.entry?.type).toBe('unreadable');
    expect(() => execFileSync('test', ['-e', ran])).toThrow();
  });

  it('leaves the repository as it was', async () => {
    write('a.txt', 'a');
    commit();
    write('b.txt', 'staged');
    git('add', 'b.txt');
    const before = git('status', '--porcelain');
    await open();
    expect(git('status', '--porcelain')).toBe(before);
  });

  it('knows when the commit has no such Dockerfile', async () => {
    commit();
    expect((await open('HEAD', '.', 'Dockerfile.new')).dockerfile).toBeUndefined();
  });

  it('finds a Dockerfile over links, on disk and in the commit', async () => {
    write('docker/real', 'FROM scratch\n');
    symlinkSync('docker/real', join(repository, 'linked'));
    commit();
    expect((await open('HEAD', '.', 'linked')).dockerfile).toBe('FROM scratch\n');
    const other = mkdtempSync(join(tmpdir(), 'li-link-'));
    try {
      symlinkSync(repository, join(other, 'way'));
      const found = await GitCommit.open('HEAD', repository, join(other, 'way', 'Dockerfile'), process.env);
      expect(found.dockerfile).toBe('FROM busybox:1\n');
      const outside = GitCommit.open('HEAD', repository, join(other, 'Dockerfile'), process.env);
      await expect(outside).rejects.toThrow(/is not in the repository/);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('says which commit is none', async () => {
    commit();
    await expect(open('nothing')).rejects.toThrow(/^nothing is no commit of /);
    await expect(open('--help')).rejects.toThrow(/is no commit/);
  });

  it('says that a folder is in no repository', async () => {
    rmSync(join(repository, '.git'), { recursive: true });
    await expect(open()).rejects.toThrow(/not a git repository/);
  });
});
