import { hit, miss } from '../engine/traps/lines.js';
import { trap } from '../engine/traps/trap.js';
import { describePodmanTraps } from './traps.js';

await describePodmanTraps('how instructions are written', (shared) => {
  const rewritten = (title: string, first: string, second: string, outcome: typeof hit): void =>
    trap(shared, title, { first: [first], second: [outcome(second)] });
  rewritten('B21: two variables change places', 'ENV A=1 B=2', 'ENV B=2 A=1', miss);
  rewritten('B22: quotes of a variable', 'ENV A=1', 'ENV A="1"', miss);
  rewritten('B23: one blank more', 'ENV A=1 B=2', 'ENV A=1  B=2', miss);
  rewritten('B24: quotes of a label', 'LABEL a=1', 'LABEL a="1"', miss);
  rewritten('B25: one blank more in RUN', 'RUN echo a b', 'RUN echo  a b', miss);
  rewritten('B26: another line break', 'RUN echo a b', 'RUN echo a \\\n  b', miss);
  rewritten('B27: a comment between the lines', 'RUN echo a \\\n  b', 'RUN echo a \\\n# why\n  b', hit);
  trap(shared, 'B28: comments and empty lines', {
    first: ['RUN echo a', 'ENV A=1'],
    second: ['# why', hit('RUN echo a'), '', hit('ENV A=1')],
  });
  trap(shared, 'B29: keywords in lower case', {
    first: ['RUN echo a', 'COPY a.txt /a', 'ENV A=1'],
    second: [hit('run echo a'), hit('copy a.txt /a'), miss('env A=1')],
  });
  rewritten('B30: blanks of a list', 'CMD ["a", "b"]', 'CMD ["a","b"]', miss);
  rewritten('B31: RUN as a list', 'RUN echo a', 'RUN ["/bin/sh", "-c", "echo a"]', miss);
  rewritten('B101: ports change places', 'EXPOSE 80 443', 'EXPOSE 443 80', miss);
  rewritten('B102: a slash at the end of WORKDIR', 'WORKDIR /w', 'WORKDIR /w/', miss);
  trap(shared, 'B103: another command', {
    first: ['CMD ["a"]', 'RUN true', 'COPY a.txt /a'],
    second: [miss('CMD ["b"]'), miss('RUN true'), miss('COPY a.txt /a')],
  });
  rewritten('B104: another owner', 'COPY a.txt /a', 'COPY --chown=12 a.txt /a', miss);
  rewritten('B105: the owner that it has anyway', 'COPY a.txt /a', 'COPY --chown=0:0 a.txt /a', hit);
  rewritten('B106: the mode that it has anyway', 'COPY a.txt /a', 'COPY --chmod=644 a.txt /a', hit);
  rewritten('B107: another destination', 'COPY d /d', 'COPY d /d/', miss);
  rewritten('B108: ./ before the source', 'COPY d /d', 'COPY ./d/ /d', hit);
  rewritten('B109: COPY as a list', 'COPY a.txt /a', 'COPY ["a.txt", "/a"]', hit);
  rewritten('B110: two sources change places', 'COPY a.txt b.txt /m/', 'COPY b.txt a.txt /m/', miss);
  rewritten('B111: a wildcard that matches the same files', 'COPY a.txt b.txt /m/', 'COPY *.txt /m/', hit);
  rewritten('B115: COPY becomes ADD', 'COPY a.txt /a', 'ADD a.txt /a', miss);
  rewritten('B121: another health check', 'HEALTHCHECK CMD true', 'HEALTHCHECK CMD false', miss);
  rewritten('B122: another shell', 'SHELL ["/bin/sh", "-c"]', 'SHELL ["/bin/sh", "-ec"]', miss);
  rewritten('B123: another author', 'MAINTAINER a', 'MAINTAINER b', miss);
  rewritten('B147: the body of a here-document of RUN', 'RUN <<EOF\necho a\nEOF', 'RUN <<EOF\necho b\nEOF', miss);
  rewritten('B148: the body of a here-document of COPY', 'COPY <<EOF /x\na\nEOF', 'COPY <<EOF /x\nb\nEOF', miss);
  for (const [title, before] of [
    ['that no image has', []],
    ['that ENV sets', ['ENV PATH=/bin']],
  ] as const) {
    const document = 'COPY <<EOF /x\na $PATH\nEOF';
    trap(shared, `B148b: a here-document with a PATH ${title}`, {
      first: [...before, document],
      second: [...before.map(hit), hit(document)],
    });
  }
  rewritten('B159: --link is added', 'COPY a.txt /a', 'COPY --link a.txt /a', miss);
  rewritten('B155: the network of RUN', 'RUN true', 'RUN --network=none true', miss);
  rewritten(
    'B149: the name of a cache',
    'RUN --mount=type=cache,id=a,target=/c true',
    'RUN --mount=type=cache,id=b,target=/c true',
    miss,
  );
  rewritten(
    'B154: where something is mounted',
    'RUN --mount=type=bind,source=d,target=/m true',
    'RUN --mount=type=bind,source=d,target=/n true',
    miss,
  );
  trap(shared, 'B-ends: blanks at the end of the line', {
    first: ['RUN echo a', 'ENV A=1'],
    second: [miss('RUN echo a  '), miss('ENV A=1')],
  });
  rewritten('B-ends: blanks at the end of ENV', 'ENV A=1', 'ENV A=1  ', miss);
  rewritten('B-ends: blanks at the end of COPY', 'COPY a.txt /a', 'COPY a.txt /a  ', hit);
  rewritten('B-ends: blanks before ENV', 'ENV A=1', '  ENV A=1', hit);
  rewritten('B-ends: blanks before RUN', 'RUN echo a', '  RUN echo a', hit);
  rewritten('B-ends: blanks behind RUN', 'RUN echo a', 'RUN  echo a', miss);
  trap(shared, 'B-ends: line ends of another kind', {
    second: [hit('RUN echo a'), hit('ENV A=1')],
    askedSecond: { eol: '\r\n' },
  });
});
