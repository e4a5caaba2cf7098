import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { run } from '../../judge/run.js';
import { hit, miss, openHit, openMiss, unsure, type Line } from '../traps/lines.js';
import { Scenario } from '../traps/scenario.js';
import { describeOnEngine } from '../traps/trap.js';
import { verify } from '../traps/verify.js';
import { startLoopback, type LoopbackServer } from './loopback.js';

type Files = Readonly<Record<string, string>>;

interface Row {
  /** What ADD names, and where; `{url}` and `{commit}` (the first one) are replaced. */
  readonly add: string;
  readonly second: (text: string) => Line;
  /** What is committed between the builds; default: nothing. */
  readonly files?: Files;
  /** The ADD of the second build, where it is another one. */
  readonly then?: string;
  /** The server has no such repository any more. */
  readonly gone?: boolean;
  /** The predictor may ask the server. */
  readonly network?: boolean;
  /** What the first build names is an annotated tag of this name. */
  readonly tag?: string;
}

const FILES: Files = { 'a.txt': 'a\n', 'sub/b.txt': 'b\n' };

await describeOnEngine('ADD of a git repository', (shared) => {
  let server: LoopbackServer | undefined;
  let folder = '';
  let builds = false;
  let count = 0;

  const git = async (at: string, ...args: readonly string[]): Promise<string> => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    const result = await run('git', ['-C', at, ...identity, ...args], { timeoutMs: 30_000 });
    expect(result.code, `git ${args.join(' ')}: ${result.stderr}`).toBe(0);
    return result.stdout.trim();
  };
  const commit = async (at: string, files: Files): Promise<string> => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(at, name)), { recursive: true });
      writeFileSync(join(at, name), content);
    }
    await git(at, 'add', '.');
    await git(at, 'commit', '--quiet', '--allow-empty', '--message=change');
    return git(at, 'rev-parse', 'HEAD');
  };
  /** A repository with one commit that the builder reaches. */
  const open = async (): Promise<{ at: string; scenario: Scenario }> => {
    const name = `r${String(++count)}`;
    const at = join(folder, name);
    mkdirSync(at);
    await git(at, 'init', '--quiet', '--initial-branch=main');
    await git(at, 'config', 'uploadpack.allowAnySHA1InWant', 'true');
    const first = await commit(at, FILES);
    await git(at, 'tag', 'v1');
    const words = { url: `http://127.0.0.1:${server?.port ?? ''}/${name}/.git`, commit: first };
    return { at, scenario: new Scenario({ ...shared(), words }) };
  };

  beforeAll(async () => {
    folder = mkdtempSync('/tmp/li-git-');
    server = await startLoopback(join(import.meta.dirname, 'gitServer.mjs'), folder);
    const { scenario } = await open();
    builds = (await scenario.build(['FROM scratch', 'ADD {url} /src'])).succeeded;
    scenario.remove();
  });
  afterAll(() => {
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const play = async (context: TestContext, row: Row): Promise<void> => {
    if (!builds) return context.skip('the builder has no git, or does not reach 127.0.0.1 of this machine');
    const { at, scenario } = await open();
    try {
      if (row.tag !== undefined) await git(at, 'tag', '--annotate', '--message=tag', row.tag);
      const first = await scenario.build([row.add]);
      expect(first.succeeded, first.error).toBe(true);
      await scenario.predict([row.add]);
      if (row.files !== undefined) await commit(at, row.files);
      if (row.gone === true) rmSync(at, { recursive: true });
      const { network } = row;
      const { steps } = await verify(scenario, [row.second(row.then ?? row.add)], { asked: { network } });
      const added = steps.find((step) => step.instruction === 'ADD');
      if (added?.verdict === 'may-hit')
        expect(added.reason).toMatch(
          /which commit .* tells|result with this description|same files only the build tells/,
        );
    } finally {
      scenario.remove();
    }
  };
  const row = (title: string, one: Row): void => {
    it(title, (context) => play(context, one));
  };

  row('G01: the branch is where it was', { add: 'ADD {url} /src', second: openHit });
  row('G02: a commit changes a file', {
    add: 'ADD {url}#main /src',
    second: openMiss,
    files: { 'a.txt': 'changed\n' },
  });
  row('G03: a commit without a change', { add: 'ADD {url}#main /src', second: openHit, files: {} });
  row('G04: a commit outside of the folder that is taken', {
    add: 'ADD {url}#main:sub /src',
    second: openHit,
    files: { 'a.txt': 'changed\n' },
  });
  row('G05: a tag', { add: 'ADD {url}#v1 /src', second: openHit, files: { 'a.txt': 'changed\n' } });
  // the earlier build noted at which commit it was
  row('G06: a branch becomes the commit that it was', {
    add: 'ADD {url}#main /src',
    then: 'ADD {url}#{commit} /src',
    second: hit,
  });
  row('G07b: with .git every commit is another one', {
    add: 'ADD --keep-git-dir {url}#main /src',
    second: openMiss,
    files: {},
  });
  const network = true;
  row('allowed: G01: the branch is where it was', { add: 'ADD {url} /src', second: hit, network });
  row('allowed: G02: a commit changes a file', {
    add: 'ADD {url}#main /src',
    second: (text) => unsure(miss(text)),
    files: { 'a.txt': 'changed\n' },
    network,
  });
  row('allowed: G03: a commit without a change', {
    add: 'ADD {url}#main /src',
    second: (text) => unsure(hit(text)),
    files: {},
    network,
  });
  row('allowed: G04: a commit outside of the folder that is taken', {
    add: 'ADD {url}#main:sub /src',
    second: openHit,
    files: { 'a.txt': 'changed\n' },
    network,
  });
  row('allowed: G05: a tag', { add: 'ADD {url}#v1 /src', second: hit, files: { 'a.txt': 'changed\n' }, network });
  row('allowed: an annotated tag', {
    add: 'ADD {url}#v2 /src',
    tag: 'v2',
    second: hit,
    files: { 'a.txt': 'changed\n' },
    network,
  });
  row('allowed: another name of the same commit', {
    add: 'ADD {url}#main /src',
    then: 'ADD {url}#refs/tags/v1 /src',
    second: hit,
    network,
  });
  row('allowed: G07b: with .git every commit is another one', {
    add: 'ADD --keep-git-dir {url}#main /src',
    second: openMiss,
    files: {},
    network,
  });
  row('a branch becomes the commit that it was, and the server is gone', {
    add: 'ADD {url}#main /src',
    then: 'ADD {url}#{commit} /src',
    second: hit,
    gone: true,
  });
  row('a commit, and the server is gone', { add: 'ADD {url}#{commit} /src', second: hit, gone: true });
  row('a commit by checksum, and the branch moved', {
    add: 'ADD --checksum={commit} {url}#v1 /src',
    second: hit,
    files: { 'a.txt': 'changed\n' },
  });
  row('a commit with .git', { add: 'ADD --keep-git-dir {url}#{commit} /src', second: hit, files: {} });
});
