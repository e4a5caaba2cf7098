import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { asArray, asString, at, parseJson } from '../../judge/json.js';
import type { ChainBuilder } from './ledgerSuite.js';
import { runWarm } from '../warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../../dist/cli.js');

/** What differs between two builds of a builder whose images are its cache, and between a build and now. */
export function describeChainExplanations(builder: ChainBuilder): void {
  const root = mkdtempSync(join(tmpdir(), 'li-chain-explain-'));
  const secret = `value-${randomUUID()}`;
  const content = `content-${randomUUID()}`;
  let state = '';
  let context = '';
  let base = builder.base;
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const file = (path: string): string => join(context, path);
  const dockerfile = (...lines: readonly string[]): void => {
    writeFileSync(file('Dockerfile'), [`FROM ${base}`, ...lines, ''].join('\n'));
  };
  const fresh = (...lines: readonly string[]): void => {
    context = join(root, `project-${randomUUID()}`);
    state = join(root, `state-${randomUUID()}`);
    base = builder.base;
    mkdirSync(file('src'), { recursive: true });
    writeFileSync(file('src/a.txt'), `one ${content}`);
    writeFileSync(file('src/b.txt'), 'b');
    dockerfile(...lines);
  };
  const attempt = (verb: string, ...args: readonly string[]) =>
    runWarm(CLI, [...verb.split(' '), context, ...builder.args, ...args], {
      env: { ...builder.env, XDG_STATE_HOME: state },
      timeoutMs: 60_000,
    });
  const cli = async (verb: string, ...args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await attempt(verb, ...args);
    expect(code, `${verb} ${args.join(' ')}: ${stderr}`).toBe(0);
    // a prediction shows the lines of the file as they are
    if (verb !== 'predict') expect(`${stdout}${stderr}`).not.toContain(secret);
    return stdout;
  };
  const listed = async (): Promise<readonly unknown[]> =>
    asArray(at(parseJson(await cli('history', '--json')), 'builds'));
  /** Predicts and builds; returns the id under which the build is kept. */
  const build = async (...args: readonly string[]): Promise<string> => {
    await cli('predict', ...args);
    // so that no image of it is as old as the prediction
    await sleep(20);
    const result = await builder.build(context, args);
    expect(result.code, result.stderr).toBe(0);
    const [newest] = await listed();
    // a time stamp is only as exact as the file system's clock
    await sleep(50);
    return asString(at(newest, 'ref')) ?? '';
  };
  const explained = async (before: string, after: string, ...args: readonly string[]): Promise<unknown> =>
    parseJson(await cli(`history explain ${before} ${after}`, '--json', ...args));
  const differenceOf = async (before: string, after: string, ...args: readonly string[]) => {
    const difference = at(await explained(before, after, ...args), 'difference');
    return {
      line: at(difference, 'line'),
      field: at(difference, 'field'),
      ...(at(difference, 'name') === undefined ? {} : { name: at(difference, 'name') }),
      certainty: at(difference, 'certainty'),
      files: asArray(at(difference, 'files')).map(
        (one) => `${asString(at(one, 'path')) ?? ''} ${asString(at(one, 'change')) ?? ''}`,
      ),
    };
  };

  describe('names', () => {
    it('files of the build context, between builds and now', { timeout: 300_000 }, async () => {
      fresh(`RUN echo ${randomUUID()} >/a`, 'ARG A=1', 'COPY src /src', 'RUN echo b >/b');
      const one = await build();
      expect(await differenceOf(one, 'now')).toMatchObject({ line: undefined });
      writeFileSync(file('src/a.txt'), `two ${content}`);
      expect(await differenceOf(one, 'now')).toEqual({
        ...{ line: 4, field: 'file', certainty: 'certain', files: ['src/a.txt content'] },
      });
      const two = await build();
      expect(await differenceOf(one, two)).toEqual({
        ...{ line: 4, field: 'file', certainty: 'certain', files: ['src/a.txt content'] },
      });
      expect(at(await explained(one, two), 'executed')).toEqual([4, 5]);
      expect(await cli(`history explain ${one.slice(0, 10)} ${two.slice(0, 10)}`)).toMatch(
        /First difference: line 4, COPY\n {2}src\/a\.txt changed \(content\)[^]*Executed: lines 4, 5/,
      );
      const rows = await listed();
      expect(rows).toMatchObject([
        { ref: two, cached: 2, executed: 2, result: 'completed' },
        { ref: one, executed: 4 },
      ]);
      expect(await cli('history')).toContain(`${two.slice(0, 12)}  `);

      chmodSync(file('src/b.txt'), 0o600);
      expect(await differenceOf(two, 'now')).toMatchObject({ line: 4, files: ['src/b.txt mode'] });
      const three = await build();
      expect(await differenceOf(two, three)).toMatchObject({ line: 4, files: ['src/b.txt mode'] });
      expect(await differenceOf(one, three)).toMatchObject({ line: 4, files: ['src/a.txt content', 'src/b.txt mode'] });
      rmSync(file('src/b.txt'));
      writeFileSync(file('src/c.txt'), 'c');
      const four = await build();
      expect(await differenceOf(three, four)).toMatchObject({
        line: 4,
        files: ['src/c.txt added', 'src/b.txt removed'],
      });
      // what no step takes is no difference
      writeFileSync(file('other.txt'), 'other');
      expect(await differenceOf(four, 'now')).toMatchObject({ line: undefined });
    });

    it('a build argument, and a variable', { timeout: 300_000 }, async () => {
      const word = randomUUID();
      fresh('ARG A=1', `RUN echo ${word} $A >/a`, 'RUN echo b >/b');
      const one = await build();
      const asked = ['--build-arg', `A=${secret}`];
      const two = await build(...asked);
      expect(await differenceOf(one, two)).toMatchObject({
        line: 3,
        field: 'argument',
        name: 'A',
        certainty: 'certain',
      });
      expect(await differenceOf(two, 'now')).toMatchObject({ line: 3, field: 'argument', name: 'A' });
      expect(await differenceOf(two, 'now', ...asked)).toMatchObject({ line: undefined });
      dockerfile('ARG A=1', 'ENV V=1', `RUN echo ${word} $A >/a`, 'RUN echo b >/b');
      const three = await build();
      expect(await differenceOf(one, three)).toMatchObject({ line: 3, field: 'instruction' });
      dockerfile('ARG A=1', `ENV V=${secret}`, `RUN echo ${word} $A >/a`, 'RUN echo b >/b');
      const four = await build();
      expect(await differenceOf(three, four)).toMatchObject({ line: 3, field: 'environment', name: 'V' });
    });

    it('an argument that only a variable takes', { timeout: 300_000 }, async () => {
      const word = randomUUID();
      fresh(`RUN echo ${word} >/a`, 'ARG A=1', 'ENV V=$A');
      const one = await build();
      const asked = ['--build-arg', `A=${secret}`];
      const answer = await explained(one, 'now', ...asked);
      if (builder.name === 'classic') {
        expect(at(answer, 'difference')).toMatchObject({ line: 4, field: 'environment', name: 'V' });
      } else {
        // the line of ENV is compared as it is written
        expect(at(answer, 'difference')).toBeNull();
        expect(at(answer, 'notes')).toEqual(['line 4: variable V has another value, but Buildah does not compare it']);
      }
    });

    it('the command, flags, and what is copied', { timeout: 300_000 }, async () => {
      const first = `RUN echo ${randomUUID()} >/a`;
      fresh(first, 'COPY src /src');
      const one = await build();
      dockerfile(first, 'COPY --chown=1:1 src /src');
      const two = await build();
      expect(await differenceOf(one, two)).toMatchObject({ line: 3, field: 'flag', name: '--chown' });
      dockerfile(first, 'COPY src /other');
      expect(await differenceOf(one, 'now')).toMatchObject({ line: 3, field: 'destination' });
      dockerfile(first, 'COPY src/a.txt /src');
      expect(await differenceOf(one, 'now')).toMatchObject({ line: 3, field: 'sources' });
      dockerfile(first, 'WORKDIR /w', 'COPY src /src');
      expect(await differenceOf(one, 'now')).toMatchObject({ line: 3, field: 'instruction' });
      dockerfile(`RUN echo ${randomUUID()} >/a`, 'COPY src /src');
      const three = await build();
      expect(await differenceOf(two, three)).toMatchObject({ line: 2, field: 'command' });
      expect(await differenceOf(three, one)).toMatchObject({ line: 2, field: 'command' });
    });

    // the classic builder has neither mounts nor --chmod
    if (builder.name !== 'classic') {
      it('mounts, and files in them', { timeout: 300_000 }, async () => {
        const run = (flags: string): string => `RUN ${flags} echo ${word} >/a`;
        const word = randomUUID();
        const bind = '--mount=type=bind,source=src,target=/m';
        fresh(run(bind), 'COPY --chmod=644 src/b.txt /b');
        const one = await build();
        dockerfile(run(`${bind},readonly`), 'COPY --chmod=644 src/b.txt /b');
        expect(await differenceOf(one, 'now')).toMatchObject({ line: 2, field: 'mount', name: '--mount' });
        dockerfile(run(`${bind} --network=none`), 'COPY --chmod=644 src/b.txt /b');
        expect(await differenceOf(one, 'now')).toMatchObject({ line: 2, field: 'flag', name: '--network' });
        dockerfile(run(bind), 'COPY --chmod=600 src/b.txt /b');
        const two = await build();
        expect(await differenceOf(one, two)).toMatchObject({ line: 3, field: 'flag', name: '--chmod' });
        // all files get one mode
        chmodSync(file('src/b.txt'), 0o600);
        const answer = await explained(two, 'now');
        expect(at(answer, 'difference')).toMatchObject({ line: 2, field: 'file' });
        expect(asArray(at(answer, 'difference', 'files'))).toEqual([{ path: 'src/b.txt', change: 'mode' }]);
      });
    }

    it('the base image', { timeout: 300_000 }, async () => {
      fresh(`RUN echo ${randomUUID()} >/a`);
      const own = `localhost/li-chain-base-${randomUUID()}`;
      const makeBase = async (): Promise<void> => {
        const folder = mkdtempSync(join(root, 'base-'));
        writeFileSync(join(folder, 'Dockerfile'), `FROM ${builder.base}\nRUN echo ${randomUUID()} >/word\n`);
        const made = await builder.build(folder, ['--tag', own]);
        expect(made.code, made.stderr).toBe(0);
      };
      const command = `RUN echo ${randomUUID()} >/a`;
      dockerfile(command);
      const one = await build();
      base = own;
      await makeBase();
      dockerfile(command);
      const two = await build();
      expect(await differenceOf(one, two)).toMatchObject({ line: 1, field: 'base-image', name: own });
      await makeBase();
      const three = await build();
      expect(await differenceOf(two, three)).toMatchObject({ line: 1, field: 'base-digest', name: own });
      expect(await differenceOf(two, 'now')).toMatchObject({ line: 1, field: 'base-digest' });
      expect(await differenceOf(three, 'now')).toMatchObject({ line: undefined });
    });

    it('a file that a stage takes which another stage copies from', { timeout: 300_000 }, async () => {
      fresh();
      const text = [
        ...[`FROM ${base} AS one`, `RUN echo ${randomUUID()} >/a`, 'COPY src/a.txt /x'],
        ...[`FROM ${base}`, `RUN echo ${randomUUID()} >/b`, 'COPY --from=one /x /x', ''],
      ];
      writeFileSync(file('Dockerfile'), text.join('\n'));
      const one = await build();
      writeFileSync(file('src/a.txt'), 'changed');
      const two = await build();
      expect(await differenceOf(one, two)).toMatchObject({ line: 3, field: 'file', files: ['src/a.txt content'] });
      expect(at(await explained(one, two), 'executed')).toEqual([3, 6]);
    });
  });

  it('keeps a build of files that changed after the prediction for it', { timeout: 120_000 }, async () => {
    fresh('COPY src /src', `RUN echo ${randomUUID()} >/a`);
    const one = await build();
    await cli('predict');
    await sleep(50);
    writeFileSync(file('src/a.txt'), `new ${content}`);
    const result = await builder.build(context, []);
    expect(result.code, result.stderr).toBe(0);
    const [two] = await listed();
    const ref = asString(at(two, 'ref')) ?? '';
    expect(ref).not.toBe(one);
    expect(two).toMatchObject({ cached: 0, executed: 2, verdicts: null });
    const answer = await explained(one, ref);
    expect(at(answer, 'difference')).toMatchObject({
      ...{ line: 2, field: 'file', certainty: 'certain', message: 'src/a.txt is another one than it was' },
    });
    expect(at(await explained(ref, 'now'), 'difference')).toBeNull();
  });

  it('refuses a build of which nothing is kept', { timeout: 60_000 }, async () => {
    fresh('RUN echo x');
    const result = await attempt('history explain nosuch now');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('no remembered build');
    const none = await attempt('history');
    expect(none.stdout).toContain('No build of this Dockerfile is remembered');
    expect(none.stderr).toContain('This builder keeps no history');
  });

  it('leaves no value and no content in the state folder', () => {
    const texts = filesBelow(root)
      .filter((path) => path.includes('state-'))
      .map((path) => {
        const bytes = readFileSync(path);
        return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
      });
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(content);
    }
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
