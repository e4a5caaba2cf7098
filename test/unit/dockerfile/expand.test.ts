import { describe, expect, it } from 'vitest';
import { expandWord, expandWords } from '../../../core/dockerfile/expand';

const variables = new Map([
  ['X', 'abcabc'],
  ['E', ''],
  ['P', '/usr/local/bin'],
  ['D', '$X'],
]);
const expand = (text: string, options = {}) => expandWord(text, variables, { escape: '\\', ...options });
const value = (text: string) => expand(text).value;

describe('expansion', () => {
  it.each([
    ['$X', 'abcabc'],
    ['${X}', 'abcabc'],
    ['a${X}b', 'aabcabcb'],
    ['$U', ''],
    ['$', '$'],
    ['$X_', ''],
    ['$1a', 'a'],
    ['$D', '$X'],
    ['${U-w}', 'w'],
    ['${E-w}', ''],
    ['${E:-w}', 'w'],
    ['${U:-$X}', 'abcabc'],
    ['${U:-${E:-z}}', 'z'],
    ['${X:-w}', 'abcabc'],
    ['${X+w}', 'w'],
    ['${E+w}', 'w'],
    ['${E:+w}', ''],
    ['${U:+w}', ''],
    ['${X?m}', 'abcabc'],
    ['${X#a}', 'bcabc'],
    ['${X#a*c}', 'abc'],
    ['${X##a*c}', ''],
    ['${X%b?}', 'abca'],
    ['${X%b*}', 'abca'],
    ['${X%%b*}', 'a'],
    ['${P##*/}', 'bin'],
    ['${P%/*}', '/usr/local'],
    ['${X/b/-}', 'a-cabc'],
    ['${X//b/-}', 'a-ca-c'],
    ['${X//b/}', 'acac'],
    ['${P//\\//_}', '_usr_local_bin'],
    ['${U/b/-}', ''],
  ])('of %s is "%s"', (text, expected) => {
    expect(expand(text)).toMatchObject({ value: expected });
    expect(expand(text).error).toBeUndefined();
  });

  it('is suppressed by single quotes and escapes, not by double quotes', () => {
    expect(value(`'$X'`)).toBe('$X');
    expect(value('"$X"')).toBe('abcabc');
    expect(value('\\$X')).toBe('$X');
    expect(value('"\\$X"')).toBe('$X');
    expect(value('"\\n"')).toBe('\\n');
    expect(value('\\n')).toBe('n');
  });

  it('removes quotes, unless they are to be kept', () => {
    expect(value(`a"b"'c'`)).toBe('abc');
    expect(expand(`a"b"'c'`, { rawQuotes: true }).value).toBe(`a"b"'c'`);
  });

  it('uses the escape character of the file', () => {
    expect(expand('`$X \\', { escape: '`' }).value).toBe('$X \\');
  });

  it('drops a byte order mark at the start of a word', () => {
    expect(value('\uFEFFa\uFEFF')).toBe('a\uFEFF');
  });

  it('remembers which variables were asked for', () => {
    expect([...expand('$X ${U:-$E}').used]).toEqual(['X', 'E', 'U']);
  });

  it.each([
    ['${X', 'unsupported modifier () in substitution'],
    ['${', "syntax error: missing '}'"],
    ['${}', 'syntax error: bad substitution'],
    ['${:x}', 'syntax error: bad substitution'],
    ['${X:1:2}', 'unsupported modifier (:1) in substitution'],
    ['${X^^}', 'unsupported modifier (^) in substitution'],
    ['${X:#a}', 'unsupported modifier (:#) in substitution'],
    ['${U?needed}', 'U: needed'],
    ['${U?}', 'U: is not allowed to be unset'],
    ['${E:?}', 'E: is not allowed to be empty'],
    ['"a', 'unexpected end of statement while looking for matching double-quote'],
    ["'a", 'unexpected end of statement while looking for matching single-quote'],
    ['${X#\\a}', 'invalid pattern (\\a) in substitution'],
  ])('of %s fails', (text, error) => {
    expect(expand(text).error).toBe(error);
  });

  it('refuses to grow without end', () => {
    const long = new Map([['A', 'a'.repeat(1 << 19)]]);
    expect(expandWord('$A', long, { escape: '\\' }).value).toHaveLength(1 << 19);
    expect(expandWord('$A$A$A', long, { escape: '\\' }).error).toBe('the expanded text is too long');
    expect(expandWord('${A//a/bbb}', long, { escape: '\\' }).error).toBe('the expanded text is too long');
  });

  it('refuses nesting without end instead of breaking', () => {
    expect(expand('${U:-'.repeat(20_000)).error).toBe('substitutions are nested too deeply');
  });
});

describe('splitting into words after expansion', () => {
  it('splits at blanks that are neither quoted nor escaped', () => {
    expect(expandWords(`a  "b c" d\\ e`, variables, { escape: '\\' }).words).toEqual(['a', 'b c', 'd e']);
  });

  it('splits the value of a variable', () => {
    expect(expandWords('x $V', new Map([['V', 'a b']]), { escape: '\\' }).words).toEqual(['x', 'a', 'b']);
  });

  it('leaves unknown variables alone when asked to, whatever their form', () => {
    const options = { escape: '\\', skipUnset: true };
    expect(expandWords('$A ${B} ${C:-d} ${E:0:1} ${F/x/y}', new Map(), options).words).toEqual([
      '$A',
      '${B}',
      '${C:-d}',
      '${E:0:1}',
      '${F/x/y}',
    ]);
  });
});
