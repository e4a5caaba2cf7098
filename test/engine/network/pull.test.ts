import { expect } from 'vitest';
import { buildCommand } from '../../../core/build/command.js';
import { BuildFollower } from '../../../core/build/follow.js';
import type { BuildOrder, LiveBuild, Prediction, PulledLayer } from '../../../core/model/index.js';
import { logDecoder } from '../../../core/node/build/logDecoder.js';
import { runBuild } from '../../../core/node/build/runBuild.js';
import { asArray, asString, at, parseJson } from '../../judge/json.js';
import { run } from '../../judge/run.js';
import { predictionOf } from '../../unit/support/prediction.js';
import { docker } from '../traps/baseImages.js';
import { CLI, type Scenario } from '../traps/scenario.js';
import { describeOnOwnEngine } from '../traps/trap.js';
import { IMAGE, type Registry } from './images.js';
import { inEngineNetwork } from './loopback.js';
import { withRegistry } from './registryTests.js';

/** What is said of a build to who may ask the registry. */
async function askedPrediction(scenario: Scenario, dockerfile: string): Promise<Prediction> {
  const args = ['predict', scenario.dir, '-f', dockerfile, '--ask-network', '--json'];
  const [program, ...rest] = inEngineNetwork([process.execPath, CLI, ...args]);
  const env = { XDG_STATE_HOME: scenario.aside, XDG_CACHE_HOME: scenario.aside };
  const { stdout, stderr, code } = await run(program, rest, { env, timeoutMs: 60_000 });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Prediction;
}

/** Builds as the editor does; every state that it would show. `asks`: the registry may be asked before. */
async function followed(scenario: Scenario, text: string, asks: boolean): Promise<readonly LiveBuild[]> {
  const dockerfile = scenario.writeDockerfile(text.split('\n'));
  const prediction = asks ? await askedPrediction(scenario, dockerfile) : predictionOf(text, 'may-hit');
  const follower = new BuildFollower({
    ...{ builder: 'buildkit', prediction, now: Date.now, color: false },
    decoder: logDecoder,
  });
  const order: BuildOrder = {
    ...{ dockerfile, context: scenario.dir, target: '', buildArgs: {}, platform: '', tags: [] },
    ...{ cache: 'all', secrets: [], ssh: [] },
  };
  const states: LiveBuild[] = [];
  const { signal } = new AbortController();
  const exit = await runBuild(buildCommand(order, { kind: 'buildkit', program: 'docker', env: process.env }), {
    ...{ cwd: scenario.dir, env: process.env, signal },
    onOutput(stream, chunk) {
      follower.push(stream, chunk);
      states.push(follower.live);
    },
  });
  follower.end(exit);
  return [...states, follower.live];
}

interface Blob {
  readonly digest: string;
  /** Bytes, as they are sent. */
  readonly size: number;
}

/** The layers of the image in the registry, by its manifest. */
async function layersOf(scenario: Scenario): Promise<readonly Blob[]> {
  const url = scenario.filled(IMAGE).replace(/^([^/]+)\/(.*):1$/, 'http://$1/v2/$2/manifests/1');
  const types = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
  const index = 'application/vnd.oci.image.index.v1+json';
  const script = `
    const get = (url, accept) => fetch(url, { headers: { accept } }).then((response) => response.json());
    let found = await get(process.argv[1], ${JSON.stringify([...types, index].join())});
    const [one] = found.manifests ?? [];
    if (one) found = await get(process.argv[1].replace(/1$/, one.digest), one.mediaType);
    console.log(JSON.stringify(found.layers));`;
  const [program, ...args] = inEngineNetwork([process.execPath, '--input-type=module', '-e', script, url]);
  const { stdout, stderr } = await run(program, args, { timeoutMs: 30_000 });
  return asArray(parseJson(stdout)).map((one): Blob => {
    const [digest, size] = [asString(at(one, 'digest')), at(one, 'size')];
    if (digest === undefined || typeof size !== 'number') throw new Error(stdout + stderr);
    return { digest: digest.replace('sha256:', '').slice(0, 12), size };
  });
}

const CONTENT = ['RUN head -c 30000000 /dev/urandom > /big', 'RUN echo {marker} > /small'];
const pulledIn = (live: LiveBuild | undefined): readonly PulledLayer[] => live?.steps[0]?.layers ?? [];

/** A build on an image that only the registry has: its states, the last of which is a success, and the image's layers. */
async function fetched(registry: Registry, scenario: Scenario, asks = false) {
  await registry.publish(scenario, CONTENT);
  await registry.forget(scenario);
  await docker('buildx', 'prune', '--all', '--force');
  const states = await followed(scenario, scenario.filled(`FROM ${IMAGE}\nRUN echo {marker}`), asks);
  const last = states.at(-1);
  expect(last?.state, last?.error ?? '').toBe('succeeded');
  return { states, last, layers: await layersOf(scenario) };
}

describeOnOwnEngine('layers that a build fetches', [], (shared) => {
  const test = withRegistry(shared);

  test('are shown one by one with their bytes, and nothing else is', async ({ registry, scenario }) => {
    const { states, last, layers } = await fetched(registry, scenario);
    // those of the image below are there; the builder does not name them, and nobody asked the registry
    const own = layers.slice(1);
    expect(own).toHaveLength(3);
    const shown = [...pulledIn(last)].sort((one, other) => (one.total ?? 0) - (other.total ?? 0));
    const expected = own.map(({ digest, size }) => ({ layer: digest, state: 'done', current: size, total: size }));
    expect(shown).toEqual(expected.sort((one, other) => one.total - other.total));
    const big = shown.at(-1);
    expect(big?.total).toBeGreaterThan(30_000_000);
    const stages = states.flatMap((live) => pulledIn(live).filter(({ layer }) => layer === big?.layer));
    // an engine that is quick or has much to do tells of some of them only
    const order = ['waiting', 'downloading', 'extracting', 'done'];
    const places = stages.map(({ state }) => order.indexOf(state));
    expect([places, places.at(-1)]).toEqual([[...places].sort((one, other) => one - other), 3]);
    for (const { current, total } of stages) expect(current).toBeLessThanOrEqual(total ?? 0);
  });

  test('are shown with those that were there, where the registry may be asked', async ({ registry, scenario }) => {
    const { states, last, layers } = await fetched(registry, scenario, true);
    const there = layers.length - 3;
    expect(there).toBeGreaterThan(0);
    expect(pulledIn(last)).toEqual(
      layers.map(({ digest, size }, index) => ({
        ...{ layer: digest, state: index < there ? 'exists' : 'done', current: size, total: size },
      })),
    );
    // while it fetches, nobody knows yet which of them those are
    const running = states.filter(({ steps }) => steps[0]?.state === 'running');
    expect(running.flatMap(pulledIn).filter(({ state }) => state === 'exists')).toEqual([]);
  });
});

describeOnOwnEngine(
  'layers that a build fetches, in the containerd store',
  ['--feature', 'containerd-snapshotter=true'],
  (shared) => {
    const test = withRegistry(shared);

    test('are those of the image, and no manifest or configuration is among them', async ({ registry, scenario }) => {
      const { last, layers } = await fetched(registry, scenario);
      const known = layers.map(({ digest }) => digest);
      const shown = pulledIn(last);
      expect(shown.length).toBeGreaterThan(0);
      for (const { layer, state } of shown) expect([known.includes(layer), state]).toEqual([true, 'done']);
    });
  },
);
