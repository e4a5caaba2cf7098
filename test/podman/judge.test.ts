import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import {
  judgeBuildahBuild,
  podmanProgram,
  removeBuildahImages,
  type BuildOptions,
  type JudgeReport,
} from '../judge/index.js';
import { run } from '../judge/run.js';
import { builderForSuite } from './suite.js';

const builder = await builderForSuite('the judge of Podman');

describe.skipIf(builder === undefined)('the judge of Podman', { timeout: 120_000 }, () => {
  let base = '';
  let dir = '';
  let marker = '';
  const left: string[] = [];
  // below /tmp: what Podman's namespace shares
  const parent = mkdtempSync('/tmp/li-podman-judge-');

  beforeAll(async () => {
    base = await ensurePodmanBaseImage(podmanProgram());
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));
  beforeEach(() => {
    marker = randomUUID();
    dir = join(parent, marker);
    mkdirSync(dir);
  });
  afterEach(async () => {
    await removeBuildahImages(left.splice(0));
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
    const report = await judgeBuildahBuild({ context: dir, ...options });
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
      `FROM ${base} AS unused`,
      `RUN : u${marker}`,
      `FROM ${base}`,
      `ENV A=${marker} \\`,
      '    B=2',
      'WORKDIR /w',
      'COPY --from=build /count ./',
      'COPY <<EOF /doc',
      'text',
      'EOF',
      'RUN printf "no end of line"',
    );
    const steps = ['3 RUN', '4 COPY', '5 RUN', '7 RUN', '9 ENV', '11 WORKDIR', '12 COPY', '13 COPY', '16 RUN'];
    const all = (outcome: string): string[] =>
      steps.map((step) => (step === '7 RUN' ? '7 RUN not-needed' : `${step} ${outcome}`));
    const cold = await build();
    expect(cold.error).toBeUndefined();
    expect(outcomes(cold)).toEqual(all('executed'));
    expect(outcomes(await build())).toEqual(all('cached'));
    write({ 'a.txt': 'two\n' }); // as many bytes: what the stage hands on is equal
    const edited = await build();
    expect(outcomes(edited)).toEqual(
      all('cached').map((one) => (/^[45]/.test(one) ? one.replace('cached', 'executed') : one)),
    );
    expect(edited.lines.filter((line) => line.dependence?.output === true).map((line) => line.line.start)).toEqual([
      12, 13, 16,
    ]);
    expect(outcomes(await build({ target: 'build' }))).toEqual(
      all('not-needed').map((one) => (/^[345] /.test(one) ? one.replace('not-needed', 'cached') : one)),
    );
    expect(outcomes(await build({ target: 'unused', extraArgs: ['--label', 'x=y'] }))).toEqual(
      all('not-needed').map((one) => (one.startsWith('7') ? '7 RUN executed' : one)),
    );
  });

  it('sets apart what options add: ENV at the start and LABEL at the end', async () => {
    dockerfile(`FROM ${base} AS p`, `RUN : ${marker}`, 'ENV A=1', 'FROM p', 'ENV B=1', 'LABEL c=d');
    await build();
    const labels = ['--label', 'b=1', '--label', 'a=2'];
    const cached = ['2 RUN cached', '3 ENV cached', '5 ENV cached', '6 LABEL cached'];
    expect(outcomes(await build({ extraArgs: labels }))).toEqual(cached);
    expect(outcomes(await build({ extraArgs: [...labels, '--env', 'Z=1'] }))).toEqual(
      cached.map((one) => one.replace('cached', 'executed')),
    );
    expect(outcomes(await build({ noCache: true }))).toEqual(cached.map((one) => one.replace('cached', 'executed')));
  });

  it('tells triggers of ONBUILD, which only an image in the format of docker has, by the line of their FROM', async () => {
    write({ 'a.txt': 'a' });
    const image = `localhost/layer-insight-judge/${marker}:onbuild`;
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'ONBUILD COPY a.txt /o', 'ONBUILD RUN echo hi');
    await build({ extraArgs: ['--format', 'docker', '--tag', image] });
    left.push(image);
    dockerfile(`FROM ${image}`, 'ENV A=1');
    expect(outcomes(await build())).toEqual(['1 COPY executed', '1 RUN executed', '2 ENV executed']);
    const again = await build();
    expect(outcomes(again)).toEqual(['1 COPY cached', '1 RUN cached', '2 ENV cached']);
    expect(again.lines.map((line) => line.origin)).toEqual([undefined, 'onbuild', 'onbuild', undefined]);
    dockerfile(`FROM ${base} AS p`, `RUN : 2 ${marker}`, 'ONBUILD RUN echo hi', 'FROM p', 'ENV A=1');
    expect(outcomes(await build())).toEqual(['2 RUN executed', '3 ONBUILD executed', '5 ENV executed']);
  });

  it('blames the step that failed; the rest was not reached', async () => {
    write({ 'a.txt': 'a' });
    dockerfile(
      ...[`FROM ${base} AS used`, `RUN : ${marker}`, `FROM ${base} AS not`, 'ENV N=1'],
      ...[`FROM ${base}`, `RUN : 2 ${marker}`, 'COPY nope.txt /b', 'ENV A=1', `FROM ${base}`, 'COPY --from=used /b /b'],
      ...['COPY --from=2 /b /b'],
    );
    const missing = await build();
    expect(missing.error).toContain('nope.txt');
    expect(outcomes(missing)).toEqual([
      ...['2 RUN executed', '4 ENV not-needed', '6 RUN executed', '7 COPY failed', '8 ENV not-reached'],
      ...['10 COPY not-reached', '11 COPY not-reached'],
    ]);
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'RUN echo "--> 0123456789ab" && false', 'CMD ["x"]');
    expect(outcomes(await build())).toEqual(['2 RUN cached', '3 RUN failed', '4 CMD not-reached']);
    dockerfile(`FROM ${base}`, `RUN : ${marker}`, 'FROM --unknown=flag x', 'ENV X=1');
    expect((await build()).succeeded).toBe(false);
  });

  it('names the images of a build, so that all can be removed', async () => {
    const ids = async (): Promise<string[]> =>
      (await run(podmanProgram(), ['image', 'ls', '--all', '--quiet'], { timeoutMs: 30_000 })).stdout
        .trim()
        .split('\n');
    dockerfile(
      `FROM ${base} AS a`,
      `RUN : ${marker}`,
      'ENV A=1',
      `FROM ${base}`,
      `RUN : 2 ${marker}`,
      'COPY --from=a /etc /e',
    );
    const made = (await build({ extraArgs: ['--label', 'a=b'] })).leftovers ?? [];
    expect(made).toHaveLength(5);
    expect(await ids()).toEqual(expect.arrayContaining([...made]));
    await removeBuildahImages(left.splice(0));
    const after = await ids();
    expect(made.filter((id) => after.includes(id))).toEqual([]);
    expect(after).not.toEqual([]);
  });
});
