import { file, open, type BadInput } from './input.js';

/** Bytes, lines and directives. */
export const TEXT: readonly BadInput[] = [
  { name: 'nothing at all', dockerfile: '' },
  { name: 'white space only', dockerfile: ' \n\t\n\n' },
  file('comments only', '# a', '# b'),
  { name: 'a byte order mark only', dockerfile: '\uFEFF' },
  { name: 'a byte order mark before FROM', dockerfile: '\uFEFFFROM BASE\nRUN true\n' },
  { name: 'a byte order mark in the second line', dockerfile: 'FROM BASE\n\uFEFFRUN true\n' },
  { name: 'two byte order marks', dockerfile: '\uFEFF\uFEFFFROM BASE\n' },
  { name: 'CRLF', dockerfile: 'FROM BASE\r\nENV A=1 \\\r\n  B=2\r\nCOPY <<EOF /x\r\na\r\nEOF\r\n' },
  { name: 'CR alone', dockerfile: 'FROM BASE\rRUN true\r' },
  { name: 'no line end', dockerfile: 'FROM BASE\nENV A=1' },
  { name: 'a continuation at the end', dockerfile: 'FROM BASE\nENV A=1 \\' },
  { name: 'a continuation into a comment at the end', dockerfile: 'FROM BASE\nENV A=1 \\\n# b' },
  { name: 'NUL in a keyword', dockerfile: 'FROM BASE\nRU\0N true\n' },
  { name: 'NUL in an argument', dockerfile: 'FROM BASE\nENV A=a\0b\n' },
  { name: 'NUL in RUN', dockerfile: 'FROM BASE\nRUN true a\0b\n' },
  { name: 'NUL in the environment of RUN', dockerfile: 'FROM BASE\nENV A=a\0b\nRUN true\n' },
  {
    name: 'bytes that are no UTF-8 in the environment of RUN',
    dockerfile: Buffer.from('FROM BASE\nENV A=\xe9\nRUN true\n', 'latin1'),
  },
  { name: 'bytes that are no UTF-8 in WORKDIR', dockerfile: Buffer.from('FROM BASE\nWORKDIR /\xe9\n', 'latin1') },
  { name: 'NUL in a path', dockerfile: 'FROM BASE\nCOPY a\0b /x\n' },
  { name: 'NUL in WORKDIR', dockerfile: 'FROM BASE\nWORKDIR /a\0b\n' },
  { name: 'NUL in FROM', dockerfile: 'FROM BA\0SE\n' },
  { name: 'binary junk', dockerfile: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0xff, 0xfe, 10, 0x80]) },
  { name: 'UTF-16', dockerfile: Buffer.from('\uFEFFFROM BASE\nRUN true\n', 'utf16le') },
  { name: 'bytes that are no UTF-8 in a comment', dockerfile: Buffer.from('FROM BASE\n# \xe9\nENV A=1\n', 'latin1') },
  { name: 'bytes that are no UTF-8 in ENV', dockerfile: Buffer.from('FROM BASE\nENV A=\xe9\n', 'latin1') },
  { name: 'bytes that are no UTF-8 in LABEL', dockerfile: Buffer.from('FROM BASE\nLABEL a=\xe9\n', 'latin1') },
  { name: 'bytes that are no UTF-8 in RUN', dockerfile: Buffer.from('FROM BASE\nRUN echo \xe9\n', 'latin1') },
  { name: 'bytes that are no UTF-8 in a keyword', dockerfile: Buffer.from('FROM BASE\nR\xdcN true\n', 'latin1') },
  { name: 'bytes that are no UTF-8 in COPY', dockerfile: Buffer.from('FROM BASE\nCOPY \xe9 /x\n', 'latin1') },
  {
    name: 'bytes that are no UTF-8 in a heredoc',
    dockerfile: Buffer.from('FROM BASE\nCOPY <<E /x\n\xe9\nE\n', 'latin1'),
  },
  { name: 'a line of 1 MB', dockerfile: `FROM BASE\nENV A=${'a'.repeat(1_000_000)}\n`, line: 2 },
  { name: 'a line of 65535 bytes', dockerfile: `FROM BASE\nLABEL a=${'a'.repeat(65527)}\n` },
  { name: 'a line of 65535 bytes with CR', dockerfile: `FROM BASE\nLABEL a=${'a'.repeat(65527)}\r\n`, line: 2 },
  { name: 'a line of 65536 bytes', dockerfile: `FROM BASE\nLABEL a=${'a'.repeat(65528)}\n`, line: 2 },
  { name: 'a long line after the last instruction', dockerfile: `FROM BASE\n# ${'a'.repeat(70_000)}\n`, line: 2 },
  { name: 'a long first line', dockerfile: `# ${'a'.repeat(70_000)}\nFROM BASE\n` },
  { name: '5000 instructions', dockerfile: `FROM BASE\n${'LABEL a=1\n'.repeat(5000)}` },
];

/** Parser directives. */
export const DIRECTIVES: readonly BadInput[] = [
  { ...file('escape twice', '# escape=`', '# escape=\\', 'FROM BASE'), line: 2 },
  file('a bad escape character', '# escape=x', 'FROM BASE'),
  file('an unknown directive', '# foo=bar', 'FROM BASE'),
  file('a bad check', '# check=skip=Nope', 'FROM BASE'),
  file('a check that is no option', '# check=nope', 'FROM BASE'),
  file('a check with a bad value', '# check=error=maybe', 'FROM BASE'),
  ...open(
    'the checker is not rebuilt: such files get no certain verdict',
    file('a check that makes warnings errors', '# check=error=true', 'FROM BASE', 'MAINTAINER a'),
  ),
];
