import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { pruneRecord } from './lost/records.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { runWarm } from './warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
if (noOwnEngine !== undefined) console.warn(`skipped: the ledger: ${noOwnEngine}`);

/** Values that must not be found in the state folder. */
const SECRET = `value-${randomUUID()}`;
const CONTENT = `content-${randomUUID()}`;

// with an engine of its own: builds of others at the same time make that nothing is judged
describe.skipIf(noOwnEngine !== undefined)('the ledger', () => {
  const root = mkdtempSync(join(tmpdir(), 'li-ledger-'));
  const state = join(root, 'state');
  let engine: OwnEngine;
  let base = '';
  let context = '';

  beforeAll(async () => {
    engine = await startOwnEngine();
    const own = await ensureBaseImage();
    base = `li-ledger-${randomUUID()}`;
    await makeBase(own, 'first');
  });
  afterAll(async () => {
    await engine.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** An image under the name that the tests stand on. */
  async function makeBase(from: string, word: string): Promise<void> {
    const folder = mkdtempSync(join(root, 'base-'));
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${from}\nRUN echo ${word}-${randomUUID()} >/word\n`);
    const made = await run('docker', ['build', '--quiet', '--tag', base, folder], { timeoutMs: 60_000 });
    expect(made.code, made.stderr).toBe(0);
  }

  const cli = async (verb: string, ...args: readonly string[]): Promise<string> => {
    const result = await runWarm(CLI, [verb, ...args], {
      env: { XDG_STATE_HOME: state },
      timeoutMs: 60_000,
    });
    expect(result.code, `${verb} ${args.join(' ')}: ${result.stderr}`).toBe(0);
    return result.stdout;
  };
  const predict = async (...args: readonly string[]): Promise<string> => {
    // a time stamp is only as exact as the file system's clock: what was written just now may count as written later
    await sleep(50);
    return cli('predict', context, ...args);
  };
  /** Builds, and returns the id of the build. */
  const build = async (...args: readonly string[]): Promise<string> => {
    const file = join(root, `metadata-${randomUUID()}`);
    const options = ['buildx', 'build', '--quiet', '--metadata-file', file];
    const result = await run('docker', [...options, ...args, context], { timeoutMs: 60_000 });
    expect(result.code, result.stderr).toBe(0);
    const ref = asString(at(parseJson(readFileSync(file, 'utf8')), 'buildx.build.ref')) ?? '';
    // what the files are now is what this build saw: somebody looks before they change again
    await predict(...args);
    // a time stamp is only as exact as the file system's clock
    await sleep(50);
    return ref.slice(ref.lastIndexOf('/') + 1);
  };
  const fresh = (...lines: readonly string[]): void => {
    context = join(root, `project-${randomUUID()}`);
    mkdirSync(join(context, 'src'), { recursive: true });
    writeFileSync(join(context, 'src', 'a.txt'), `one ${CONTENT}`);
    writeFileSync(join(context, 'src', 'b.txt'), 'b');
    dockerfile(...lines);
  };
  const dockerfile = (...lines: readonly string[]): void => {
    writeFileSync(join(context, 'Dockerfile'), [`FROM ${base}`, ...lines, ''].join('\n'));
  };
  const differenceOf = async (before: string, after: string, ...args: readonly string[]) => {
    const document = parseJson(await cli('history', 'explain', before, after, context, '--json', ...args));
    const difference = at(document, 'difference');
    return {
      line: at(difference, 'line'),
      field: at(difference, 'field'),
      ...(at(difference, 'name') === undefined ? {} : { name: at(difference, 'name') }),
      certainty: at(difference, 'certainty'),
      files: asArray(at(difference, 'files')),
    };
  };

  it('counts what builds confirmed', { timeout: 120_000 }, async () => {
    fresh('RUN echo a >/a', 'COPY src /src', 'RUN echo b >/b');
    await predict();
    await build();
    await build();
    writeFileSync(join(context, 'src', 'a.txt'), 'two, which is longer');
    await predict();
    const last = await build();
    const accuracy = parseJson(await cli('history', context, '--accuracy', '--json'));
    expect(at(accuracy, 'certain')).toEqual({ right: 9, total: 9 });
    expect(at(accuracy, 'builds')).toBe(3);
    expect(at(accuracy, 'mistakes')).toEqual([]);
    expect(await cli('history', context, '--accuracy')).toContain('certain verdicts: 9 of 9 right over 3 builds');
    const [newest] = asArray(at(parseJson(await cli('history', context, '--json')), 'builds'));
    expect(newest).toMatchObject({ ref: last, cached: 1, executed: 2, verdicts: { right: 3, wrong: 0 } });
  });

  it('does not judge a build of files that changed after the prediction', { timeout: 120_000 }, async () => {
    fresh('RUN echo late >/a', 'COPY src /src');
    await build();
    writeFileSync(join(context, 'src', 'b.txt'), 'changed after the prediction');
    const ref = await build();
    const builds = asArray(at(parseJson(await cli('history', context, '--json')), 'builds'));
    expect(builds.find((one) => at(one, 'ref') === ref)).toMatchObject({ verdicts: { right: 1, wrong: 0 } });
  });

  it('does not count against us what was removed from the cache', { timeout: 120_000 }, async () => {
    const words = `echo ${randomUUID()} >/a`;
    // a result that is in an image is not removed
    const nowhere = ['--output', 'type=cacheonly'];
    fresh(`RUN ${words}`);
    await build(...nowhere);
    await pruneRecord(words);
    const ref = await build(...nowhere);
    const builds = asArray(at(parseJson(await cli('history', context, '--json')), 'builds'));
    expect(builds.find((one) => at(one, 'ref') === ref)).toMatchObject({ executed: 1, verdicts: null });
  });

  it('takes back what a falsified outcome contradicts', { timeout: 120_000 }, async () => {
    const own = join(root, 'falsified');
    const inOwn = async (verb: string, ...args: readonly string[]) =>
      runWarm(CLI, [verb, context, ...args], { env: { XDG_STATE_HOME: own }, timeoutMs: 60_000 });
    fresh(`RUN echo ${randomUUID()} >/a`, 'COPY src /src');
    await build();
    await inOwn('predict');
    // as if it had been said that the RUN is executed: the build then has it in the cache
    for (const path of filesBelow(join(own, 'layer-insight', 'ledger', 'pending'))) {
      const text = gunzipSync(readFileSync(path)).toString();
      const said = '"instruction":"RUN","verdict":"cached","certainty":"certain","code":"same-as-build"';
      expect(text).toContain(said);
      writeFileSync(
        path,
        gzipSync(text.replace(said, said.replace('cached', 'rebuild').replace('same-as-build', 'instruction-changed'))),
      );
    }
    const result = await run('docker', ['build', '--quiet', context], { timeoutMs: 60_000 });
    expect(result.code, result.stderr).toBe(0);
    const { stdout } = await inOwn('history', '--accuracy');
    expect(stdout).toContain('certain verdicts: 1 of 2 right over 1 build');
    expect(stdout).toContain('RUN rebuild (instruction-changed), not claimed any more');
    expect(stdout).toContain('line 2, RUN rebuild (instruction-changed): the builder had a cached result');
    dockerfile(`RUN echo ${randomUUID()} >/a`);
    const prediction = await inOwn('predict', '--exit-code', '--json');
    expect(prediction.code).toBe(3);
    const [, step] = asArray(at(parseJson(prediction.stdout), 'steps'));
    expect(step).toMatchObject({
      verdict: 'may-hit',
      certainty: 'certain',
      reason: { code: 'was-wrong', causeLine: 2 },
    });
    expect(at(step, 'reason', 'message')).toMatch(
      /had a cached result for RUN of line 2, which was said to be rebuild$/,
    );
  });

  describe('names the first difference of two builds', () => {
    const LINES = ['ARG A=1', 'RUN echo $A >/a', 'COPY src /src', 'RUN echo b >/b'];

    it('a file with other content, and one with another mode', { timeout: 120_000 }, async () => {
      fresh(...LINES);
      const one = await build();
      writeFileSync(join(context, 'src', 'a.txt'), `two ${CONTENT}`);
      const two = await build();
      expect(await differenceOf(one, two)).toEqual({
        ...{ line: 4, field: 'file', certainty: 'certain' },
        files: [{ path: 'src/a.txt', change: 'content' }],
      });
      chmodSync(join(context, 'src', 'b.txt'), 0o755);
      expect(await differenceOf(two, 'now')).toMatchObject({ files: [{ path: 'src/b.txt', change: 'mode' }] });
      const three = await build();
      expect(await differenceOf(two, three)).toMatchObject({ files: [{ path: 'src/b.txt', change: 'mode' }] });
      expect(await differenceOf(three, 'now')).toMatchObject({ field: undefined });
      rmSync(join(context, 'src', 'b.txt'));
      writeFileSync(join(context, 'src', 'c.txt'), 'c');
      expect((await differenceOf(three, 'now')).files).toEqual([
        { path: 'src/c.txt', change: 'added' },
        { path: 'src/b.txt', change: 'removed' },
      ]);
    });

    it('a build argument, and a variable', { timeout: 120_000 }, async () => {
      fresh(...LINES);
      const one = await build();
      const two = await build('--build-arg', `A=${SECRET}`);
      expect(await differenceOf(one, two)).toMatchObject({ line: 3, field: 'argument', name: 'A' });
      expect(await differenceOf(two, 'now')).toMatchObject({ line: 3, field: 'argument', name: 'A' });
      expect(await differenceOf(two, 'now', '--build-arg', `A=${SECRET}`)).toMatchObject({ field: undefined });
      dockerfile(LINES[0] ?? '', `ENV TOKEN=${SECRET}`, ...LINES.slice(1));
      const three = await build();
      expect(await differenceOf(one, three)).toMatchObject({ line: 4, field: 'environment', name: 'TOKEN' });
    });

    it('the base image', { timeout: 120_000 }, async () => {
      fresh(...LINES);
      const one = await build();
      await makeBase(await ensureBaseImage(), 'second');
      const two = await build();
      const difference = await differenceOf(one, two);
      expect(difference).toMatchObject({ line: 1, field: 'base-digest' });
      expect(difference.name).toContain(base);
      dockerfile('RUN echo x');
      writeFileSync(join(context, 'Dockerfile'), `FROM ${await ensureBaseImage()}\n${LINES.join('\n')}\n`);
      expect(await differenceOf(two, 'now')).toMatchObject({ line: 1, field: 'base-image' });
    });

    it('a mount, a flag, the command, the order of instructions', { timeout: 180_000 }, async () => {
      fresh('RUN echo m >/m', 'COPY src /src');
      const one = await build();
      dockerfile('RUN --mount=type=cache,target=/cache echo m >/m', 'COPY src /src');
      const two = await build();
      expect(await differenceOf(one, two)).toMatchObject({ line: 2, field: 'mount' });
      dockerfile('RUN --mount=type=cache,target=/other echo m >/m', 'COPY src /src');
      const three = await build();
      expect(await differenceOf(two, three)).toMatchObject({ line: 2, field: 'mount' });
      dockerfile('RUN --network=none echo m >/m', 'COPY src /src');
      const four = await build();
      expect(await differenceOf(one, four)).toMatchObject({ line: 2, field: 'flag', name: '--network' });
      dockerfile('RUN echo m >/m', 'COPY --chown=app src /src');
      const five = await build();
      expect(await differenceOf(one, five)).toMatchObject({ line: 3, field: 'flag', name: '--chown' });
      dockerfile('RUN echo n >/m', 'COPY src /src');
      expect(await differenceOf(one, 'now')).toMatchObject({ line: 2, field: 'command' });
      dockerfile('RUN echo m >/m', 'WORKDIR /w', 'COPY src /src');
      expect(await differenceOf(one, 'now')).toMatchObject({ line: 3, field: 'instruction' });
    });
  });

  it('makes a reproduction that has no contents and no folder of this machine', { timeout: 120_000 }, async () => {
    fresh('ARG A', 'RUN echo r >/a', 'COPY src /src');
    await build('--build-arg', `A=${SECRET}`);
    const ref = await build('--build-arg', `A=${SECRET}`);
    const text = await cli('history', 'reproduction', ref.slice(0, 10), context);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(CONTENT);
    expect(text).not.toContain(root);
    expect(asArray(at(parseJson(text), 'manifest', 'entries')).map((one) => asArray(one)[0])).toContain('src/a.txt');
  });

  it('refuses a build that nobody remembers', async () => {
    const result = await runWarm(CLI, ['history', 'explain', 'nosuch', 'now', context], {
      env: { XDG_STATE_HOME: state },
      timeoutMs: 60_000,
    });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('no remembered build');
  });

  it('leaves no value and no content in the state folder', () => {
    const texts = filesBelow(state).map((path) => {
      const bytes = readFileSync(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    });
    expect(texts.length).toBeGreaterThan(5);
    for (const text of texts) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(CONTENT);
    }
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
