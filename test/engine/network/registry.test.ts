import { knownByLayers } from '../traps/baseImages.js';
import { hit, miss, openHit, openMiss, unsure, type Step } from '../traps/lines.js';
import { describeOnEngine, describeOnOwnEngine } from '../traps/trap.js';
import { IMAGE } from './images.js';
import { withRegistry } from './registryTests.js';

type Expectation = (text: string) => Step;

/** A Dockerfile on an image of the registry, with what is expected of its steps. */
const on = (image: string, run: Expectation, name = 'one'): readonly Step[] => [
  `FROM ${image}`,
  run(`RUN echo ${name}`),
  run(`COPY a.txt /${name}`),
];
const copyFrom = (expected: Expectation): readonly Step[] => [
  'FROM scratch',
  expected(`COPY --from=${IMAGE} /what /what`),
];
const content = (text: string): string => `RUN echo ${text} {marker} > /what`;

const byLayers = await knownByLayers();

if (byLayers)
  await describeOnEngine('images of a registry, in the overlay2 store', (shared) => {
    const test = withRegistry(shared);

    test('a tag that was moved: the engine goes on with its own image', async ({
      registry,
      scenario,
      build,
      check,
    }) => {
      const first = await registry.publish(scenario, [content('first')]);
      await build(on(IMAGE, hit));
      await build(copyFrom(hit));
      await registry.move(scenario, [content('second')]);
      await check(on(IMAGE, hit));
      await check(copyFrom(hit));
      await check(on(first, hit));
    });
    test('--pull of a tag that nobody moved', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, []);
      await build(on(IMAGE, hit));
      await check(on(IMAGE, openHit), '--pull');
      await check(on(IMAGE, hit));
    });
    test('--pull of a tag that was moved', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, [content('first')]);
      await build(on(IMAGE, hit));
      await build(copyFrom(hit));
      await registry.move(scenario, [content('second')]);
      await check(on(IMAGE, openMiss), '--pull');
      await check(on(IMAGE, openHit), '--pull');
      await check(copyFrom(openMiss), '--pull');
      // the image of the engine is the first one still
      await check(on(IMAGE, hit));
    });
    test('--pull in the builds before, and then no more', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, []);
      // the first build fetches the image, so that its steps are found by the layers, too; the next one has it
      await build(on(IMAGE, miss, 'one'), '--pull');
      await build(on(IMAGE, miss, 'two'), '--pull');
      await check(on(IMAGE, openHit, 'one'));
      await check(on(IMAGE, openMiss, 'two'));
      await check(on(IMAGE, hit, 'one'));
      await check(on(IMAGE, hit, 'two'));
    });
    test('the digest of an image that the engine has', async ({ registry, scenario, build, check }) => {
      const pinned = await registry.publish(scenario, []);
      await build(on(pinned, miss));
      await check(on(pinned, hit));
      await check(on(IMAGE, hit));
    });
    test('the digest of an image that the engine has, after a build fetched it', async ({
      registry,
      scenario,
      build,
      check,
    }) => {
      const pinned = await registry.publish(scenario, []);
      await build(on(IMAGE, miss, 'one'), '--pull');
      // from now on its manifest is the first key also of the engine's own
      await build(on(pinned, miss, 'two'));
      await check(on(pinned, openHit, 'two'));
      await check(on(IMAGE, openMiss, 'two'));
    });
    test('the digest of an image that the builder fetches', async ({ registry, scenario, build, check }) => {
      const pinned = await registry.publish(scenario, []);
      await registry.forget(scenario);
      await build([`FROM ${pinned}`, 'COPY a.txt /a', 'RUN echo one']);
      // the variables of the image are not known
      await check([`FROM ${pinned}`, hit('COPY a.txt /a'), openHit('RUN echo one')]);
      await registry.pull(scenario);
      await check([`FROM ${pinned}`, openHit('COPY a.txt /a')]);
    });
    test('a tag of which the builder fetches the image', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, []);
      await registry.forget(scenario);
      await build(on(IMAGE, hit));
      await check(on(IMAGE, openHit));
      await registry.publish(scenario, ['LABEL a=b']);
      // other metadata, the same layers
      await check(on(IMAGE, (text) => unsure(hit(text))));
    });
  });

describeOnOwnEngine(
  'images of a registry, in the containerd store',
  ['--feature', 'containerd-snapshotter=true'],
  (shared) => {
    const test = withRegistry(shared);

    test('a tag that was moved: the engine goes on with its own image', async ({
      registry,
      scenario,
      build,
      check,
    }) => {
      const first = await registry.publish(scenario, [content('first')]);
      await build(on(IMAGE, hit));
      await build(copyFrom(hit));
      await registry.move(scenario, [content('second')]);
      await check(on(IMAGE, hit));
      await check(copyFrom(hit));
      await check(on(first, hit));
    });
    test('--pull of a tag that was moved', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, [content('first')]);
      await build(on(IMAGE, hit));
      await check(on(IMAGE, openHit), '--pull');
      await registry.move(scenario, [content('second')]);
      await check(on(IMAGE, openMiss), '--pull');
    });
    test('--pull in the builds before, and then no more', async ({ registry, scenario, build, check }) => {
      await registry.publish(scenario, []);
      await build(on(IMAGE, miss, 'one'), '--pull');
      await build(on(IMAGE, miss, 'two'), '--pull');
      await check(on(IMAGE, hit, 'one'));
      await check(on(IMAGE, hit, 'two'));
    });
    test('the digest of an image', async ({ registry, scenario, build, check }) => {
      const pinned = await registry.publish(scenario, []);
      await build(on(pinned, hit));
      await check(on(pinned, hit));
      await check(on(IMAGE, hit));
    });
    test('b13: another manifest with the same layers, which a build used', async ({
      registry,
      scenario,
      build,
      check,
    }) => {
      await registry.publish(scenario, []);
      await build(on(IMAGE, miss, 'one'));
      await build(on(IMAGE, miss, 'two'));
      await registry.publish(scenario, ['LABEL a=b']);
      await build(on(IMAGE, miss, 'three'));
      await check(on(IMAGE, (text) => unsure(hit(text)), 'one'));
      await check(on(IMAGE, (text) => unsure(miss(text)), 'two'));
    });
  },
);
