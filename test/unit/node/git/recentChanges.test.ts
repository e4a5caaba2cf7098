import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recentChanges } from '../../../../core/node/git/recentChanges';

let repository: string;

const git = (args: readonly string[], input = ''): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
    ...{ cwd: repository, encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] },
  });
function commit(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), String(Math.random()));
  }
  git(['add', '--all']);
  git(['commit', '--quiet', '--message', 'a commit']);
}

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'li-changes-'));
  git(['init', '--quiet']);
});
afterEach(() => {
  rmSync(repository, { recursive: true, force: true });
});

describe('what the last commits changed', () => {
  it('is told for each, the newest first, relative to the folder', async () => {
    commit('app/a b.txt', 'other');
    commit('app/ä\nx', 'app/src/c');
    commit('other');
    expect(await recentChanges(join(repository, 'app'), process.env)).toEqual([['src/c', 'ä\nx'], ['a b.txt']]);
  });

  it('is nothing where there is no repository, no commit or no git', async () => {
    expect(await recentChanges(repository, process.env)).toEqual([]);
    expect(await recentChanges(tmpdir(), process.env)).toEqual([]);
    expect(await recentChanges(repository, { PATH: repository })).toEqual([]);
  });

  it('is asked without running what the repository configures', async () => {
    const ran = join(repository, 'ran');
    const program = join(repository, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
    commit('a');
    const signed = git(['cat-file', 'commit', 'HEAD']).replace(
      /\n\n/,
      '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
    );
    git(['update-ref', 'HEAD', git(['hash-object', '-t', 'commit', '-w', '--stdin'], signed).trim()]);
    git(['config', 'log.showSignature', 'true']);
    git(['config', 'gpg.program', program]);
    git(['log', '-1']);
    expect(existsSync(ran), 'git itself runs it').toBe(true);
    rmSync(ran);
    expect(await recentChanges(repository, process.env)).toHaveLength(1);
    expect(existsSync(ran)).toBe(false);
  });
});
