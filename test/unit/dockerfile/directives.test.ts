import { describe, expect, it } from 'vitest';
import { checkError, checkStopsAtWarnings } from '../../../core/dockerfile/directives';
import { splitDockerfile } from '../../../core/dockerfile/lines';

const directives = (text: string) => splitDockerfile(text).value.directives;

describe('parser directives', () => {
  it('are read from the first lines, in any case and spacing', () => {
    expect(directives('#syntax=docker/dockerfile:1\n# ESCAPE = `\n# check=skip=all\nFROM a\n')).toEqual({
      syntax: 'docker/dockerfile:1',
      escape: '`',
      check: 'skip=all',
    });
  });

  it('end at the first comment, empty line or instruction', () => {
    for (const first of ['# a comment', '', 'FROM a', '# unknown=1']) {
      expect(directives(`${first}\n# escape=\`\nFROM b\n`)).toEqual({});
    }
  });

  it('are read in a CRLF file and after a byte order mark', () => {
    expect(directives('\uFEFF# escape=`\r\nFROM a\r\n')).toEqual({ escape: '`' });
  });

  it('must not be repeated', () => {
    const { problems } = splitDockerfile('# escape=`\n# escape=`\nFROM a\n');
    expect(problems).toEqual([
      { code: 'bad-instruction', message: 'only one escape parser directive can be used', line: 2 },
    ]);
  });

  it('allow only a backslash or a backtick as escape character', () => {
    expect(splitDockerfile('# escape=x\nFROM a\n').problems).toHaveLength(1);
    expect(splitDockerfile('# escape=\\\nFROM a\n').problems).toEqual([]);
  });
});

describe('directives that other frontends have', () => {
  it.each([
    ['// syntax=a/b:1 x\n{}', 'a/b:1 x'],
    ['#!/bin/x\n# syntax=a\n', 'a'],
    ['#!/bin/x\n// syntax=a\n', 'a'],
    ['{ "syntax": "a/b" }', 'a/b'],
    ['\uFEFF{ "syntax": "a/b" }', 'a/b'],
    ['{ "syntax": 1 }', undefined],
    [' # syntax=a\n', undefined],
    ['// a comment\n// syntax=a\n', undefined],
    [`# syntax=a${' '.repeat(60_000)}b\n`, `a${' '.repeat(60_000)}b`],
  ])('%j is the syntax %j', (text, syntax) => {
    expect(directives(text).syntax).toBe(syntax);
  });

  it('give the checker the first word', () => {
    expect(directives('# check=skip=all; error=true\n').check).toBe('skip=all;');
    expect(checkError('skip=all;error=false')).toBeUndefined();
    expect(checkError('skip')).toContain('invalid check option "skip"');
    expect(checkError('error=yes')).toContain('true or false');
    expect(checkStopsAtWarnings('skip=A,B;error=1')).toBe(true);
  });
});
