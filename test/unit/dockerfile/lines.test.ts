import { describe, expect, it } from 'vitest';
import { splitDockerfile } from '../../../core/dockerfile/lines';

const texts = (source: string) => splitDockerfile(source).value.instructions.map(({ text }) => text);
const messages = (source: string) => splitDockerfile(source).problems.map(({ message }) => message);

describe('splitting a Dockerfile into instructions', () => {
  it('joins continued lines without putting anything between them', () => {
    expect(texts('RUN echo a\\\nb\n')).toEqual(['RUN echo ab']);
    expect(texts('RUN a && \\\n    b\n')).toEqual(['RUN a &&     b']);
  });

  it('keeps blanks before the escape character and drops those after it', () => {
    expect(texts('RUN a  \\ \t \n&& b\n')).toEqual(['RUN a  && b']);
  });

  it('does not continue a line that ends with two escape characters', () => {
    expect(texts('RUN a \\\\\nRUN b\n')).toEqual(['RUN a \\\\', 'RUN b']);
  });

  it('continues over comments and empty lines inside an instruction', () => {
    expect(texts('RUN a \\\n# why\n\n   # and more\n  && b\n')).toEqual(['RUN a   && b']);
  });

  it('keeps a comment that follows a command on its line', () => {
    expect(texts('RUN a # note\n')).toEqual(['RUN a # note']);
  });

  it('ignores comments, empty lines and indentation between instructions', () => {
    expect(texts('# hello\n\n   \n  FROM a\n\n\t# note\n\tRUN b\n')).toEqual(['FROM a', 'RUN b']);
  });

  it('reads CRLF files, files with a byte order mark and files without a final line end alike', () => {
    expect(texts('\uFEFFFROM a\r\nRUN b \\\r\n && c')).toEqual(texts('FROM a\nRUN b \\\n && c\n'));
  });

  it('reads a continuation that the file ends in', () => {
    expect(texts('RUN a \\')).toEqual(['RUN a ']);
    expect(texts('RUN a \\\n\n# end\n')).toEqual(['RUN a ']);
  });

  it('takes the lines of an instruction, its heredocs included', () => {
    const { instructions } = splitDockerfile('FROM a\n\nRUN b \\\n  c\nCOPY <<X <<Y /d/\n1\nX\n2\nY\nRUN e\n').value;
    expect(instructions.map(({ line }) => line)).toEqual([
      { start: 1, end: 1 },
      { start: 3, end: 4 },
      { start: 5, end: 9 },
      { start: 10, end: 10 },
    ]);
  });

  it('uses a backtick when a directive asks for it, and takes a backslash at the end of a line literally', () => {
    expect(texts('# escape=`\nRUN dir C:\\\nRUN a `\n b\n')).toEqual(['RUN dir C:\\', 'RUN a  b']);
  });

  it('reports a file without instructions', () => {
    expect(messages('')).toEqual(['the Dockerfile cannot be empty']);
    expect(messages('# only a comment\n')).toEqual(['file with no instructions']);
  });

  it('reports a line that is longer than the builder reads', () => {
    expect(messages(`RUN echo ${'x'.repeat(65_526)}\n`)).toEqual([]);
    expect(messages(`RUN echo ${'x'.repeat(65_527)}\n`)).toEqual([
      'dockerfile line greater than max allowed size of 65535',
    ]);
    expect(messages(`RUN <<EOF\n${'é'.repeat(33_000)}\nEOF\n`)).toHaveLength(1);
  });

  it('is quick on long runs of blanks and line ends', () => {
    const started = performance.now();
    texts(`RUN a${' '.repeat(60_000)}b\nRUN a${'\r'.repeat(60_000)}b\nRUN a${'\u00a0'.repeat(60_000)}b\n`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
