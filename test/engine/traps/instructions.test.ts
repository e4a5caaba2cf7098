import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

await describeTraps('metadata, USER, WORKDIR and the order of steps', (shared) => {
  trap(shared, 'T1: metadata of every kind before a RUN and a COPY', {
    first: ['RUN echo 1', 'COPY a.txt /a'],
    second: [
      'LABEL a=b',
      'CMD ["x"]',
      'ENTRYPOINT ["y"]',
      'EXPOSE 80',
      'VOLUME /v',
      'HEALTHCHECK CMD true',
      'STOPSIGNAL 9',
      'ONBUILD RUN true',
      hit('RUN echo 1'),
      hit('COPY a.txt /a'),
    ],
  });
  trap(shared, 'T16: USER before a COPY', {
    first: ['COPY a.txt /a'],
    second: ['USER 1000', hit('COPY a.txt /a')],
  });
  trap(shared, 'T17: USER before a WORKDIR', {
    first: ['WORKDIR /u'],
    second: ['USER 0', miss('WORKDIR /u')],
  });
  trap(shared, 'T18: WORKDIR / before a RUN', {
    first: ['RUN echo 1'],
    second: ['WORKDIR /', hit('RUN echo 1')],
  });
  trap(shared, 'T19: a slash at the end of WORKDIR', {
    first: ['WORKDIR /w', 'RUN echo 1'],
    second: [hit('WORKDIR /w/'), miss('RUN echo 1')],
  });
  trap(shared, 'T20: the same WORKDIR twice', {
    first: ['WORKDIR /w', 'RUN echo 1'],
    second: [hit('WORKDIR /w'), miss('WORKDIR /w'), miss('RUN echo 1')],
  });
  trap(shared, 'X10b: WORKDIR . is a step', {
    first: ['WORKDIR /w', 'RUN echo 1'],
    second: [hit('WORKDIR /w'), miss('WORKDIR .'), miss('RUN echo 1')],
  });
  trap(shared, 'T71: two neighbouring COPY lines change places', {
    first: ['COPY a.txt /a', 'COPY b.txt /b'],
    second: [miss('COPY b.txt /b'), miss('COPY a.txt /a')],
  });
  trap(shared, 'T72: the Dockerfile is reverted to an earlier version', {
    first: ['RUN echo v1', 'RUN echo t'],
    between: ['RUN echo v2', 'RUN echo t'],
    second: [hit('RUN echo v1'), hit('RUN echo t')],
  });
  trap(shared, 'V04: the same COPY line twice', {
    second: [hit('COPY a.txt /a'), hit('COPY a.txt /a')],
  });
  trap(shared, 'V05: two steps of a chain change places', {
    first: ['RUN echo 1', 'RUN echo 2', 'RUN echo 3'],
    second: [miss('RUN echo 2'), miss('RUN echo 1'), miss('RUN echo 3')],
  });
  trap(shared, 'V06: a step is put into a chain', {
    first: ['RUN echo 1', 'RUN echo 3'],
    second: [hit('RUN echo 1'), miss('RUN echo 2'), miss('RUN echo 3')],
  });
  trap(shared, 'V07: a step is taken out of a chain', {
    first: ['RUN echo 1', 'RUN echo 2', 'RUN echo 3'],
    second: [hit('RUN echo 1'), miss('RUN echo 3')],
  });
});
