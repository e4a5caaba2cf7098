import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../judge/run.js';
import { hit, miss } from './lines.js';
import { shortcoming } from './notYet.js';
import { Scenario } from './scenario.js';
import { keepingTime } from './sneak.js';
import { describeOnOwnEngine, trap } from './trap.js';
import { verify } from './verify.js';

const PROBLEMS = ['change-unnoticed'];

/** BuildKit 0.26 came with Docker 29.1: from then on wildcards count folders. */
async function countsFolders(): Promise<boolean> {
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
  const [major = 0, minor = 0] = version.stdout.split('.').map(Number);
  return major > 29 || (major === 29 && minor >= 1);
}

// What the builder still has of a context can be told only when no other build ran meanwhile: an engine of our own.
describeOnOwnEngine('traps: changes that the builder does not notice', [], (shared) => {
  trap(shared, 'T34: chmod of a folder in a copied folder', {
    second: [hit('COPY d /d')],
    change: (scenario) => chmodSync(scenario.path('d/sub'), 0o700),
    problems: PROBLEMS,
  });
  trap(shared, 'T35: an edit that keeps size and time', {
    second: [hit('COPY a.txt /a')],
    change: (scenario) => keepingTime(scenario.path('a.txt'), () => scenario.write('a.txt', 'A\n')),
    problems: PROBLEMS,
  });

  it('T47: a file moves deeper below a wildcard and keeps its place in the order', async () => {
    const scenario = new Scenario({ ...shared(), files: { 'w1/b.txt': 'b\n', 'w1/a/0.txt': '0\n' } });
    try {
      const fixed = await countsFolders();
      const steps = [(fixed ? miss : hit)('COPY w* /q/')];
      expect((await scenario.build(steps)).succeeded).toBe(true);
      await scenario.predict(steps);
      renameSync(scenario.path('w1/b.txt'), scenario.path('w1/a/b.txt'));
      await verify(scenario, steps, { problems: fixed ? [] : PROBLEMS });
    } finally {
      scenario.remove();
    }
  });

  it.each<[string, (scenario: Scenario) => void]>([
    ['was moved', (scenario) => renameSync(scenario.path('d/x.txt'), scenario.path('d/sub/moved.txt'))],
    ['got another mode', (scenario) => chmodSync(scenario.path('d/x.txt'), 0o755)],
  ])('S34: a file that %s between two builds is as certain as any other from then on', async (_, change) => {
    const scenario = new Scenario(shared());
    try {
      await scenario.build([hit('COPY d /d')]);
      await scenario.predict([hit('COPY d /d')]);
      // times of a file tell its moves and modes only when they are later than those of its content
      await new Promise((resolve) => setTimeout(resolve, 50));
      change(scenario);
      await verify(scenario, [miss('COPY d /d')], {});
      // what the builder has for its next comparison is from a build of other steps
      await verify(scenario, [miss('COPY a.txt /a')], {});
      await verify(scenario, [hit('COPY d /d')], {});
    } finally {
      scenario.remove();
    }
  });

  it('S03: two contexts of the same base name, files of equal size and time', async () => {
    const one = new Scenario(shared());
    const other = new Scenario({ ...shared(), name: one.marker });
    try {
      const steps = ['FROM {base}', hit(`RUN : ${one.marker}`), hit('COPY a.txt /a')];
      mkdirSync(dirname(other.path('a.txt')), { recursive: true });
      writeFileSync(other.path('a.txt'), 'A\n');
      await run('touch', ['-r', one.path('a.txt'), other.path('a.txt')]);
      expect((await one.build(steps)).succeeded).toBe(true);
      await one.predict(steps);
      await verify(other, steps, { problems: PROBLEMS, shortcoming: shortcoming('S03') });
    } finally {
      one.remove();
      other.remove();
    }
  });
});
