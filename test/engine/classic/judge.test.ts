import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { judgeClassicBuild, removeClassicImages, type BuildOptions, type JudgeReport } from '../../judge/index.js';
import { run } from '../../judge/run.js';
import { engineForSuite } from '../engine.js';

const engine = await engineForSuite('the judge of the classic builder');

describe.skipIf(engine === undefined)('the judge of the classic builder', { timeout: 120_000 }, () => {
  let base = '';
  let dir = '';
  let marker = '';
  const left: string[] = [];
  const parent = mkdtempSync(join(tmpdir(), 'li-classic-judge-'));

  beforeAll(async () => {
    base = await ensureBaseImage();
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  beforeEach(() => {
    marker = randomUUID();
    dir = join(parent, marker);
    mkdirSync(dir);
  });
  afterEach(async () => {
    await removeClassicImages(left.splice(0));
    rmSync(dir, { recursive: true, force: true });
  });

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), content);
    }
  }

  const dockerfile = (...lines: readonly string[]): void => write({ Dockerfile: `${lines.join('\n')}\n` });

  async function build(options: Partial<BuildOptions> = {}): Promise<JudgeReport> {
    const report = await judgeClassicBuild({ context: dir, ...options });
    left.push(...(report.leftovers ?? []));
    return report;
  }

  const outcomes = (report: JudgeReport): string[] =>
    report.lines
      .filter((line) => line.outcome !== 'not-judged')
      .map((line) => `${line.line.start} ${line.instruction} ${line.outcome}`);

  it('follows a project through a cold build, a rebuild, an edit and a target; every instruction is a step', async () => {
    write({ 'a.txt': 'one\n' });
    dockerfile(
      'ARG GLOBAL=1',
      `FROM ${base} AS build`,
      `RUN : ${marker}`,
      'COPY a.txt /in',
      'RUN wc -c < /in > /count',
      `FROM ${base}`,
      `ENV A=${marker} \\`,
      '    B=2',
      'WORKDIR /w',
      'COPY --from=build /count ./',
      'CMD ["sh"]',
    );
    const steps = ['3 RUN', '4 COPY', '5 RUN', '7 ENV', '9 WORKDIR', '10 COPY', '11 CMD'];
    const all = (outcome: string): string[] => steps.map((step) => `${step} ${outcome}`);
    const cold = await build();
    expect(cold.error).toBeUndefined();
    expect(outcomes(cold)).toEqual(all('executed'));
    expect(outcomes(await build())).toEqual(all('cached'));
    write({ 'a.txt': 'two\n' }); // as many bytes: what the stage hands on is equal
    const edited = await build();
    expect(outcomes(edited)).toEqual([
      ...['3 RUN cached', '4 COPY executed', '5 RUN executed'],
      ...['7 ENV cached', '9 WORKDIR cached', '10 COPY cached', '11 CMD cached'],
    ]);
    expect(outcomes(await build({ target: 'build' }))).toEqual([
      ...['3 RUN cached', '4 COPY cached', '5 RUN cached'],
      ...['7 ENV not-needed', '9 WORKDIR not-needed', '10 COPY not-needed', '11 CMD not-needed'],
    ]);
    // what can be known before: not what COPY takes from the stage, nor what stands on it
    expect(edited.lines.filter((line) => line.dependence?.output === true).map((line) => line.line.start)).toEqual([
      10, 11,
    ]);
    expect(edited.lines.filter((line) => line.dependence?.context === true).map((line) => line.line.start)).toEqual([
      4, 5, 10, 11,
    ]);
  });

  it('knows what is certain behind a step that is executed', async () => {
    dockerfile(`FROM ${base} AS s`, `RUN : ${marker}`, `FROM ${base}`, `RUN : 2 ${marker}`, 'COPY --from=s /etc /e');
    await build();
    dockerfile(`FROM ${base} AS s`, `RUN : ${marker}`, `FROM ${base}`, `RUN : 3 ${marker}`, 'COPY --from=s /etc /e');
    expect((await build()).lines.map((line) => line.dependence?.output)).toEqual([
      ...[undefined, false, undefined, false, false],
    ]);
  });

  it('builds stages that nobody uses, up to the target', async () => {
    dockerfile(`FROM ${base} AS a`, `RUN : ${marker}`, 'FROM a AS unused', 'RUN : u', 'FROM a AS c', 'LABEL x=y');
    expect(outcomes(await build({ target: 'C' }))).toEqual(['2 RUN executed', '4 RUN executed', '6 LABEL executed']);
    expect(outcomes(await build({ target: 'unused', extraArgs: ['--label', 'LABEL=1', '--label', 'b=2'] }))).toEqual([
      ...['2 RUN cached', '4 RUN cached', '6 LABEL not-needed'],
    ]);
  });

  it('tells triggers of ONBUILD, of a stage and of an image, by the line of their FROM', async () => {
    write({ 'a.txt': 'a' });
    const image = `layer-insight-judge/${marker}:onbuild`;
    const triggers = ['ONBUILD ENV T=1', 'ONBUILD COPY a.txt /o', 'ONBUILD RUN echo " ---> Using cache"'];
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, ...triggers);
    left.push(image);
    await build({ extraArgs: ['--tag', image] });
    dockerfile(`FROM ${base} AS p`, `RUN : 2 ${marker}`, ...triggers, 'FROM p', 'RUN : 3', `FROM ${image}`, 'RUN : 4');
    const cold = await build();
    const onbuild = (report: JudgeReport): string[] =>
      report.lines
        .filter((line) => line.origin === 'onbuild')
        .map((line) => `${line.line.start} ${line.instruction} ${line.outcome}`);
    expect(onbuild(cold)).toEqual([
      ...['6 ENV executed', '6 COPY executed', '6 RUN executed'],
      ...['8 ENV executed', '8 COPY executed', '8 RUN executed'],
    ]);
    write({ 'a.txt': 'b' });
    expect(onbuild(await build())).toEqual([
      ...['6 ENV cached', '6 COPY executed', '6 RUN executed'],
      ...['8 ENV cached', '8 COPY executed', '8 RUN executed'],
    ]);
  });

  it('blames the step that failed; the rest was not reached', async () => {
    write({ 'a.txt': 'a' });
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'COPY a.txt /a', 'COPY nope.txt /b', 'ENV A=1', `FROM ${base}`);
    const missing = await build();
    expect(missing.error).toContain('nope.txt');
    const found = ['2 RUN executed', '3 COPY executed', '4 COPY failed', '5 ENV not-reached'];
    expect(outcomes(missing)).toEqual(found);
    expect(missing.lines.map((line) => line.dependence)).toEqual(missing.lines.map(() => undefined));
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'RUN echo " ---> 0123456789ab" && false', 'CMD ["x"]');
    expect(outcomes(await build())).toEqual(['2 RUN cached', '3 RUN failed', '4 CMD not-reached']);
    dockerfile(`FROM ${base} AS p`, `RUN : ${marker}`, 'ONBUILD RUN true', 'ONBUILD RUN false', 'FROM p', 'ENV X=1');
    expect(outcomes(await build())).toEqual([
      ...['2 RUN cached', '3 ONBUILD executed', '4 ONBUILD executed'],
      ...['5 RUN unknown', '5 RUN unknown', '6 ENV not-reached'],
    ]);
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'FROM layer-insight-judge/none:1', 'ENV X=1');
    expect(outcomes(await build())).toEqual(['2 RUN cached', '3 FROM failed', '4 ENV not-reached']);
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'NOTHING known');
    expect(outcomes(await build())).toEqual(['2 RUN not-reached', '3 NOTHING not-reached']);
    dockerfile(`FROM ${base} AS one`, `RUN : ${marker}`, `FROM ${base} AS one`, 'ENV X=1');
    expect(outcomes(await build())).toEqual(['2 RUN cached', '3 FROM failed', '4 ENV not-reached']);
  });

  it('measures layers as docker history does, unless the image store counts blocks', async () => {
    write({ 'd/x.txt': '12345', 'd/sub/y.txt': '67' });
    symlinkSync('x.txt', join(dir, 'd/link'));
    dockerfile(
      `FROM ${base} AS first`,
      `RUN echo ${marker} > /m`,
      'COPY d /d',
      'ENV A=1',
      `FROM ${base}`,
      `RUN : ${marker}`,
      'RUN echo hello > /h && ln /h /h2 && ln -s /a/long/target /l && mkdir /empty',
      'WORKDIR /w',
    );
    const info = await run('docker', ['info', '--format', '{{.DriverStatus}}'], { timeoutMs: 15_000 });
    const exact = !info.stdout.includes('io.containerd.snapshotter');
    const bytes = (await build()).lines.map((line) => line.layerBytes);
    // other than in BuildKit's images the text of a link counts
    expect(bytes).toEqual([null, 37, 12, 0, null, 0, 6 + 14, 0].map((one) => (exact ? one : null)));
  });

  it('names the images of a build, so that all can be removed', async () => {
    const ids = async (): Promise<string[]> =>
      (await run('docker', ['image', 'ls', '--all', '--quiet'], { timeoutMs: 15_000 })).stdout.trim().split('\n');
    dockerfile(`FROM ${base} AS first`, `RUN : ${marker}`, 'ENV A=1', `FROM ${base}`, `RUN : 2 ${marker}`, 'ENV A=1');
    const made = (await build({ extraArgs: ['--label', 'a=b'] })).leftovers ?? [];
    expect(made).toHaveLength(5);
    expect(await ids()).toEqual(expect.arrayContaining([...made]));
    await removeClassicImages(left.splice(0));
    const after = await ids();
    expect(made.filter((id) => after.includes(id))).toEqual([]);
    expect(after).not.toEqual([]);
  });
});
