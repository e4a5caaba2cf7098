import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

const buildArg = (value: string) => ({ options: ['--build-arg', value] });

await describeTraps('ENV and ARG', (shared) => {
  trap(shared, 'T2: ENV before a RUN and a COPY', {
    first: ['RUN echo 1', 'COPY a.txt /a'],
    second: ['ENV Q=1', miss('RUN echo 1'), miss('COPY a.txt /a')],
  });
  trap(shared, 'T3: ENV before a chain of COPY alone', {
    first: ['COPY a.txt /a', 'COPY b.txt /b'],
    second: ['ENV Q=1', hit('COPY a.txt /a'), hit('COPY b.txt /b')],
  });
  trap(shared, 'T4: two variables of an ENV change places', {
    first: ['ENV A=1 C=2', 'RUN echo 1'],
    second: ['ENV C=2 A=1', miss('RUN echo 1')],
  });
  trap(shared, 'T5: an ENV of two variables becomes two lines', {
    first: ['ENV A=1 C=2', 'RUN echo 1'],
    second: ['ENV A=1', 'ENV C=2', hit('RUN echo 1')],
  });
  trap(shared, 'T6: ENV becomes ARG with the same name and value', {
    first: ['ENV V=1', 'RUN echo 1'],
    second: ['ARG V=1', hit('RUN echo 1')],
  });
  trap(shared, 'T7: another value of an ARG that the RUN after it never uses', {
    second: ['ARG V', miss('RUN echo 1'), miss('COPY a.txt /a')],
    askedFirst: buildArg('V=1'),
    askedSecond: buildArg('V=2'),
  });
  trap(shared, 'T8: another value of an ARG that is declared after the RUN', {
    second: [hit('RUN echo 1'), 'ARG V', hit('COPY a.txt /a')],
    askedFirst: buildArg('V=1'),
    askedSecond: buildArg('V=2'),
  });
  trap(shared, 'T9: another value of an argument that no ARG declares', {
    second: [hit('RUN echo 1'), hit('COPY a.txt /a')],
    askedFirst: buildArg('V=1'),
    askedSecond: buildArg('V=2'),
  });
  trap(shared, 'T10: another value of an ARG before FROM that the stage does not declare again', {
    second: ['ARG G=1', 'FROM {base}', hit('RUN : {marker}'), hit('RUN echo 1'), hit('COPY a.txt /a')],
    askedFirst: buildArg('G=1'),
    askedSecond: buildArg('G=2'),
  });
  trap(shared, 'T11: an ARG without a value is added', {
    first: ['RUN echo 1'],
    second: ['ARG V', hit('RUN echo 1')],
  });
  trap(shared, 'T12: another http_proxy that is not declared', {
    second: [hit('RUN echo 1')],
    askedFirst: buildArg('http_proxy=http://x'),
    askedSecond: buildArg('http_proxy=http://y'),
  });
  trap(shared, 'T13: another http_proxy that an ARG declares', {
    second: ['ARG http_proxy', miss('RUN echo 1')],
    askedFirst: buildArg('http_proxy=http://x'),
    askedSecond: buildArg('http_proxy=http://y'),
  });
  trap(shared, 'T14: SOURCE_DATE_EPOCH before RUN and COPY', {
    second: [hit('RUN echo 1'), hit('COPY a.txt /a')],
    askedSecond: buildArg('SOURCE_DATE_EPOCH=1'),
  });
  trap(shared, 'T65: an ARG after an ENV of that name wins', {
    // the RUN fails when it sees another value
    second: ['ENV V=env', 'ARG V=arg', hit('RUN test "$V" = arg')],
  });
  trap(shared, 'A16e: BUILDKIT_MULTI_PLATFORM', {
    second: [hit('RUN echo 1')],
    askedSecond: buildArg('BUILDKIT_MULTI_PLATFORM=1'),
  });
  trap(shared, 'A16f: BUILDKIT_CONTEXT_KEEP_GIT_DIR', {
    second: [hit('COPY . /c')],
    askedSecond: buildArg('BUILDKIT_CONTEXT_KEEP_GIT_DIR=1'),
  });
  trap(shared, 'A21: an empty argument is not an absent one', {
    second: ['ARG A', miss('RUN echo 1')],
    askedSecond: buildArg('A='),
  });
});
