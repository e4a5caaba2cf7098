import { hit, miss, openHit, openMiss, type Line } from './lines.js';
import type { Scenario } from './scenario.js';
import { describeTraps, trap } from './trap.js';

const BUILDER = ['FROM {base} AS b', hit('RUN : {marker}'), miss('COPY a.txt /in')] as const;
const FINAL = ['FROM {base}', hit('RUN : final {marker}')] as const;
const edit = (scenario: Scenario): void => scenario.write('a.txt', 'changed {marker}\n');

/** A stage of the name that writes a file, as in T52. */
const stage = (name: string): readonly (string | Line)[] => [
  `FROM {base} AS ${name}`,
  hit(`RUN echo ${name} {marker} > /${name}`),
];

await describeTraps('stages', (shared) => {
  trap(shared, 'T49: a builder stage changes, what is copied from it does not', {
    second: [
      ...BUILDER,
      miss('RUN mkdir /out && echo k {marker} > /out/o; cat /in > /dev/null'),
      ...FINAL,
      openHit('COPY --from=b /out /o'),
      openHit('RUN echo fin'),
    ],
    change: edit,
  });
  trap(shared, 'T50: a builder stage changes, and with it what is copied', {
    second: [
      ...BUILDER,
      miss('RUN mkdir /out && cat /in > /out/o'),
      ...FINAL,
      openMiss('COPY --from=b /out /o'),
      openMiss('RUN echo fin'),
    ],
    change: edit,
  });
  trap(shared, 'T51: a builder stage changes only the times of what is copied', {
    second: [
      ...BUILDER,
      miss('RUN mkdir /out && touch /out/o; cat /in > /dev/null'),
      ...FINAL,
      openHit('COPY --from=b /out /o'),
      openHit('RUN echo fin'),
    ],
    change: edit,
  });
  trap(shared, 'T52: two independent stages change places', {
    first: [...stage('x'), ...stage('y'), ...FINAL, 'COPY --from=x /x /x', 'COPY --from=y /y /y'],
    second: [...stage('y'), ...stage('x'), ...FINAL, hit('COPY --from=x /x /x'), hit('COPY --from=y /y /y')],
  });
  trap(shared, 'T53: COPY of a file becomes COPY of a stage that writes the same file', {
    files: { q: 'hello {marker}\n' },
    first: ['FROM {base}', 'RUN : {marker}', 'COPY q /x'],
    second: [
      'FROM {base} AS b',
      miss('RUN echo hello {marker} > /q'),
      'FROM {base}',
      hit('RUN : {marker}'),
      openHit('COPY --from=b /q /x'),
    ],
  });
  trap(shared, 'T64: --no-cache-filter of a stage whose output stays the same', {
    second: [
      'FROM {base} AS s1',
      miss('RUN echo a {marker} > /o'),
      ...FINAL,
      openHit('COPY --from=s1 /o /1'),
      openHit('RUN echo fin'),
    ],
    askedSecond: { options: ['--no-cache-filter', 's1'] },
  });
  trap(shared, 'T67: a stage gets another name', {
    first: ['FROM {base} AS one', 'RUN echo {marker} > /o', 'FROM {base}', 'COPY --from=one /o /o-{marker}'],
    second: [
      'FROM {base} AS two',
      hit('RUN echo {marker} > /o'),
      'FROM {base} AS last',
      hit('COPY --from=two /o /o-{marker}'),
    ],
  });
  trap(shared, 'T70: a bind mount of the own base, whose command changes but not its files (X01)', {
    first: [
      'FROM {base} AS b',
      'RUN : {marker} v1',
      'FROM b',
      'RUN --mount=type=bind,from=b,source=/bin,target=/m echo {marker}',
    ],
    second: [
      'FROM {base} AS b',
      miss('RUN : {marker} v2'),
      'FROM b',
      openHit('RUN --mount=type=bind,from=b,source=/bin,target=/m echo {marker}'),
    ],
  });
  trap(shared, 'X01b: the same without the mount', {
    first: ['FROM {base} AS b', 'RUN : {marker} v1', 'FROM b', 'RUN echo {marker}'],
    second: ['FROM {base} AS b', miss('RUN : {marker} v2'), 'FROM b', miss('RUN echo {marker}')],
  });
});
