import { join } from 'node:path';
import { baseImages, docker, imageOf, knownByLayers } from './baseImages.js';
import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

const byLayers = await knownByLayers();

await describeTraps('base images', (shared) => {
  const provide = baseImages();

  if (byLayers)
    trap(shared, 'R02: the base image is removed and loaded again', {
      prepare: provide([]),
      second: ['FROM {image}', hit('RUN echo child'), hit('COPY a.txt /a')],
      async change(scenario) {
        const archive = join(scenario.aside, 'image.tar');
        await docker('save', '--output', archive, imageOf(scenario));
        await docker('image', 'rm', imageOf(scenario));
        await docker('load', '--quiet', '--input', archive);
      },
    });
  if (byLayers)
    trap(shared, 'R03: the base image is built again with a label', {
      prepare: provide([]),
      second: ['FROM {image}', hit('RUN echo child'), hit('COPY a.txt /a')],
      change: provide(['LABEL a=b', 'CMD ["sh"]']),
    });
  trap(shared, 'R04: the base image is built again with a variable', {
    prepare: provide(['ENV Q=1']),
    second: ['FROM {image}', miss('RUN echo child'), miss('COPY a.txt /a')],
    change: provide(['ENV Q=2']),
  });
  if (byLayers)
    trap(shared, 'R04b: the base image is built again with a variable, the child only copies', {
      prepare: provide(['ENV Q=1']),
      second: ['FROM {image}', hit('COPY a.txt /a-{marker}')],
      change: provide(['ENV Q=2']),
    });
  trap(shared, 'R06b: the base image is built again without cache, with the same files', {
    prepare: provide([]),
    second: ['FROM {image}', miss('RUN echo child')],
    change: provide([], '--no-cache'),
  });
  trap(shared, 'R07: a stage becomes the image of that stage', {
    prepare: provide([]),
    first: ['FROM {base} AS q', 'RUN echo {marker} > /made', 'FROM q', 'RUN echo after'],
    second: ['FROM {image}', miss('RUN echo after')],
  });
  trap(shared, 'R07: an image becomes the stage that it was made of', {
    prepare: provide([]),
    first: ['FROM {image}', 'RUN echo after'],
    second: ['FROM {base} AS q', hit('RUN echo {marker} > /made'), 'FROM q', miss('RUN echo after')],
  });
});
