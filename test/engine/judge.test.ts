import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { judgeBuild, removeImage, type BuildOptions, type JudgeReport } from '../judge/index.js';
import { run } from '../judge/run.js';
import { engineForSuite } from './engine.js';

const engine = await engineForSuite('the judge on a real engine');

describe.skipIf(engine === undefined)('the judge on a real engine', { timeout: 120_000 }, () => {
  let base = '';
  let dir = '';
  let marker = '';
  const parent = mkdtempSync(join(tmpdir(), 'li-judge-test-'));

  beforeAll(async () => {
    base = await ensureBaseImage();
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  beforeEach(() => {
    marker = randomUUID();
    dir = join(parent, marker);
    mkdirSync(dir);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    }
  }

  const build = (options: Partial<BuildOptions> = {}): Promise<JudgeReport> => judgeBuild({ context: dir, ...options });

  /** `line outcome` of everything that has or could have a step. */
  const outcomes = (report: JudgeReport): string[] =>
    report.lines
      .filter((line) => line.outcome !== 'not-judged' && line.outcome !== 'no-step')
      .map((line) => `${line.line.start} ${line.outcome}`);

  const bytes = (report: JudgeReport): (number | null)[] =>
    report.lines.filter((line) => line.step !== undefined).map((line) => line.layerBytes);

  it('follows one project through a cold build, a rebuild, an edit and a target', async () => {
    write({
      'a.txt': 'one\n',
      Dockerfile: [
        `FROM ${base} AS build`,
        `RUN : ${marker}`,
        'COPY a.txt /in',
        'RUN wc -c < /in > /count',
        `FROM ${base}`,
        'ENV A=1',
        'WORKDIR /',
        `WORKDIR /w-${marker}`,
        'COPY --from=build /count ./',
        'RUN cat count',
      ].join('\n'),
    });
    const cold = await build();
    expect(outcomes(cold)).toEqual([
      '2 executed',
      '3 executed',
      '4 executed',
      '8 executed',
      '9 executed',
      '10 executed',
    ]);
    expect(bytes(cold)).toEqual([null, null, null, 0, 2, 0]);
    expect(cold.lines.every((line) => line.outcome !== 'executed' || (line.durationMs ?? 0) > 0)).toBe(true);

    expect(outcomes(await build())).toEqual(['2 cached', '3 cached', '4 cached', '8 cached', '9 cached', '10 cached']);

    write({ 'a.txt': 'two\n' }); // the same number of bytes: what the stage hands on is equal
    expect(outcomes(await build({ output: 'cacheonly' }))).toEqual([
      ...['2 cached', '3 executed', '4 executed', '8 cached', '9 cached', '10 cached'],
    ]);
    expect(outcomes(await build({ target: 'build' }))).toEqual([
      ...['2 cached', '3 cached', '4 cached', '7 not-needed', '8 not-needed', '9 not-needed', '10 not-needed'],
    ]);
  });

  it('sees build arguments, --no-cache and --no-cache-filter', async () => {
    const dockerfile = [`FROM ${base} AS s`, `RUN : ${marker}`, 'ARG V=1', 'RUN echo "$V"', 'FROM s', 'RUN : end'];
    write({ Dockerfile: dockerfile.join('\n') });
    await build();
    expect(outcomes(await build({ buildArgs: { V: '2' } }))).toEqual(['2 cached', '4 executed', '6 executed']);
    expect(outcomes(await build({ noCache: true }))).toEqual(['2 executed', '4 executed', '6 executed']);
    expect(outcomes(await build())).toEqual(['2 cached', '4 cached', '6 cached']);
    expect(outcomes(await build({ noCacheFilter: ['s'] }))).toEqual(['2 executed', '4 executed', '6 executed']);
  });

  it('counts a vertex that two stages share for the lines of both', async () => {
    const dockerfile = [
      `FROM ${base} AS x`,
      `RUN : ${marker}`,
      'RUN echo x > /x',
      `FROM ${base}`,
      `RUN : ${marker}`,
      'COPY --from=x /x /x',
    ];
    write({ Dockerfile: dockerfile.join('\n') });
    expect(outcomes(await build())).toEqual(['2 executed', '3 executed', '5 executed', '6 executed']);
    expect(outcomes(await build())).toEqual(['2 cached', '3 cached', '5 cached', '6 cached']);
  });

  it('knows a step of ONBUILD by the line of the FROM that runs it', async () => {
    const dockerfile = [`FROM ${base} AS p`, `RUN : ${marker}`, 'ONBUILD RUN echo trigger', 'FROM p', 'RUN : end'];
    write({ Dockerfile: dockerfile.join('\n') });
    const report = await build();
    expect(outcomes(report)).toEqual(['2 executed', '4 executed', '5 executed']);
    expect(report.lines.find((line) => line.origin === 'onbuild')?.line).toEqual({ start: 4, end: 4 });
  });

  it('blames the missing source and the failing command, and nothing beside them', async () => {
    write({
      'a.txt': 'a',
      Dockerfile: `FROM ${base}\nRUN : ${marker}\nCOPY a.txt /a\nCOPY nope.txt /b\nRUN : after\n`,
    });
    const missing = await build();
    expect(missing.succeeded).toBe(false);
    expect(missing.error).toContain('"/nope.txt": not found');
    expect(missing.lines.filter((line) => line.outcome === 'failed').map((line) => line.line.start)).toEqual([4]);
    // The COPY before it was never built, whatever the progress stream says about it.
    expect(missing.lines.some((line) => line.outcome === 'cached')).toBe(false);

    write({ Dockerfile: `FROM ${base}\nRUN : ${marker}\nCOPY a.txt /a\nRUN echo x && \\\n  false\nRUN : after\n` });
    const failing = await build();
    expect(outcomes(failing).slice(1)).toEqual(['3 executed', '4 failed', '6 not-reached']);
    expect(outcomes(await build())).toEqual(['2 cached', '3 cached', '4 failed', '6 not-reached']);
  });

  it('measures layers as `docker history` does: links once, symlinks and folders nothing', async () => {
    write({
      'd/x.txt': '12345',
      'd/sub/y.txt': '67',
      Dockerfile: [
        `FROM ${base}`,
        `RUN : ${marker}`,
        'COPY d /d',
        'RUN echo hello > /h && ln /h /h2 && ln -s /a/long/target /l && mkdir /empty',
        'RUN rm /h',
        'ADD d/x.txt d/sub/y.txt /z/',
        'COPY <<EOF /doc',
        'text',
        'EOF',
      ].join('\n'),
    });
    expect(bytes(await build())).toEqual([0, 7, 6, 0, 7, 5]);
  });

  it('judges a Dockerfile without any step', async () => {
    write({ Dockerfile: 'FROM scratch\nENV A=1\nWORKDIR /\n' });
    const report = await build();
    expect(report.lines.map((line) => line.outcome)).toEqual(['not-judged', 'no-step', 'no-step']);
  });

  it('leaves no image behind, unless it is asked to', async () => {
    write({ Dockerfile: `FROM ${base}\nRUN : ${marker}\n` });
    const images = async (): Promise<string> =>
      (
        await run('docker', [
          'image',
          'ls',
          '--filter',
          'reference=layer-insight-judge/*',
          '--format',
          '{{.Repository}}',
        ])
      ).stdout;
    expect((await build()).image).toBeUndefined();
    const kept = await build({ keepImage: true });
    const name = kept.image ?? '';
    expect(await images()).toContain(name.replace(/:1$/, ''));
    await removeImage(name);
    expect(await images()).not.toContain(name.replace(/:1$/, ''));
  });
});
