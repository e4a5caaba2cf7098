import { join } from 'node:path';
import { afterAll } from 'vitest';
import { removeClassicImages } from '../../judge/index.js';
import { docker, imageOf } from '../traps/baseImages.js';
import { hit, miss } from '../traps/lines.js';
import { describeClassicTraps, trap } from '../traps/trap.js';

const tagged = { buildOnly: ['--tag', '{image}'] };

await describeClassicTraps('images come and go', (shared) => {
  const committed: string[] = [];
  afterAll(() => removeClassicImages(committed));

  trap(shared, 'L1: the only name of the image is removed, and with it all that it stood on', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    change: async (scenario) => {
      await docker('image', 'rm', imageOf(scenario));
    },
  });
  trap(shared, 'L2: the name goes to another image and comes back', {
    asked: tagged,
    first: ['ENV A=1', 'RUN true'],
    between: ['ENV A=2', 'RUN true'],
    second: [hit('ENV A=1'), hit('RUN true')],
  });
  trap(shared, 'L3: an image that shares the first steps is removed', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: [hit('ENV A=1'), miss('RUN true')],
    // the other image keeps what both stand on
    change: async (scenario) => {
      await scenario.build(['ENV A=1', 'RUN echo other']);
      await docker('image', 'rm', imageOf(scenario));
    },
  });
  trap(shared, 'L4: all images are saved, removed and loaded again, without their parents', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    change: async (scenario) => {
      const archive = join(scenario.aside, 'image.tar');
      await docker('save', '--output', archive, imageOf(scenario));
      await docker('image', 'rm', imageOf(scenario));
      await docker('load', '--quiet', '--input', archive);
    },
  });
  trap(shared, 'L5: an image that was committed by hand is no result of a build, even with the same command', {
    first: ['ENV A=1'],
    second: [hit('ENV A=1'), miss('RUN echo more')],
    change: async (scenario) => {
      const { image = '' } = await scenario.build(['ENV A=1']);
      const container = (await docker('create', image, '/bin/sh', '-c', 'echo more')).trim();
      committed.push((await docker('commit', container)).trim());
      await docker('rm', container);
    },
  });
  trap(shared, 'L6: --cache-from an image that has nothing to do with it hides the own images', {
    first: ['ENV A=1', 'RUN true'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    askedSecond: { options: ['--cache-from', '{base}'] },
  });
  trap(shared, 'L7: --cache-from an image that is not there', {
    first: ['ENV A=1', 'RUN true'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    askedSecond: { options: ['--cache-from', 'layer-insight-judge/none:1'] },
  });
  trap(shared, 'L8: --cache-from the image itself', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: [hit('ENV A=1'), hit('RUN true'), miss('LABEL a=b')],
    askedSecond: { options: ['--cache-from', '{image}'] },
  });
});
