import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeImage } from '../judge/index.js';
import { run } from '../judge/run.js';
import { docker, imageOf } from './traps/baseImages.js';
import { hit, openMiss, type Step } from './traps/lines.js';
import { Scenario } from './traps/scenario.js';
import { describeOnEngine } from './traps/trap.js';
import { verify } from './traps/verify.js';

/** A build that goes on until it is stopped; its command says when it has begun. */
class Running {
  private readonly child: ChildProcess;
  private readonly begun: Promise<void>;

  constructor(private readonly scenario: Scenario) {
    const args = ['buildx', 'build', '--progress=plain', '--output=type=cacheonly', scenario.dir];
    const child = spawn('docker', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    this.begun = new Promise((resolve, reject) => {
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (text.includes(` the long one`)) resolve();
      });
      child.on('close', () => reject(new Error(`it ended too soon: ${text}`)));
    });
    this.begun.catch(() => undefined);
  }

  static async of(scenario: Scenario, steps: readonly Step[]): Promise<Running> {
    scenario.writeDockerfile([...steps, 'RUN echo the long one && sleep 100']);
    const one = new Running(scenario);
    await one.begun;
    // its words in a log are those of its command, too
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await one.isListed(), 'it runs').toBe(true);
    return one;
  }

  /** Stops it, and waits until the builder has written down that it ended. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'close');
    }
    await expect.poll(() => this.isListed(), { timeout: 20_000 }).toBe(false);
  }

  /** Is it one of the builds that the builder says are running? They are named by their contexts. */
  private async isListed(): Promise<boolean> {
    const { stdout } = await run('docker', ['buildx', 'history', 'ls', '--no-trunc', '--format', 'json']);
    return stdout.split('\n').some((line) => line.includes(this.scenario.marker) && line.includes('"Running"'));
  }
}

// Other builds share a vertex with the one that runs, as it is in memory: what is kept on it is looked up in vain.
await describeOnEngine('while another build runs', (shared) => {
  let lane: Scenario;
  let long: Scenario;
  let running: Running | undefined;
  beforeEach(() => {
    lane = new Scenario(shared());
    // the same words in both
    long = new Scenario({ ...shared(), words: { marker: lane.marker, image: lane.filled('{image}') } });
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    for (const one of [lane, long]) {
      await one.removeImages();
      one.remove();
    }
  });

  it('what stands on a step that it executed is not found until it ends', async () => {
    const steps = (on: (text: string) => Step): Step[] => [
      ...['FROM {base}', on('RUN : shared {marker}'), on('RUN : own'), on('COPY a.txt /a')],
    ];
    running = await Running.of(long, ['FROM {base}', 'RUN : shared {marker}']);
    await lane.build(steps(openMiss));
    await verify(lane, steps(openMiss));
    await running.stop();
    await verify(lane, steps(hit));
  });

  it('what stands on an image that it was the first to use is not found until it ends', async () => {
    const archive = join(lane.aside, 'image.tar');
    writeFileSync(join(lane.aside, 'only'), lane.marker);
    expect((await run('tar', ['-cf', archive, '-C', lane.aside, 'only'])).code).toBe(0);
    await docker('import', archive, imageOf(lane));
    try {
      running = await Running.of(long, ['FROM {base} AS tools', 'FROM {image}', 'COPY --from=tools / /']);
      const steps = (on: (text: string) => Step): Step[] => ['FROM {image}', on('COPY a.txt /a'), on('COPY b.txt /b')];
      await lane.build(steps(openMiss));
      await verify(lane, steps(openMiss));
      await running.stop();
      await verify(lane, steps(hit));
    } finally {
      await running?.stop();
      await removeImage(imageOf(lane));
    }
  });

  it('the first use of another image hides nothing of one that was used before', async () => {
    lane.write(join('..', 'aside', 'Dockerfile'), lane.filled('FROM {base}\nRUN echo {marker} > /made\n'));
    await docker('buildx', 'build', '--quiet', '--load', '--tag', imageOf(lane), lane.aside);
    try {
      const steps = [hit('COPY a.txt /{marker}'), hit('COPY b.txt /b')];
      await lane.build(steps);
      running = await Running.of(long, ['FROM {image} AS tools', 'FROM {base}', 'COPY --from=tools /made /']);
      await verify(lane, steps);
    } finally {
      await running?.stop();
      await removeImage(imageOf(lane));
    }
  });

  it('what it takes from the cache hides nothing', async () => {
    const steps = [hit('RUN : shared'), hit('RUN : own'), hit('COPY a.txt /a')];
    await lane.build(steps);
    running = await Running.of(long, ['FROM {base}', 'RUN : {marker}', 'RUN : shared']);
    await verify(lane, steps);
  });
});
