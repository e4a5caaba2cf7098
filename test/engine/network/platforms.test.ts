import { expect, it } from 'vitest';
import { asArray, asString, at, parseJson } from '../../judge/json.js';
import { run } from '../../judge/run.js';
import { docker } from '../traps/baseImages.js';
import { hit, miss, openHit, openMiss, type Line, type Step } from '../traps/lines.js';
import { CLI, Scenario } from '../traps/scenario.js';
import { describeOnOwnEngine } from '../traps/trap.js';
import { withRegistry } from './registryTests.js';

const BOTH = ['--platform', 'linux/amd64,linux/arm64'];

// only the containerd store builds for several platforms, and exports its cache
describeOnOwnEngine('the containerd store', ['--feature', 'containerd-snapshotter=true'], (shared) => {
  const steps = (copy: string): readonly string[] => [
    'FROM scratch AS one',
    'COPY a.txt /a-{marker}',
    'FROM scratch',
    'ARG TARGETARCH',
    'COPY --from=one /a-{marker} /x',
    copy,
  ];

  /** The verdicts of the copies by platform. */
  async function predictBoth(scenario: Scenario): Promise<unknown[]> {
    const env = { XDG_STATE_HOME: `${shared().state}/platforms` };
    const args = [CLI, 'predict', scenario.dir, ...BOTH, '--json'];
    const { stdout, stderr } = await run(process.execPath, args, { env, timeoutMs: 60_000 });
    expect(stderr).toBe('');
    return asArray(parseJson(stdout)).map((document) => [
      asString(at(document, 'platform')),
      ...asArray(at(document, 'steps'))
        .filter((step) => at(step, 'instruction') === 'COPY')
        .map((step) => `${asString(at(step, 'verdict')) ?? ''} ${asString(at(step, 'certainty')) ?? ''}`),
    ]);
  }

  /** What a build for both platforms says of its copies: `CACHED` or `DONE` for each that it names. */
  async function buildBoth(scenario: Scenario): Promise<Map<string, string>> {
    const args = ['buildx', 'build', '--progress=plain', '--output', 'type=cacheonly', ...BOTH, scenario.dir];
    const { code, stderr } = await run('docker', args, { timeoutMs: 60_000 });
    expect(code, stderr).toBe(0);
    const names = new Map([...stderr.matchAll(/^#(\d+) \[(.*COPY.*)$/gm)].map(([, number, name]) => [number, name]));
    const states = [...stderr.matchAll(/^#(\d+) (CACHED|DONE)/gm)];
    return new Map(
      states.flatMap(([, number, state = '']) => {
        const name = names.get(number);
        return name === undefined ? [] : [[name.replaceAll(scenario.marker, '*'), state] as const];
      }),
    );
  }

  it('builds for two platforms, which each have a prediction', async () => {
    const scenario = new Scenario(shared());
    try {
      scenario.writeDockerfile(steps('COPY d /d-$TARGETARCH'));
      await buildBoth(scenario);
      const cached = 'cached certain';
      expect(await predictBoth(scenario)).toEqual([
        ['linux/amd64', cached, cached, cached],
        ['linux/arm64', cached, cached, cached],
      ]);
      expect(new Set((await buildBoth(scenario)).values())).toEqual(new Set(['CACHED']));

      scenario.writeDockerfile(steps('COPY d /d-$TARGETARCH/new'));
      const changed = 'rebuild certain';
      expect(await predictBoth(scenario)).toEqual([
        ['linux/amd64', cached, cached, changed],
        ['linux/arm64', cached, cached, changed],
      ]);
      const built = [...(await buildBoth(scenario))];
      expect(built.filter(([name]) => name.includes('COPY d ')).map(([, state]) => state)).toEqual(['DONE', 'DONE']);
      expect(built.filter(([name]) => !name.includes('COPY d ')).every(([, state]) => state === 'CACHED')).toBe(true);
    } finally {
      scenario.remove();
    }
  });

  it('a build for one platform, then one for two', async () => {
    const scenario = new Scenario(shared());
    try {
      const build = steps('COPY d /d-$TARGETARCH');
      const report = await scenario.build(build);
      expect(report.succeeded, report.error).toBe(true);
      await scenario.predict(build);
      expect(await predictBoth(scenario)).toEqual([
        ['linux/amd64', 'cached certain', 'cached certain', 'cached certain'],
        ['linux/arm64', 'cached certain', 'cached certain', 'rebuild certain'],
      ]);
      const built = [...(await buildBoth(scenario))].filter(([name]) => name.includes('COPY d '));
      expect(built.map(([, state]) => state).sort()).toEqual(['CACHED', 'DONE']);
    } finally {
      scenario.remove();
    }
  });

  const test = withRegistry(shared);
  const CACHE = '{registry}/{marker}/cache:1';
  const chain = [openHit('RUN : {marker}'), openHit('COPY a.txt /a'), openHit('RUN echo one')];

  test('a cache in a registry, of which only the build learns what it has', async ({ scenario, check }) => {
    const cacheTo = ['--cache-to', scenario.filled(`type=registry,ref=${CACHE},mode=max`)];
    const report = await scenario.build(['FROM {base}', ...chain], { buildOnly: cacheTo });
    expect(report.succeeded, report.error).toBe(true);
    await docker('buildx', 'prune', '--all', '--force');
    await docker('buildx', 'history', 'rm', '--all');
    await check(['FROM {base}', ...chain], '--cache-from', scenario.filled(`type=registry,ref=${CACHE}`));
  });

  test('a cache inside of an image', async ({ scenario, build, check }) => {
    const image = scenario.filled('{registry}/{marker}/inline:1');
    scenario.writeDockerfile(['FROM {base}', ...chain]);
    const inline = ['--cache-to', 'type=inline', '--output', `type=image,name=${image},push=true`];
    await docker('buildx', 'build', '--quiet', ...inline, scenario.dir);
    await docker('image', 'rm', image);
    await docker('buildx', 'prune', '--all', '--force');
    await docker('buildx', 'history', 'rm', '--all');
    const from = ['--cache-from', `type=registry,ref=${image}`];
    await check(['FROM {base}', ...chain], ...from);
    // what nobody ever built is no hit, whatever the cache has: but which steps it has is not known before
    await build(['FROM {base}', miss('RUN echo {marker} else')]);
    await check(['FROM {base}', hit('RUN echo {marker} else')], ...from);
  });

  // the result right below a step that is executed would have to be loaded, which this engine does not do: it is in the
  // cache, and yet made anew
  const chainAnd = (last: Line): readonly Step[] => [
    'FROM {base}',
    openHit('RUN : {marker}'),
    openMiss('COPY a.txt /a'),
    last,
  ];

  test('allowed: a cache in a registry, and a step that it does not have', async ({ scenario, checkAsking }) => {
    const cacheTo = ['--cache-to', scenario.filled(`type=registry,ref=${CACHE},mode=max`)];
    const report = await scenario.build(['FROM {base}', ...chain], { buildOnly: cacheTo });
    expect(report.succeeded, report.error).toBe(true);
    await docker('buildx', 'prune', '--all', '--force');
    await docker('buildx', 'history', 'rm', '--all');
    const from = scenario.filled(`type=registry,ref=${CACHE}`);
    await checkAsking(chainAnd(miss('RUN echo {marker} else')), '--cache-from', from);
  });

  test('allowed: a cache inside of an image, and a step that it does not have', async ({ scenario, checkAsking }) => {
    const image = scenario.filled('{registry}/{marker}/inline:1');
    scenario.writeDockerfile(['FROM {base}', ...chain]);
    const inline = ['--cache-to', 'type=inline', '--output', `type=image,name=${image},push=true`];
    await docker('buildx', 'build', '--quiet', ...inline, scenario.dir);
    await docker('image', 'rm', image);
    await docker('buildx', 'prune', '--all', '--force');
    await docker('buildx', 'history', 'rm', '--all');
    const step = miss('RUN echo {marker} else');
    await checkAsking(chainAnd(step), '--cache-from', `type=registry,ref=${image}`);
  });

  test('allowed: a cache that no registry has', async ({ scenario, checkAsking }) => {
    const from = scenario.filled(`type=registry,ref=${CACHE}`);
    await checkAsking(['FROM {base}', miss('RUN echo {marker} else')], '--cache-from', from);
  });
});
