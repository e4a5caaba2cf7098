import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { asArray, at, parseJson } from '../../judge/json.js';
import { type Finished } from '../../judge/run.js';
import { runWarm } from '../warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../../dist/cli.js');

/** A builder whose images are its cache. */
export interface ChainBuilder {
  /** As it stands in the names of classes. */
  readonly name: 'classic' | 'buildah';
  readonly base: string;
  /** Why a RUN is executed that was another one before. */
  readonly changedRun: string;
  /** What the command line is told. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How large the layers are that it made: it tells, or tells of them as archives; by default nobody knows. */
  readonly layers?: 'measured' | 'archives';
  /** Builds a context and gives what it made a name that goes with the test. */
  readonly build: (context: string, args: readonly string[]) => Promise<Finished>;
}

interface NotedStep {
  readonly line: number;
  verdict: string;
  code: string;
  image?: string;
}

/** A predicted build, what the ledger says of it, and what falsified predictions lead to. */
export function describeChainLedger(builder: ChainBuilder): void {
  const root = mkdtempSync(join(tmpdir(), 'li-chain-ledger-'));
  const secret = `value-${randomUUID()}`;
  let state = '';
  let context = '';
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const dockerfile = (...lines: readonly string[]): void => {
    writeFileSync(join(context, 'Dockerfile'), [`FROM ${builder.base}`, ...lines, ''].join('\n'));
  };
  /** A project and a state folder that nobody used. */
  const fresh = (...lines: readonly string[]): void => {
    context = join(root, `project-${randomUUID()}`);
    state = join(root, `state-${randomUUID()}`);
    mkdirSync(join(context, 'src'), { recursive: true });
    writeFileSync(join(context, 'src', 'a.txt'), 'one');
    dockerfile(...lines);
  };
  const cli = async (verb: string, ...args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await runWarm(CLI, [verb, context, ...builder.args, ...args], {
      env: { ...builder.env, XDG_STATE_HOME: state },
      timeoutMs: 60_000,
    });
    expect(code, `${verb} ${args.join(' ')}: ${stderr}`).toBe(0);
    return stdout;
  };
  const predict = async (...args: readonly string[]): Promise<string> => {
    // a time stamp is only as exact as the file system's clock: what was written just now may count as written later
    await sleep(50);
    return cli('predict', '--json', ...args);
  };
  const build = async (...args: readonly string[]): Promise<void> => {
    const result = await builder.build(context, args);
    expect(result.code, result.stderr).toBe(0);
  };
  const accuracy = async (): Promise<unknown> => parseJson(await cli('history', '--accuracy', '--json'));
  /** Changes what the newest prediction said of the step of a line. */
  const falsify = (line: number, change: (step: NotedStep) => void): void => {
    const path =
      filesBelow(join(state, 'layer-insight', 'ledger', 'chains'))
        .sort()
        .at(-1) ?? '';
    const json = parseJson(gunzipSync(readFileSync(path)).toString());
    const stages = asArray(at(json, 'value', 'stages'));
    const step = stages.flatMap((stage) => asArray(at(stage, 'steps'))).find((one) => at(one, 'line') === line);
    change(step as NotedStep);
    writeFileSync(path, gzipSync(JSON.stringify(json)));
  };
  const stepOf = (prediction: string, line: number): unknown =>
    asArray(at(parseJson(prediction), 'steps')).find((step) => at(step, 'line', 'start') === line);

  it('counts what builds confirmed', { timeout: 180_000 }, async () => {
    fresh('ARG A', `RUN echo ${randomUUID()} $A >/a`, 'COPY src /src', 'RUN echo b >/b');
    const asked = ['--build-arg', `A=${secret}`];
    await predict(...asked);
    await build(...asked);
    const [first, again] = [await accuracy(), await accuracy()];
    // the builder takes ARG as a step as well
    expect(first).toMatchObject({ builds: 1, certain: { right: 4, total: 4 }, mistakes: [] });
    expect(again).toEqual(first);
    writeFileSync(join(context, 'src', 'a.txt'), 'two'.padEnd(5000, '.'));
    await predict(...asked);
    await build(...asked);
    await predict(...asked);
    expect(await accuracy()).toMatchObject({ builds: 2, certain: { right: 8, total: 8 }, mistakes: [] });
    expect(await cli('history', '--accuracy')).toContain('certain verdicts: 8 of 8 right over 2 builds');
    const rows = asArray(at(parseJson(await cli('history', '--json')), 'builds'));
    const changes = rows.map((row) => at(row, 'bytesChange'));
    const { layers = 'unknown' } = builder;
    // an archive has blocks of 512 bytes, and an image says of its layers how large they are
    const archives = Math.abs(Number(changes[0]) - (5120 - 512)) < 20 ? changes[0] : '4608 bytes more or less';
    expect(changes).toEqual([{ measured: 4997, archives, unknown: null }[layers], null]);
    const words = { measured: 'size +5 kB', archives: 'size ≈+4.61 kB', unknown: 'size change unknown' };
    expect(await cli('history')).toContain(words[layers]);
    const texts = filesBelow(state).map((path) => {
      const bytes = readFileSync(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    });
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text).not.toContain(secret);
  });

  it(
    'does not judge files that changed after the prediction, nor a build without cache',
    { timeout: 180_000 },
    async () => {
      fresh(`RUN echo ${randomUUID()} >/a`, 'COPY src /src', 'RUN echo b >/b');
      await build();
      writeFileSync(join(context, 'src', 'a.txt'), 'two, which is longer');
      await predict();
      writeFileSync(join(context, 'src', 'a.txt'), 'three, which is longer than that');
      await build();
      expect(await accuracy()).toMatchObject({ builds: 1, certain: { right: 1, total: 1 }, mistakes: [] });
      await predict();
      await sleep(1100);
      await build('--no-cache');
      expect(await accuracy()).toMatchObject({ builds: 1, certain: { right: 1, total: 1 }, mistakes: [] });
    },
  );

  it('takes back what was said to be executed and was in the cache', { timeout: 180_000 }, async () => {
    fresh(`RUN echo ${randomUUID()} >/a`, 'COPY src /src');
    await build();
    writeFileSync(join(context, 'src', 'a.txt'), 'two, which is longer');
    await predict();
    falsify(2, (step) => Object.assign(step, { verdict: 'rebuild', code: builder.changedRun, image: undefined }));
    await build();
    const said = await accuracy();
    expect(said).toMatchObject({ builds: 1, certain: { right: 1, total: 2 } });
    expect(at(said, 'mistakes')).toMatchObject([
      { line: 2, class: `${builder.name} RUN rebuild certain ${builder.changedRun}`, actual: 'cached', follows: false },
    ]);
    const ref = String(at(asArray(at(said, 'mistakes'))[0], 'ref'));
    const kept = await runWarm(CLI, ['history', 'reproduction', ref.slice(0, 10), context], {
      env: { ...builder.env, XDG_STATE_HOME: state },
      timeoutMs: 60_000,
    });
    expect(kept.code, kept.stderr).toBe(0);
    expect(kept.stdout).not.toContain(root);
    const paths = asArray(at(parseJson(kept.stdout), 'manifest', 'entries')).map((one) => asArray(one)[0]);
    expect(paths).toContain('src/a.txt');
    dockerfile(`RUN echo ${randomUUID()} >/a`, 'COPY src /src');
    const prediction = await predict();
    expect(stepOf(prediction, 2)).toMatchObject({ verdict: 'may-hit', reason: { code: 'was-wrong' } });
    expect(at(stepOf(prediction, 2), 'reason', 'message')).toMatch(
      /had a cached result for RUN of line 2, which was said to be rebuild$/,
    );
    expect(stepOf(prediction, 3)).toMatchObject({
      verdict: 'may-hit',
      reason: { code: 'parent-uncertain', causeLine: 2 },
    });
  });

  it('takes back what was said to be cached and was executed', { timeout: 180_000 }, async () => {
    const first = `RUN echo ${randomUUID()} >/a`;
    fresh(first, 'ENV X=1');
    await build();
    await predict();
    await sleep(1100);
    // of the first prediction: which image it was
    let image = '';
    falsify(3, (step) => (image = step.image ?? ''));
    expect(image).not.toBe('');
    dockerfile(first, 'ENV X=2', 'ENV Y=1');
    await predict();
    falsify(3, (step) => Object.assign(step, { verdict: 'cached', code: 'same-as-build', image }));
    await build();
    const said = await accuracy();
    expect(said).toMatchObject({ builds: 1, certain: { right: 2, total: 3 } });
    expect(at(said, 'mistakes')).toMatchObject([
      { line: 3, class: `${builder.name} ENV cached certain same-as-build`, actual: 'executed', follows: false },
    ]);
    const prediction = await predict();
    expect(stepOf(prediction, 2)).toMatchObject({ verdict: 'cached' });
    expect(stepOf(prediction, 3)).toMatchObject({ verdict: 'may-hit', reason: { code: 'was-wrong' } });
    expect(await cli('history', '--accuracy')).toContain('ENV cached (same-as-build), not claimed any more');
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
