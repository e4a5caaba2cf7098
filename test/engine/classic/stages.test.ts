import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import { removeImage } from '../../judge/index.js';
import { docker, imageOf } from '../traps/baseImages.js';
import { hit, miss, openHit, openMiss } from '../traps/lines.js';
import type { Asked, Scenario } from '../traps/scenario.js';
import { describeClassicTraps, trap } from '../traps/trap.js';

const args = (...values: readonly string[]): Asked => ({
  options: values.flatMap((value) => ['--build-arg', value]),
});

await describeClassicTraps('build arguments', (shared) => {
  trap(shared, 'C28: another default', {
    first: ['COPY a.txt /a', 'ARG V=1', 'COPY b.txt /b', 'RUN true'],
    second: [hit('COPY a.txt /a'), miss('ARG V=2'), miss('COPY b.txt /b'), miss('RUN true')],
  });
  trap(shared, 'C29: another value that no RUN uses', {
    second: [hit('ARG V=1'), hit('COPY a.txt /a'), hit('ENV A=1'), miss('RUN true'), miss('RUN echo')],
    askedSecond: args('V=2'),
  });
  trap(shared, 'C30: the value that is the default', {
    second: [hit('ARG V=1'), hit('RUN true')],
    askedSecond: args('V=1'),
  });
  trap(shared, 'C31: another value that ENV uses', {
    second: [hit('ARG V=1'), hit('COPY a.txt /a'), miss('ENV A=$V'), miss('RUN true')],
    askedSecond: args('V=2'),
  });
  trap(shared, 'C32: ENV of that name hides it', {
    second: [hit('ARG V'), hit('ENV V=env'), hit('RUN test "$V" = env')],
    askedFirst: args('V=1'),
    askedSecond: args('V=2'),
  });
  trap(shared, 'C33: an argument without a value is declared', {
    second: [hit('ARG V'), hit('RUN true')],
  });
  trap(shared, 'C33b: an argument without a value gets one', {
    second: [hit('ARG V'), miss('RUN true')],
    askedSecond: args('V=1'),
  });
  trap(shared, 'C34: an argument that nothing declares', {
    second: [hit('ENV A=1'), hit('RUN true')],
    askedFirst: args('V=1'),
    askedSecond: args('V=2'),
  });
  trap(shared, 'C35: a proxy that nothing declares is given', {
    second: ['FROM {base}', hit('ENV M={marker}'), miss('RUN true')],
    askedSecond: args('HTTP_PROXY=http://one'),
  });
  trap(shared, 'C101: another proxy that nothing declares', {
    second: [hit('RUN true')],
    askedFirst: args('HTTP_PROXY=http://one'),
    askedSecond: args('HTTP_PROXY=http://two'),
  });
  trap(shared, 'C36: another proxy that ARG declares', {
    second: [hit('ARG HTTP_PROXY'), miss('RUN true')],
    askedFirst: args('HTTP_PROXY=http://one'),
    askedSecond: args('HTTP_PROXY=http://two'),
  });
  trap(shared, 'C37: ARG moves below RUN', {
    first: ['ARG V=1', 'RUN true'],
    second: [miss('RUN true'), miss('ARG V=1')],
  });
  trap(shared, 'C206: an argument before FROM, as its stage declares it', {
    second: ['ARG G=1', 'FROM {base}', hit('LABEL marker={marker}'), hit('ARG G'), miss('RUN true')],
    askedSecond: args('G=2'),
  });
  trap(shared, 'C207: an argument before FROM that its stage does not declare', {
    second: ['ARG G=1', 'FROM {base}', hit('LABEL marker={marker}'), hit('RUN true')],
    askedSecond: args('G=2'),
  });
});

await describeClassicTraps('options', (shared) => {
  trap(shared, 'C136: --no-cache', {
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    askedSecond: { options: ['--no-cache'] },
  });
  trap(shared, 'C137: how RUN is run', {
    second: [hit('ENV A=1'), hit('RUN true')],
    askedSecond: {
      options: ['--network', 'none', '--shm-size', '64m', '--add-host', 'db:10.0.0.1', '--ulimit', 'nofile=1024'],
    },
  });
  trap(shared, 'C135: --label adds a step after the last', {
    second: [hit('RUN true')],
    askedSecond: { buildOnly: ['--label', 'x=1'] },
  });
  trap(shared, 'C-back: a file is changed back', {
    first: ['COPY a.txt /a'],
    between: ['COPY a.txt /b', 'RUN true'],
    second: [hit('COPY a.txt /a')],
  });
  trap(shared, 'C-newest: of equal images the newest goes on', {
    second: [hit('RUN cat /proc/sys/kernel/random/uuid > /u'), miss('RUN true')],
    change: async (scenario: Scenario) => {
      await scenario.build(['RUN cat /proc/sys/kernel/random/uuid > /u'], { options: ['--no-cache'] });
    },
  });
});

await describeClassicTraps('stages', (shared) => {
  const named: string[] = [];
  afterAll(async () => {
    for (const image of named) await removeImage(image);
  });
  const one = ['FROM {base} AS one', hit('RUN : {marker}')];
  trap(shared, 'C140: the target is a stage before the last', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'FROM {base} AS two', 'RUN : 2 {marker}'],
    second: [...one, 'FROM {base} AS two', { text: 'RUN : 2 {marker}', outcome: 'not-needed', verdict: 'unused' }],
    askedSecond: { options: ['--target', 'one'] },
  });
  trap(shared, 'C140b: stages that nobody uses are built', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'FROM {base}', 'RUN : 2 {marker}'],
    second: [...one, miss('ENV U=1'), 'FROM {base}', hit('RUN : 2 {marker}')],
  });
  const consumer = (copy: string): string[] => ['FROM {base}', 'RUN : 2 {marker}', copy, 'RUN true'];
  trap(shared, 'C143: the stage gets another name', {
    first: ['FROM {base} AS old', 'RUN : {marker}', ...consumer('COPY --from=old /etc/passwd /p')],
    second: [
      ...['FROM {base} AS new', hit('RUN : {marker}'), 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[openHit('COPY --from=new /etc/passwd /p'), openHit('RUN true')],
    ],
  });
  trap(shared, 'C144: a stage changes, and what it hands on does not', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'RUN echo x > /x', ...consumer('COPY --from=one /x /x')],
    second: [
      ...[...one, miss('RUN echo  x > /x'), 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[openHit('COPY --from=one /x /x'), openHit('RUN true')],
    ],
  });
  trap(shared, 'C145: what a stage hands on changes', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'RUN echo x > /x', ...consumer('COPY --from=one /x /x')],
    second: [
      ...[...one, miss('RUN echo y > /x'), 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[openMiss('COPY --from=one /x /x'), openMiss('RUN true')],
    ],
  });
  trap(shared, 'C148: the mode of what a stage hands on changes', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'RUN echo x > /x', ...consumer('COPY --from=one /x /x')],
    second: [
      ...[...one, miss('RUN echo x > /x && chmod 600 /x'), 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[openMiss('COPY --from=one /x /x'), openMiss('RUN true')],
    ],
  });
  trap(shared, 'C145b: behind a step that is executed everything is', {
    first: ['FROM {base} AS one', 'RUN : {marker}', ...consumer('COPY --from=one /etc/passwd /x')],
    second: [
      ...[...one, 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[miss('ENV N=1'), miss('COPY --from=one /etc/passwd /x'), miss('RUN true')],
    ],
  });
  trap(shared, 'C149: a stage stands on one whose last step changed', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'ENV A=1', 'FROM one', 'RUN true'],
    second: [...one, miss('ENV A=2'), 'FROM one', miss('RUN true')],
  });
  trap(shared, 'C-twice: what an earlier stage of the same build makes is a hit for a later one', {
    first: ['RUN echo other'],
    second: [
      'FROM {base} AS one',
      miss('RUN : again {marker}'),
      'FROM {base}',
      hit('RUN : again {marker}'),
      miss('ENV A=1'),
    ],
  });
  trap(shared, 'C203: another name of the same image', {
    first: ['FROM {base}', 'RUN : {marker}'],
    second: ['FROM {image}', hit('RUN : {marker}')],
    change: async (scenario) => {
      named.push(imageOf(scenario));
      await docker('tag', scenario.filled('{base}'), imageOf(scenario));
    },
  });
  trap(shared, `C-onbuild: triggers of a stage`, {
    first: ['FROM {base} AS p', 'RUN : {marker}', 'ONBUILD COPY a.txt /o', 'FROM p', `ENV A=${randomUUID()}`],
    second: ['FROM {base} AS p', hit('RUN : {marker}'), hit('ONBUILD COPY a.txt /o'), 'FROM p', miss('ENV A=1')],
    change: (scenario) => scenario.write('a.txt', 'changed\n'),
  });
});
