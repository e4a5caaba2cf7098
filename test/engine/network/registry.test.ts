import { expect } from 'vitest';
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
/** The same with steps that no other image has: which layers those had is not always known. */
const own = (image: string, run: Expectation, name = 'one'): readonly Step[] => on(image, run, `${name}-{marker}`);
const copyOwn = (expected: Expectation): readonly Step[] => [
  'FROM scratch',
  expected(`COPY --from=${IMAGE} /what /what-{marker}`),
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
    test('allowed: --pull of a tag that nobody moved', async ({ registry, scenario, build, checkAsking }) => {
      await registry.publish(scenario, []);
      await build(own(IMAGE, hit));
      // found by the layers, as no build fetched that manifest before
      await checkAsking(own(IMAGE, hit), '--pull');
      await checkAsking(own(IMAGE, miss, 'two'), '--pull');
      await checkAsking(own(IMAGE, hit, 'two'), '--pull');
      // without --pull it is the engine's own again, which the registry says nothing about
      await checkAsking(own(IMAGE, openHit, 'two'));
    });
    test('allowed: --pull of a tag that only a failed build fetched', async ({
      registry,
      scenario,
      build,
      checkAsking,
    }) => {
      await registry.publish(scenario, []);
      await build(own(IMAGE, hit));
      const failed = await scenario.build([`FROM ${IMAGE}`, 'RUN false {marker}'], { options: ['--pull'] });
      expect(failed.succeeded).toBe(false);
      // whether what stands on the layers is still looked for, once there is a result under the manifest, is not known
      await checkAsking(own(IMAGE, openHit), '--pull');
    });
    test('allowed: --pull of a tag that was moved', async ({ registry, scenario, build, checkAsking }) => {
      await registry.publish(scenario, [content('first')]);
      await build(own(IMAGE, hit));
      await build(copyOwn(hit));
      await registry.move(scenario, [content('second')]);
      await checkAsking(own(IMAGE, miss), '--pull');
      await checkAsking(own(IMAGE, hit), '--pull');
      await checkAsking(copyOwn(openMiss), '--pull');
      await checkAsking(copyOwn(hit), '--pull');
      await checkAsking(own(IMAGE, hit));
    });
    test('allowed: a tag that the builder fetches, and other metadata', async ({
      registry,
      scenario,
      build,
      checkAsking,
    }) => {
      await registry.publish(scenario, ['ENV A=1']);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await checkAsking(own(IMAGE, hit));
      await registry.publish(scenario, ['ENV A=1', 'LABEL a=b']);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, (text) => unsure(hit(text))));
      await registry.publish(scenario, ['ENV A=2']);
      await registry.forget(scenario);
      await build(['FROM {base}']);
      await checkAsking([`FROM ${IMAGE}`, miss('RUN echo one-{marker}'), miss('COPY a.txt /one-{marker}')]);
    });
    test('allowed: a tag that the builder fetched, and that was moved', async ({ registry, scenario, checkAsking }) => {
      await registry.publish(scenario, [content('first')]);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await registry.publish(scenario, [content('second')]);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await checkAsking(own(IMAGE, hit));
    });
    test('allowed: the digest of an image that the builder fetches', async ({ registry, scenario, checkAsking }) => {
      const pinned = await registry.publish(scenario, ['ENV A=1', 'WORKDIR /w', 'USER 1000']);
      await registry.forget(scenario);
      await checkAsking([`FROM ${pinned}`, miss('RUN echo $A {marker}'), miss('COPY a.txt b-{marker}')]);
      await checkAsking([`FROM ${pinned}`, hit('RUN echo $A {marker}'), hit('COPY a.txt b-{marker}')]);
    });
    test('allowed: triggers of an image that only the registry has', async ({ registry, scenario, checkAsking }) => {
      await registry.publish(scenario, ['ONBUILD COPY a.txt /trigger-{marker}']);
      await registry.forget(scenario);
      await checkAsking([`FROM ${IMAGE}`, miss('RUN echo one-{marker}')]);
      await checkAsking([`FROM ${IMAGE}`, hit('RUN echo one-{marker}')]);
      scenario.write('a.txt', 'changed\n');
      await checkAsking([`FROM ${IMAGE}`, miss('RUN echo one-{marker}')]);
    });
    test('allowed: files of an image that only the registry has', async ({ registry, scenario, checkAsking }) => {
      await registry.publish(scenario, [content('first')]);
      await registry.forget(scenario);
      // a copy of another build of which nothing is remembered could be this one
      await checkAsking(copyOwn((text) => unsure(miss(text))));
      await checkAsking(copyOwn(hit));
    });
    test('allowed: an image that no registry has', async ({ scenario }) => {
      const steps = ['FROM {registry}/{marker}/none:1', 'RUN echo one'];
      const { steps: told } = await scenario.predict(steps, { network: true });
      expect(told.map(({ verdict }) => verdict)).toEqual(['may-hit', 'may-hit']);
      expect(told[0]?.reason).toMatch(/is not on this engine for .* has no .*none 1/);
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
    test('allowed: --pull of a tag, moved or not', async ({ registry, scenario, build, checkAsking }) => {
      await registry.publish(scenario, [content('first')]);
      await build(own(IMAGE, hit));
      await checkAsking(own(IMAGE, hit), '--pull');
      await registry.move(scenario, [content('second')]);
      await checkAsking(own(IMAGE, miss), '--pull');
      await checkAsking(own(IMAGE, hit), '--pull');
    });
    test('allowed: another manifest with the same layers', async ({ registry, scenario, build, checkAsking }) => {
      await registry.publish(scenario, []);
      await build(own(IMAGE, miss, 'one'));
      await registry.move(scenario, ['LABEL a=b']);
      await checkAsking(
        own(IMAGE, (text) => unsure(hit(text)), 'one'),
        '--pull',
      );
    });
    test('allowed: a tag that the builder fetched, and that was moved', async ({ registry, scenario, checkAsking }) => {
      await registry.publish(scenario, [content('first')]);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await registry.publish(scenario, [content('second')]);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await checkAsking(own(IMAGE, hit));
    });
    test('allowed: an image that only the registry has', async ({ registry, scenario, checkAsking }) => {
      await registry.publish(scenario, ['ENV A=1']);
      await registry.forget(scenario);
      await checkAsking(own(IMAGE, miss));
      await checkAsking(own(IMAGE, hit));
    });
  },
);
