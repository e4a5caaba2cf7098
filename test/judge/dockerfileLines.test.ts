import { describe, expect, it } from 'vitest';
import { neededStages, readDockerfileLines } from './dockerfileLines.js';

function ranges(text: string): string[] {
  return readDockerfileLines(text).instructions.map((one) => `${one.keyword} ${one.start}-${one.end} ${one.rest}`);
}

describe('lines of instructions', () => {
  it('joins continuations and skips comments and blank lines inside them', () => {
    expect(ranges('FROM a\nrun x && \\\n# note\n\n  y\nCMD z')).toEqual([
      'FROM 1-1 a',
      'RUN 2-5 x &&   y',
      'CMD 6-6 z',
    ]);
  });

  it('does not continue after an escaped escape character', () => {
    expect(ranges('FROM a\nRUN x \\\\\nRUN y')).toEqual(['FROM 1-1 a', 'RUN 2-2 x \\\\', 'RUN 3-3 y']);
  });

  it('follows the escape directive', () => {
    expect(ranges('# escape=`\nFROM a\nRUN x `\n y\nRUN dir c:\\\nRUN z')).toEqual([
      'FROM 2-2 a',
      'RUN 3-4 x  y',
      'RUN 5-5 dir c:\\',
      'RUN 6-6 z',
    ]);
  });

  it('takes here-documents into the instruction, several and tab-stripped ones too', () => {
    expect(
      ranges('FROM a\nCOPY <<A <<-"B" /d/\nRUN no\nA\nx\n\tB\nRUN <<EOF cat\nbody # not a comment\nEOF\nRUN y'),
    ).toEqual(['FROM 1-1 a', 'COPY 2-6 <<A <<-"B" /d/', 'RUN 7-9 <<EOF cat', 'RUN 10-10 y']);
  });

  it('reads CRLF files', () => {
    expect(ranges('FROM a\r\nRUN x \\\r\n y\r\n')).toEqual(['FROM 1-1 a', 'RUN 2-3 x  y']);
  });
});

describe('stages that a target needs', () => {
  const file = readDockerfileLines(
    [
      'ARG X',
      'FROM base AS one',
      'FROM base AS two',
      'FROM --platform=linux/amd64 one AS three',
      'RUN --mount=type=bind,from=two,target=/m x',
      'FROM base AS four',
      'COPY --chown=1 --from=0 /a /a',
    ].join('\n'),
  );

  it('follows FROM, COPY --from and mounts from the last stage or the named one', () => {
    expect(neededStages(file, undefined)).toEqual(new Set([3, 0]));
    expect(neededStages(file, 'THREE')).toEqual(new Set([2, 0, 1]));
    expect(neededStages(file, 'two')).toEqual(new Set([1]));
  });

  it('does not guess', () => {
    expect(neededStages(file, 'nope')).toBeUndefined();
    expect(neededStages(file, '1')).toBeUndefined();
    expect(neededStages(readDockerfileLines('ARG B=x\nFROM $B'), undefined)).toBeUndefined();
  });
});
