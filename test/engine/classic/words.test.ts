import { renameSync } from 'node:fs';
import { fails, hit, miss } from '../traps/lines.js';
import { describeClassicTraps, trap } from '../traps/trap.js';

await describeClassicTraps('how COPY is written', (shared) => {
  const rewritten = (title: string, first: string, second: string, outcome: typeof hit): void =>
    trap(shared, title, { first: [first], second: [outcome(second)] });
  rewritten('C109: an owner is added', 'COPY a.txt /a', 'COPY --chown=1000 a.txt /a', miss);
  rewritten('C110: the owner that it has anyway is added', 'COPY a.txt /a', 'COPY --chown=0:0 a.txt /a', miss);
  rewritten('C111: a slash at the end of the destination', 'COPY d /d', 'COPY d /d/', miss);
  rewritten('C113: a slash at the end of the source, and ./ before it', 'COPY d /d', 'COPY ./d/ /d', hit);
  rewritten('C113b: a slash before the source', 'COPY a.txt /a', 'COPY /a.txt /a', hit);
  rewritten('C114: as JSON', 'COPY a.txt /a', 'COPY ["a.txt", "/a"]', hit);
  rewritten('C115: two sources change places', 'COPY a.txt b.txt /m/', 'COPY b.txt a.txt /m/', miss);
  rewritten('C116: a wildcard that matches the same one file', 'COPY a.txt /m/', 'COPY a* /m/', hit);
  rewritten('C116b: a wildcard that matches the same files', 'COPY a.txt b.txt /m/', 'COPY *.txt /m/', hit);
  rewritten('C119: COPY becomes ADD', 'COPY a.txt /a', 'ADD a.txt /a', miss);
  trap(shared, 'C117: a wildcard matches one file more', {
    second: [miss('COPY *.txt /m/')],
    change: (scenario) => scenario.write('c.txt', 'c\n'),
  });
  trap(shared, 'C118: the source has another name and the same content', {
    first: ['COPY a.txt /a'],
    second: [miss('COPY e.txt /a')],
    change: (scenario) => renameSync(scenario.path('a.txt'), scenario.path('e.txt')),
  });
  trap(shared, 'C112: a destination relative to WORKDIR', {
    first: ['WORKDIR /w', 'COPY a.txt /w/'],
    second: [hit('WORKDIR /w'), miss('COPY a.txt ./')],
  });
  trap(shared, 'C408: the destination in a variable', {
    first: ['ENV P=/p', 'COPY a.txt /p/a'],
    second: [hit('ENV P=/p'), hit('COPY a.txt $P/a')],
  });
  trap(shared, 'C-none: a wildcard that matches nothing ends the build', {
    first: ['ENV A=1'],
    second: [hit('ENV A=1'), fails('COPY none* /n/')],
  });
  trap(shared, 'C150: --chmod ends the build', {
    first: ['ENV A=1'],
    second: [hit('ENV A=1'), fails('COPY --chmod=600 a.txt /a')],
  });
});

await describeClassicTraps('how metadata is written', (shared) => {
  trap(shared, 'C17: another value of a variable', {
    first: ['ENV Q=1', 'COPY a.txt /a', 'RUN true'],
    second: [miss('ENV Q=2'), miss('COPY a.txt /a'), miss('RUN true')],
  });
  trap(shared, 'C18: two variables change places', {
    first: ['ENV A=1 B=2', 'RUN true'],
    second: [miss('ENV B=2 A=1'), miss('RUN true')],
  });
  trap(shared, 'C19: quotes, and the form without =', {
    first: ['ENV A=1', 'ENV B=x', 'ENV C=y', 'RUN true'],
    second: [hit('ENV A="1"'), hit("ENV B='x'"), hit('ENV C y'), hit('RUN true')],
  });
  trap(shared, 'C20: an ENV of two variables becomes two lines', {
    first: ['ENV A=1 B=2', 'RUN true'],
    second: [miss('ENV A=1'), miss('ENV B=2'), miss('RUN true')],
  });
  trap(shared, 'C21: two labels change places', {
    first: ['LABEL a=1 b=2'],
    second: [miss('LABEL b=2 a=1')],
  });
  trap(shared, 'C22: quotes of labels', {
    first: ['LABEL a=1 b=2', 'RUN true'],
    second: [hit('LABEL "a"="1" b=\'2\''), hit('RUN true')],
  });
  trap(shared, 'C407: a value that reads like another label', {
    first: ['ENV A=1 B=2'],
    second: [miss('ENV A="1 B=2"')],
  });
  trap(shared, 'C102: ports change places', { first: ['EXPOSE 80 443/udp'], second: [hit('EXPOSE 443/udp 80')] });
  trap(shared, 'C103: the protocol that a port has anyway', { first: ['EXPOSE 80'], second: [miss('EXPOSE 80/tcp')] });
  trap(shared, 'C104: WORKDIR as a whole path', {
    first: ['WORKDIR /w', 'WORKDIR x', 'RUN true'],
    second: [hit('WORKDIR /w/'), hit('WORKDIR /w/x'), hit('RUN true')],
  });
  trap(shared, 'C106: another user', {
    first: ['USER root', 'RUN true'],
    second: [miss('USER 0'), miss('RUN true')],
  });
  trap(shared, 'C107: another command', {
    first: ['CMD ["a"]', 'RUN true'],
    second: [miss('CMD ["b"]'), miss('RUN true')],
  });
  trap(shared, 'C108: a command as the shell would be given it', {
    first: ['CMD echo a', 'ENTRYPOINT echo b', 'RUN echo c'],
    second: [
      hit('CMD ["/bin/sh", "-c", "echo a"]'),
      hit('ENTRYPOINT ["/bin/sh","-c","echo b"]'),
      hit('RUN ["/bin/sh", "-c", "echo c"]'),
    ],
  });
  trap(shared, 'C131: volumes as JSON', { first: ['VOLUME /a /b'], second: [hit('VOLUME ["/a", "/b"]')] });
  trap(shared, 'C132: volumes change places', { first: ['VOLUME /a /b'], second: [miss('VOLUME /b /a')] });
  trap(shared, 'C133: another health check', {
    first: ['HEALTHCHECK --interval=6s CMD true', 'RUN true'],
    second: [miss('HEALTHCHECK --interval=7s CMD true'), miss('RUN true')],
  });
  trap(shared, 'C133b: the same health check in other words', {
    first: ['HEALTHCHECK --interval=60s CMD true'],
    second: [hit('HEALTHCHECK --interval=1m   CMD   true')],
  });
  trap(shared, 'C134: other signal, author, trigger, each the last', {
    first: ['STOPSIGNAL 9'],
    second: [miss('STOPSIGNAL SIGKILL')],
  });
  trap(shared, 'C134b: another author', { first: ['MAINTAINER a'], second: [miss('MAINTAINER b')] });
  trap(shared, 'C134c: another trigger', { first: ['ONBUILD RUN a'], second: [miss('ONBUILD RUN b')] });
  trap(shared, 'C129: a shell is set', {
    first: ['SHELL ["/bin/sh", "-c"]', 'RUN true'],
    second: [miss('SHELL ["/bin/sh", "-ec"]'), miss('RUN true')],
  });
  trap(shared, 'C129b: a shell like the one before', {
    first: ['RUN true'],
    second: [miss('SHELL ["/bin/sh", "-c"]'), miss('RUN true')],
  });
  trap(shared, 'C142: an instruction is added', {
    first: ['RUN one', 'RUN two'].map((line) => line.replace('RUN', 'RUN echo')),
    second: [hit('RUN echo one'), miss('ENV N=1'), miss('RUN echo two')],
  });
});

await describeClassicTraps('how RUN is written', (shared) => {
  trap(shared, 'C23: one blank more', { first: ['RUN echo a b'], second: [miss('RUN echo  a b')] });
  trap(shared, 'C24: another line break', { first: ['RUN echo a b'], second: [miss('RUN echo a \\\n  b')] });
  trap(shared, 'C25: a comment between the lines', {
    first: ['RUN echo a \\\n  b'],
    second: [hit('RUN echo a \\\n# why\n\n  b')],
  });
  trap(shared, 'C26: comments, empty lines, case of the keyword', {
    first: ['RUN echo a', 'COPY a.txt /a', 'ENV A=1'],
    second: ['# why', hit('run   echo a'), '', hit('copy a.txt /a'), hit('Env A=1')],
  });
  trap(shared, 'C406: a list that reads like a line', {
    first: ['RUN ["/bin/sh", "-c", "echo a", "b"]'],
    second: [miss('RUN echo a b')],
  });
  trap(shared, 'C410: a variable in place of its value', {
    first: ['ENV V=1', 'RUN echo 1'],
    second: [hit('ENV V=1'), miss('RUN echo $V')],
  });
  trap(shared, 'C201: the body of a here-document, which is never run', {
    first: ['RUN <<EOF\necho one\nEOF'],
    second: [hit('RUN <<EOF\necho two\nEOF')],
  });
  trap(shared, 'C-ends: blanks at the end of the line, other line ends', {
    first: ['RUN echo a', 'ENV A=1'],
    second: [hit('RUN echo a   '), hit('ENV A=1 ')],
    askedSecond: { eol: '\r\n' },
  });
});
