import { baseImages } from './baseImages.js';
import { hit, miss, openHit, openMiss } from './lines.js';
import { describeOnOwnEngine, trap } from './trap.js';

// What another image store changes; both kinds are started, whatever the engine of this run has.
describeOnOwnEngine('traps: an engine with layers in its own store', ['--storage-driver', 'overlay2'], (shared) => {
  trap(shared, 'T48: --link is added where it does nothing', {
    first: ['COPY a.txt /a', 'RUN echo 1'],
    second: [hit('COPY --link a.txt /a'), hit('RUN echo 1')],
  });
});

describeOnOwnEngine(
  'traps: an engine with the containerd store',
  ['--feature', 'containerd-snapshotter=true'],
  (shared) => {
    trap(shared, 'T48: --link is added where it counts', {
      first: ['COPY a.txt /a', 'RUN echo 1'],
      second: [miss('COPY --link a.txt /a'), miss('RUN echo 1')],
    });

    // A base image is known by its manifest and by its layers, but which of the two a child's record has depends on
    // whether its first build loaded the base: nothing tells that afterwards.
    const provide = baseImages();
    trap(shared, 'b13: the base gets another manifest, a child of its first build', {
      prepare: provide([]),
      second: ['FROM {image}', openHit('RUN echo one')],
      change: provide(['LABEL a=b']),
    });
    trap(shared, 'b13: the base gets another manifest, a child of a later build', {
      prepare: provide([]),
      first: ['FROM {image}', 'RUN echo one'],
      between: ['FROM {image}', 'RUN echo two'],
      second: ['FROM {image}', openMiss('RUN echo two')],
      change: provide(['LABEL a=b']),
    });
  },
);
