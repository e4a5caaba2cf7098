import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProjectFolder } from '../generator/disk.js';
import { generateCase } from '../generator/generate.js';
import type { Project } from '../generator/project.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { judgeBuild, removeImage, type JudgeReport } from '../judge/index.js';
import { run } from '../judge/run.js';
import { compare } from './compare.js';
import { engineForSuite } from './engine.js';
import { builderArguments, projectArguments, readPrediction } from './predictor.js';
import { Score } from './score.js';
import { runWarm } from './warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const engine = await engineForSuite('a git commit as the baseline');
const CASES = Number(process.env['LAYER_INSIGHT_GIT_CASES'] ?? 16);
const MUTATIONS = 2;

/**
 * Each case: a repository with one commit, a checkout of it that is built by a builder that knows nothing else of it,
 * then changes in the working tree, a prediction against the commit, and a build of the working tree. Each is built under
 * a name of its own, so that the builder gets all of its files anew.
 */
describe.skipIf(engine === undefined)('a git commit as the baseline', () => {
  const state = mkdtempSync(join(tmpdir(), 'li-git-state-'));
  const images: string[] = [];
  let baseImage = '';

  beforeAll(async () => {
    baseImage = await ensureBaseImage();
  });
  afterAll(async () => {
    for (const image of images) await removeImage(image);
    rmSync(state, { recursive: true, force: true });
  });

  const git = async (folder: string, ...args: readonly string[]): Promise<void> => {
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    const result = await run('git', [...who, ...args], { cwd: folder, timeoutMs: 30_000 });
    expect(result.code, `git ${args.join(' ')}: ${result.stderr}`).toBe(0);
  };

  const build = async (context: string, project: Project, secrets: string): Promise<JudgeReport> => {
    const report = await judgeBuild({
      context,
      dockerfile: join(context, project.dockerfile),
      target: project.target,
      extraArgs: [...projectArguments({ ...project, target: undefined }, secrets), ...builderArguments(project)],
      output: 'image',
      keepImage: true,
    });
    if (report.image !== undefined) images.push(report.image);
    return report;
  };

  /** What is wrong in one case. */
  const play = async (seed: string, score: Score): Promise<string[]> => {
    const parent = mkdtempSync(join(tmpdir(), 'li-git-'));
    try {
      const one = generateCase({ seed, marker: randomUUID(), baseImage, mutations: MUTATIONS });
      const repository = join(parent, 'repository');
      const context = join(repository, 'app');
      mkdirSync(repository);
      const folder = new ProjectFolder(context, one.initial);
      await git(repository, 'init', '--quiet');
      await git(repository, 'add', '--all', '--force');
      await git(repository, 'commit', '--quiet', '--allow-empty', '--message', seed);
      for (const mutation of one.mutations) folder.apply(mutation);
      const { project } = folder;

      const checkout = join(parent, 'checkout');
      await git(parent, 'clone', '--quiet', repository, checkout);
      const [then, now] = [randomUUID(), randomUUID()].map((name) => join(parent, name));
      cpSync(join(checkout, 'app'), then ?? '', { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
      // what was asked for then is what is asked for now
      const first = await build(then ?? '', { ...project, noCache: false }, context);
      if (!first.succeeded) return [];
      score.addBuild(true, first.wallMs);

      const args = ['predict', context, '-f', join(context, project.dockerfile), '--baseline', 'git:HEAD', '--json'];
      const started = performance.now();
      const predicted = await runWarm(CLI, [...args, ...projectArguments(project, context)], {
        // no engine can be asked
        env: { XDG_STATE_HOME: state, DOCKER_HOST: 'unix:///nowhere' },
        timeoutMs: 60_000,
      });
      const steps = readPrediction(predicted.stdout);
      if ('failure' in steps) return [`${seed}: ${steps.failure} ${predicted.stderr}`];
      await run('cp', ['-a', context, now ?? ''], { timeoutMs: 30_000 });
      const second = await build(now ?? '', project, context);
      score.addBuild(second.succeeded, second.wallMs);
      const comparison = compare(steps, second);
      score.addComparison(comparison, performance.now() - started, seed);
      return comparison.disagreements
        .filter(({ kind }) => !kind.startsWith('size'))
        .map(({ message }) => `${seed} (${one.mutations.map(({ kind }) => kind).join(', ')}): ${message}`);
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  };

  it.each(['fixed-git', `fresh-${randomUUID()}`])(
    'says what the working tree rebuilds, as the builder then does (seed %s)',
    async (seed) => {
      const score = new Score();
      const wrong: string[] = [];
      for (let number = 0; number < CASES / 2; number++) wrong.push(...(await play(`${seed}/${number}`, score)));
      console.log(`${engine ?? ''}\nseed ${seed}\n${score.table()}`);
      expect(wrong.join('\n')).toBe('');
    },
    CASES * 20_000,
  );
});
