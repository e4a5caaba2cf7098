import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hit, miss, openHit, openMiss } from '../engine/traps/lines.js';
import type { Asked, Scenario } from '../engine/traps/scenario.js';
import { trap } from '../engine/traps/trap.js';
import { describePodmanTraps } from './traps.js';

const args = (...values: readonly string[]): Asked => ({
  options: values.flatMap((value) => ['--build-arg', value]),
});

const edit =
  (path: string) =>
  (scenario: Scenario): void =>
    scenario.write(path, 'changed\n');

await describePodmanTraps('build arguments', (shared) => {
  trap(shared, 'B32: another default', {
    first: ['ARG V=1', 'COPY a.txt /a', 'ENV A=$V', 'RUN true'],
    second: [hit('ARG V=2'), hit('COPY a.txt /a'), hit('ENV A=$V'), miss('RUN true')],
    problems: ['change-unnoticed'],
  });
  trap(shared, 'B33: another value', {
    second: [hit('ARG V=1'), hit('COPY a.txt /a'), hit('ENV A=$V'), miss('RUN true')],
    askedSecond: args('V=2'),
    problems: ['change-unnoticed'],
  });
  trap(shared, 'B34: the value that is the default', {
    second: [hit('ARG V=1'), hit('RUN true')],
    askedSecond: args('V=1'),
  });
  trap(shared, 'B40: an argument in the source of COPY', {
    second: [hit('ARG V=a'), miss('COPY $V.txt /m/')],
    askedSecond: args('V=b'),
  });
  trap(shared, 'B38: an argument in the folder of the destination of COPY', {
    second: [hit('ARG V=a'), hit('COPY a.txt /$V/'), hit('COPY a.txt /m/$V/x')],
    askedSecond: args('V=b'),
  });
  trap(shared, 'B38b: an argument in the name of the destination, by which a single file is hashed', {
    second: [hit('ARG V=a'), miss('COPY a.txt /m/$V')],
    askedSecond: args('V=b'),
  });
  trap(shared, 'B41: ENV of that name hides it', {
    second: [hit('ARG V'), hit('ENV V=env'), hit('RUN true')],
    askedFirst: args('V=1'),
    askedSecond: args('V=2'),
  });
  trap(shared, 'B42: an argument gets a value', {
    second: [miss('ARG V'), miss('RUN true')],
    askedSecond: args('V=1'),
  });
  trap(shared, 'B43: an argument that nothing declares', {
    second: [hit('ENV A=1'), hit('RUN true')],
    askedSecond: args('V=1'),
  });
  trap(shared, 'B44: a proxy that nothing declares', {
    second: [hit('ENV A=1'), hit('RUN true')],
    askedSecond: args('HTTP_PROXY=http://one'),
  });
  const inherited = ['ARG X=1', "ARG E=${E:-e} F=${X}y H='$X' I=$GIVEN", 'ENV K=env', 'ARG L=$K', 'ARG GIVEN'];
  const standing = ['FROM one AS two', hit('RUN true'), 'FROM two', hit('RUN : {marker}')];
  trap(shared, 'B46b: arguments of the stages that a stage stands on, whose values hold others', {
    second: ['FROM {base} AS one', hit('RUN : 1 {marker}'), ...inherited, ...standing],
    asked: args('GIVEN=g'),
  });
  trap(shared, 'B46c: a value that only the stage itself knows', {
    second: ['ARG X=0', 'FROM {base} AS one', hit('RUN : 1 {marker}'), 'ARG X', 'ARG F=${X}y', ...standing],
  });
  trap(shared, 'B47: two arguments become two lines', {
    first: ['ARG A=1 B=2', 'RUN true'],
    second: [miss('ARG A=1'), miss('ARG B=2'), miss('RUN true')],
  });
});

const mounted = 'RUN --mount=type=bind,from=one,source=/x,target=/m cat /m';

await describePodmanTraps('mounts', (shared) => {
  const bind = 'RUN --mount=type=bind,source=d,target=/m ls /m';
  trap(shared, 'B150: a file that is mounted', { second: [miss(bind)], change: edit('d/x.txt') });
  trap(shared, 'B151: the time of a file that is mounted', {
    second: [hit(bind)],
    change: (scenario) => utimesSync(scenario.path('d/x.txt'), new Date(1e12), new Date(1e12)),
  });
  trap(shared, 'B153: an ignored file that is mounted', {
    files: { '.dockerignore': '**/*.log\n' },
    second: [miss(bind)],
    change: edit('d/y.log'),
  });
  trap(shared, 'B601: a mount without type', {
    second: [hit('RUN --mount=source=d,target=/m ls /m')],
    change: edit('d/x.txt'),
    problems: ['change-unnoticed'],
  });
  trap(shared, 'B157: the value of a secret', {
    second: [hit('RUN --mount=type=secret,id=s cat /run/secrets/s')],
    asked: { options: ['--secret', 'id=s,src={aside}/s'] },
    prepare: (scenario) => writeFileSync(join(scenario.aside, 's'), 'one'),
    change: (scenario) => writeFileSync(join(scenario.aside, 's'), 'two'),
  });
  trap(shared, 'B156: a mount of a stage that changes', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'RUN echo a > /x', 'FROM {base}', 'RUN : 2 {marker}', mounted],
    second: [
      ...['FROM {base} AS one', hit('RUN : {marker}'), miss('RUN echo b > /x')],
      ...['FROM {base}', hit('RUN : 2 {marker}'), miss(mounted)],
    ],
  });
});

await describePodmanTraps('options', (shared) => {
  trap(shared, 'B127: --no-cache', {
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1')],
    askedSecond: { options: ['--no-cache'] },
  });
  trap(shared, 'B130: how RUN is run', {
    second: [hit('ENV A=1'), hit('RUN true')],
    askedSecond: { options: ['--network', 'none', '--shm-size', '64m', '--add-host', 'db:10.0.0.1'] },
  });
  trap(shared, 'B124: --label adds a step after the last', {
    second: [hit('RUN true')],
    askedSecond: { buildOnly: ['--label', 'x=1'] },
  });
  trap(shared, 'B-back: words are changed back', {
    first: ['ENV A=1', 'RUN true'],
    between: ['ENV A=2', 'RUN true'],
    second: [hit('ENV A=1'), hit('RUN true')],
  });
});

await describePodmanTraps('stages', (shared) => {
  const consumer = ['FROM {base}', 'RUN : 2 {marker}', 'COPY --from=one /x /x', 'RUN true'];
  const producer = ['FROM {base} AS one', 'RUN : {marker}', 'RUN echo x > /x'];
  trap(shared, 'B142: the stage gets another name, or its number', {
    first: [...producer, ...consumer],
    second: [
      ...['FROM {base} AS new', hit('RUN : {marker}'), hit('RUN echo x > /x'), 'FROM {base}', hit('RUN : 2 {marker}')],
      ...[openHit('COPY --from=0 /x /x'), openHit('RUN true')],
    ],
  });
  trap(shared, 'B144: a stage changes, and what it hands on does not', {
    first: [...producer, ...consumer],
    second: [
      ...[
        'FROM {base} AS one',
        hit('RUN : {marker}'),
        miss('RUN echo  x > /x'),
        'FROM {base}',
        hit('RUN : 2 {marker}'),
      ],
      ...[openHit('COPY --from=one /x /x'), openHit('RUN true')],
    ],
  });
  trap(shared, 'B145: the owner of what a stage hands on changes', {
    first: [...producer, ...consumer],
    second: [
      ...['FROM {base} AS one', hit('RUN : {marker}'), miss('RUN echo x > /x && chown 7 /x')],
      ...['FROM {base}', hit('RUN : 2 {marker}'), openMiss('COPY --from=one /x /x'), openMiss('RUN true')],
    ],
  });
  trap(shared, 'B146: a stage that nobody uses', {
    first: ['ENV A=1'],
    second: [
      ...['FROM {base} AS unused', { text: 'RUN echo {marker}', outcome: 'not-needed', verdict: 'unused' } as const],
      ...['FROM {base}', hit('LABEL marker={marker}'), hit('ENV A=1')],
    ],
  });
  trap(shared, 'B-base: a stage stands on one whose last step changed', {
    first: ['FROM {base} AS one', 'RUN : {marker}', 'ENV A=1', 'FROM one', 'RUN true'],
    second: ['FROM {base} AS one', hit('RUN : {marker}'), miss('ENV A=2'), 'FROM one', miss('RUN true')],
  });
  trap(shared, 'B-twice: what an earlier stage of the same build makes is a hit for a later one', {
    first: ['ENV A=1'],
    second: [
      ...['FROM {base} AS one', miss('RUN : again {marker}')],
      ...['FROM {base}', hit('RUN : again {marker}'), miss('COPY --from=one /etc/passwd /p')],
    ],
  });
});
