import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { judgeClassicBuild, removeClassicImages, type JudgeReport } from '../../judge/index.js';
import { run } from '../../judge/run.js';
import { CLASSIC, isPredicted } from '../builders.js';
import { compare } from '../compare.js';
import { engineForSuite } from '../engine.js';
import { commandLinePredictor } from '../predictor.js';
import { NO_FLAGS } from '../../generator/project.js';
import { CLI } from '../traps/scenario.js';

const engine = await engineForSuite('the textbook examples');

/** What every course on layers tells, with real builds. */
describe.skipIf(engine === undefined)('the textbook examples, with the classic builder', { timeout: 120_000 }, () => {
  let base = '';
  let dir = '';
  let marker = '';
  const left: string[] = [];
  const parent = mkdtempSync(join(tmpdir(), 'li-textbook-'));

  beforeAll(async () => {
    base = await ensureBaseImage();
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  beforeEach(() => {
    marker = randomUUID();
    dir = join(parent, marker);
    mkdirSync(dir);
    writeFileSync(join(dir, 'app.py'), 'print("hello")\n');
  });
  afterEach(async () => {
    await removeClassicImages(left.splice(0));
    rmSync(dir, { recursive: true, force: true });
  });

  /** Predicts (once there is a prediction), builds, and holds one against the other. */
  async function build(name: string, ...lines: readonly string[]): Promise<JudgeReport> {
    writeFileSync(join(dir, name), `${lines.join('\n')}\n`);
    const predictor = commandLinePredictor(CLI, join(parent, 'state'), CLASSIC.predictor());
    const project = { files: {}, aside: {}, dockerfile: name, blocks: [], buildArgs: {}, target: undefined };
    const prediction = isPredicted(CLASSIC)
      ? await predictor.predict(dir, { ...project, noCache: false, flags: NO_FLAGS })
      : undefined;
    const report = await judgeClassicBuild({ context: dir, dockerfile: join(dir, name) });
    left.push(...(report.leftovers ?? []));
    expect(report.succeeded, report.error).toBe(true);
    if (prediction) {
      if ('failure' in prediction) throw new Error(prediction.failure);
      expect(compare(prediction, report).disagreements).toEqual([]);
      expect(prediction.filter((step) => step.verdict === 'may-hit')).toEqual([]);
    }
    return report;
  }

  const outcomes = (report: JudgeReport): string[] => report.lines.map((line) => `${line.instruction} ${line.outcome}`);
  const images = (report: JudgeReport): (string | undefined)[] => report.lines.map((line) => line.step);
  const layersOf = async (image: string): Promise<string[]> => {
    const format = '{{range .RootFS.Layers}}{{println .}}{{end}}';
    const inspected = await run('docker', ['image', 'inspect', '--format', format, image], { timeoutMs: 15_000 });
    expect(inspected.code, inspected.stderr).toBe(0);
    return inspected.stdout.trim().split('\n');
  };

  const five = (command: string): string[] => [
    `FROM ${base}`,
    `RUN echo ${marker} > /etc/motd`,
    'WORKDIR /app',
    'COPY . .',
    `CMD ["${command}"]`,
  ];

  it('rebuilds COPY . with the last of five instructions, for the Dockerfile lies in the context', async () => {
    await build('Dockerfile', ...five('one'));
    expect(outcomes(await build('Dockerfile', ...five('one'))).slice(1)).toEqual([
      ...['RUN cached', 'WORKDIR cached', 'COPY cached', 'CMD cached'],
    ]);
    expect(outcomes(await build('Dockerfile', ...five('two')))).toEqual([
      ...['FROM not-judged', 'RUN cached', 'WORKDIR cached', 'COPY executed', 'CMD executed'],
    ]);
  });

  it('takes COPY . from the cache when .dockerignore keeps the Dockerfile out', async () => {
    writeFileSync(join(dir, '.dockerignore'), 'Dockerfile\n');
    await build('Dockerfile', ...five('one'));
    expect(outcomes(await build('Dockerfile', ...five('two')))).toEqual([
      ...['FROM not-judged', 'RUN cached', 'WORKDIR cached', 'COPY cached', 'CMD executed'],
    ]);
  });

  it('gives a second Dockerfile that is the start of the first one the same images', async () => {
    const lines = [
      `FROM ${base}`,
      `RUN echo ${marker} > /etc/motd`,
      'COPY app.py /app.py',
      'ENV A=1',
      'RUN cp /app.py /b',
    ];
    const whole = await build('Dockerfile', ...lines);
    const start = await build('Dockerfile.start', ...lines.slice(0, 4));
    expect(outcomes(start).slice(1)).toEqual(['RUN cached', 'COPY cached', 'ENV cached']);
    expect(start.rawProgress.match(/^ ---> Using cache$/gm)).toHaveLength(3);
    expect(images(start)).toEqual(images(whole).slice(0, 4));
    expect(start.image).toBe(images(whole)[3]);
    const [all, first] = [await layersOf(whole.image ?? ''), await layersOf(start.image ?? '')];
    expect(all.slice(0, first.length)).toEqual(first);
    expect(all).toHaveLength(first.length + 1); // ENV has no layer
  });

  it('puts an image that is built on another one on all of its layers', async () => {
    const below = await build('Dockerfile', `FROM ${base}`, `RUN echo ${marker} > /etc/motd`, 'COPY app.py /app.py');
    const name = `layer-insight-judge/${marker}:below`;
    await run('docker', ['tag', below.image ?? '', name], { timeoutMs: 15_000 });
    left.push(name);
    const above = await build('Dockerfile.above', `FROM ${name}`, 'RUN cat /app.py', 'LABEL a=b', 'RUN echo > /more');
    const [lower, upper] = [await layersOf(name), await layersOf(above.image ?? '')];
    expect(lower).toHaveLength((await layersOf(base)).length + 2);
    expect(upper.slice(0, lower.length)).toEqual(lower);
    // neither LABEL nor a RUN that changes no file has a layer
    expect(upper).toHaveLength(lower.length + 1);
  });
});
