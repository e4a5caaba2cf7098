import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

await describeTraps('the text of RUN', (shared) => {
  trap(shared, 'T21: SHELL changes before a RUN in shell form', {
    first: ['SHELL ["/bin/sh", "-c"]', 'RUN echo 1'],
    second: ['SHELL ["/bin/sh", "-ec"]', miss('RUN echo 1')],
  });
  trap(shared, 'T22: shell form becomes the equal exec form (E12)', {
    first: ['RUN echo 1'],
    second: [hit('RUN ["/bin/sh", "-c", "echo 1"]')],
  });
  trap(shared, 'E12: exec form becomes the equal shell form', {
    first: ['RUN ["/bin/sh", "-c", "echo 1"]'],
    second: [hit('RUN echo 1')],
  });
  trap(shared, 'T23: a second blank inside the text', {
    first: ['RUN echo 1 2'],
    second: [miss('RUN echo 1  2')],
  });
  trap(shared, 'T24: a line is wrapped without indentation', {
    first: ['RUN echo 1 && echo 2'],
    second: [hit('RUN echo 1 \\\n&& echo 2')],
  });
  trap(shared, 'T25: a line is wrapped with indentation', {
    first: ['RUN echo 1 && echo 2'],
    second: [miss('RUN echo 1 \\\n    && echo 2')],
  });
  trap(shared, 'T26: a comment line inside a wrapped RUN', {
    first: ['RUN echo 1 \\\n && echo 2'],
    second: [hit('RUN echo 1 \\\n# why\n && echo 2')],
  });
  trap(shared, 'T27: a comment of the shell at the end', {
    first: ['RUN echo 1'],
    second: [miss('RUN echo 1 # note')],
  });
  trap(shared, 'T28: small letters and CRLF', {
    first: ['RUN echo 1', 'COPY a.txt /a'],
    second: [hit('run echo 1'), hit('copy a.txt /a')],
    askedSecond: { eol: '\r\n' },
  });
  trap(shared, 'T29: another delimiter of a here-document', {
    first: ['RUN <<EOF\necho 1\nEOF'],
    second: [hit('RUN <<XX\necho 1\nXX')],
  });
  trap(shared, 'T30: a comment line in the body of a here-document', {
    first: ['RUN <<EOF\necho 1\nEOF'],
    second: [miss('RUN <<EOF\n# why\necho 1\nEOF')],
  });
  trap(shared, 'B25: CRLF with a here-document', {
    // the carriage return must not end up in a command that fails for it
    first: ['RUN <<EOF\necho 1\nEOF'],
    second: [miss('RUN <<EOF\necho 1\nEOF')],
    askedSecond: { eol: '\r\n' },
  });
  trap(shared, 'T66: directives are added at the top', {
    first: ['FROM {base}', 'RUN : {marker}', 'RUN echo 1'],
    second: ['# check=skip=all', '# escape=`', 'FROM {base}', hit('RUN : {marker}'), hit('RUN echo 1')],
  });
});
