import { utimesSync } from 'node:fs';
import { expect } from 'vitest';
import { run } from '../../judge/run.js';
import { hit, miss, unsure } from '../traps/lines.js';
import type { Scenario } from '../traps/scenario.js';
import { describeOnEngine } from '../traps/trap.js';
import { verify } from '../traps/verify.js';
import { buildAndLook, buildUnseen, session } from './session.js';

async function git(scenario: Scenario, ...args: readonly string[]): Promise<void> {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  const result = await run('git', ['-C', scenario.dir, ...identity, ...args], { timeoutMs: 30_000 });
  expect(result.code, `git ${args.join(' ')}: ${result.stderr}`).toBe(0);
}

const COPIES = ['COPY src /src', 'RUN echo after'] as const;
const HITS = COPIES.map(hit);
const MISSES = COPIES.map(miss);

await describeOnEngine('content that came and went', (shared) => {
  session(shared, 'V09: a file is changed, built, and changed back', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildAndLook(scenario, COPIES);
    scenario.write('src/app.js', 'two\n');
    await verify(scenario, MISSES);
    await scenario.predict(COPIES);
    scenario.write('src/app.js', 'one\n');
    await verify(scenario, HITS);
    await scenario.predict(COPIES);
    scenario.write('src/app.js', 'two\n');
    await verify(scenario, HITS);
  });
  session(shared, 'a file is changed and changed back without a build', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildAndLook(scenario, COPIES);
    scenario.write('src/app.js', 'two\n');
    scenario.write('src/app.js', 'one\n');
    await verify(scenario, HITS);
  });
  session(shared, 'a branch is checked out and the first one again', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    scenario.write('src/kept.js', 'kept\n');
    await git(scenario, 'init', '--quiet', '--initial-branch=one');
    await git(scenario, 'add', 'src');
    await git(scenario, 'commit', '--quiet', '--message=one');
    await git(scenario, 'checkout', '--quiet', '-b', 'two');
    scenario.write('src/app.js', 'two\n');
    scenario.write('src/added.js', 'added\n');
    await git(scenario, 'add', 'src');
    await git(scenario, 'commit', '--quiet', '--message=two');
    await git(scenario, 'checkout', '--quiet', 'one');
    await buildAndLook(scenario, COPIES);
    await git(scenario, 'checkout', '--quiet', 'two');
    await verify(scenario, MISSES);
    await scenario.predict(COPIES);
    await git(scenario, 'checkout', '--quiet', 'one');
    await verify(scenario, HITS);
    await git(scenario, 'checkout', '--quiet', 'two');
    await git(scenario, 'checkout', '--quiet', 'one');
    await verify(scenario, HITS);
  });
  session(shared, 'a plain file beside the folders that a wildcard goes through', async (scenario) => {
    const steps = ['COPY */*/*.c /c/', 'RUN echo after'] as const;
    scenario.write('src/lib/deep.c', 'one\n');
    scenario.write('docs/guide.md', 'guide\n');
    await buildAndLook(scenario, steps);
    scenario.write('docs/more.md', 'more\n');
    await verify(scenario, steps.map(hit));
    await scenario.predict(steps);
    scenario.write('docs/empty/more.md', 'more\n');
    await verify(scenario, steps.map(hit));
    await scenario.predict(steps);
    scenario.write('docs/empty/more.c', 'more\n');
    await verify(scenario, steps.map(miss));
  });
  session(shared, 'a wildcard that leaves a letter out', async (scenario) => {
    const steps = ['COPY [^b-c]*.txt /c/', 'RUN echo after'] as const;
    scenario.write('b.txt', 'left out\n');
    await buildAndLook(scenario, steps);
    scenario.write('b.txt', 'left out all the same\n');
    scenario.write('cc.txt', 'left out\n');
    await verify(scenario, steps.map(hit));
    await scenario.predict(steps);
    scenario.write('d.txt', 'taken\n');
    await verify(scenario, steps.map(miss));
    await scenario.predict(steps);
    scenario.write('a.txt', 'taken, and another size\n');
    await verify(scenario, steps.map(miss));
  });
  session(shared, 'every file is touched', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildAndLook(scenario, COPIES);
    for (const path of ['src/app.js', 'src']) utimesSync(scenario.path(path), new Date(), new Date());
    await verify(scenario, HITS);
  });
  session(shared, 'an edit before a build that we only hear of later', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildAndLook(scenario, COPIES);
    scenario.write('src/app.js', 'two\n');
    await buildUnseen(scenario, COPIES);
    await verify(scenario, HITS);
  });
  session(shared, 'an edit before a build that we only hear of later, and one after it', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildAndLook(scenario, COPIES);
    scenario.write('src/app.js', 'two\n');
    await buildUnseen(scenario, COPIES);
    scenario.write('src/app.js', 'six\n');
    // what `two` held is lost: the build that we heard of later may have seen `six`
    await verify(scenario, MISSES.map(unsure));
    await scenario.predict(COPIES);
    scenario.write('src/app.js', 'one\n');
    await verify(scenario, HITS);
  });
  session(shared, 'an edit after a build that we only hear of later, and back', async (scenario) => {
    scenario.write('src/app.js', 'one\n');
    await buildUnseen(scenario, COPIES);
    scenario.write('src/app.js', 'two\n');
    scenario.write('src/app.js', 'one\n');
    await verify(scenario, HITS.map(unsure));
  });
  session(shared, '--no-cache, then a normal build', async (scenario) => {
    const steps = ['COPY a.txt /a', 'RUN echo after'] as const;
    await buildAndLook(scenario, steps);
    const everything = ['FROM {base}', miss('RUN : {marker}'), ...steps.map(miss)];
    await verify(scenario, everything, { asked: { options: ['--no-cache'] } });
    await verify(scenario, steps.map(hit));
  });
  session(shared, 'O10: what --no-cache wrote is what a later step sees', async (scenario) => {
    const random = 'RUN cat /proc/sys/kernel/random/uuid > /o';
    await buildAndLook(scenario, [random]);
    const everything = ['FROM {base}', miss('RUN : {marker}'), miss(random)];
    await verify(scenario, everything, { asked: { options: ['--no-cache'] } });
    await verify(scenario, [hit(random), miss('COPY a.txt /a'), miss('RUN cat /o')]);
  });
});

await describeOnEngine('builds that failed', (shared) => {
  /** Builds one step that goes well and one that fails, and nothing before. */
  async function fail(scenario: Scenario): Promise<void> {
    const failed = await scenario.build(['RUN echo pre', 'RUN false']);
    expect(failed.succeeded).toBe(false);
  }
  // A failed build leaves no description of its steps, only a log with their digests.
  const kept = ['FROM {base}', hit('RUN : {marker}'), hit('RUN echo pre')];

  session(shared, 'V10: the steps that went well are kept', async (scenario) => {
    await fail(scenario);
    await verify(scenario, [...kept, miss('RUN echo more {marker}')]);
  });
  session(shared, 'V11: a step that failed is executed again', async (scenario) => {
    await fail(scenario);
    await verify(scenario, [...kept, { text: 'RUN false', outcome: 'failed', verdict: 'rebuild' }]);
  });
  session(shared, 'files that a failed build took are kept, and other files are not', async (scenario) => {
    const steps = [
      'COPY a.txt /a',
      'WORKDIR /w',
      'RUN --mount=type=bind,source=a.txt,target=/c cat /c > /w/a',
    ] as const;
    const failed = await scenario.build([...steps, 'RUN false']);
    expect(failed.succeeded).toBe(false);
    await verify(scenario, [...steps.map(hit), { text: 'RUN false', outcome: 'failed', verdict: 'rebuild' }]);
    await verify(scenario, [...steps.map(hit), miss('RUN echo more {marker}')]);
    await scenario.predict(steps);
    scenario.write('a.txt', 'something else\n');
    await verify(scenario, steps.map(miss));
  });
  session(shared, 'a step after the one that failed is not kept', async (scenario) => {
    const failed = await scenario.build(['RUN false', 'COPY a.txt /a']);
    expect(failed.succeeded).toBe(false);
    await verify(scenario, [miss('COPY a.txt /a')]);
  });
  session(shared, 'an ignore file that came after the failed build', async (scenario) => {
    const failed = await scenario.build(['COPY . /c', 'RUN false']);
    expect(failed.succeeded).toBe(false);
    scenario.write('.dockerignore', 'a.txt\n');
    await verify(scenario, [unsure(miss('COPY . /c'))]);
  });
  session(shared, 'a build that failed after one that went well', async (scenario) => {
    await buildAndLook(scenario, ['RUN echo pre', 'COPY a.txt /a']);
    await fail(scenario);
    await verify(scenario, [hit('RUN echo pre'), hit('COPY a.txt /a')]);
  });
});
