import { describe, expect, it } from 'vitest';
import { expandBuildah } from '../../../core/buildah/expand';

const VARIABLES = new Map([
  ['A', 'value'],
  ['EMPTY', ''],
  ['PATHS', '/usr/local/bin'],
  ['FILE', 'a.tar.gz'],
  ['1', 'digit'],
  ['_x', 'under'],
  ['NAME', 'A'],
  ['É', 'letter'],
  ['UMLAUT', 'grüße'],
  ['LONG', 'x'.repeat(3000)],
]);

function expanded(word: string): string {
  const { value, error, open } = expandBuildah(word, VARIABLES);
  return error === undefined ? (open === undefined ? value : `open: ${open}`) : `error: ${error}`;
}

describe('a word that Buildah expands', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['$A', 'value'],
    ['${A}', 'value'],
    ['$A$A', 'valuevalue'],
    ['x${A}y', 'xvaluey'],
    ['$Ay', ''],
    ['$NONE', ''],
    ['$', '$'],
    ['$$A', '$value'],
    ['$-', '$-'],
    ['$1x', 'digitx'],
    ['$12', 'digit2'],
    ['$_x.', 'under.'],
    ['$É', 'letter'],
    ['${}', ''],
    ["'$A'", '$A'],
    ["'a\\b'", 'a\\b'],
    ['"$A b"', 'value b'],
    ['"a\'b"', "a'b"],
    ['"\\$A \\" \\\\ \\n"', '$A " \\ \\n'],
    ['\\$A', '$A'],
    ['a\\ b', 'a b'],
    ['end\\', 'end'],
    ['a"b"\'c\'', 'abc'],
  ])('is %j as %j', (word, value) => {
    expect(expanded(word)).toBe(value);
  });

  it.each([
    ['${A:-other}', 'value'],
    ['${NONE:-other}', 'other'],
    ['${EMPTY:-other}', 'other'],
    ['${NONE:-$A}', 'value'],
    ['${NONE:-${EMPTY:-deep}}', 'deep'],
    ['${NONE:-"}"}', '}'],
    ['${NONE:-}', ''],
    ['${A:+other}', 'other'],
    ['${EMPTY:+other}', ''],
    ['${A:?needed}', 'value'],
    // not an error: the text is taken for the value
    ['${NONE:?needed}', 'needed'],
  ])('with another value where there is none: %s is %j', (word, value) => {
    expect(expanded(word)).toBe(value);
  });

  it.each([
    ['${FILE#*.}', 'tar.gz'],
    ['${FILE##*.}', 'gz'],
    ['${FILE%.*}', 'a.tar'],
    ['${FILE%%.*}', 'a'],
    ['${FILE#b}', 'a.tar.gz'],
    ['${PATHS#/usr/}', 'local/bin'],
    // `*` does not go over a slash
    ['${PATHS##*/}', '/usr/local/bin'.slice(1)],
    ['${PATHS%/*}', '/usr/local'],
    ['${EMPTY#a}', ''],
    ['${NONE%%a}', ''],
    // the last character is never taken
    ['${A#value}', 'value'],
    ['${A##val?e}', 'value'],
    ['${A##valu}', 'e'],
  ])('with its beginning or end taken off: %s is %j', (word, value) => {
    expect(expanded(word)).toBe(value);
  });

  it.each([
    ['${FILE/a/b}', 'b.tar.gz'],
    ['${FILE//a/b}', 'b.tbr.gz'],
    ['${FILE/a}', '.tar.gz'],
    ['${FILE//a}', '.tr.gz'],
    ['${FILE/.*/}', 'a'],
    ['${FILE/z/$A}', 'a.tar.gvalue'],
    ['${FILE//none/x}', 'a.tar.gz'],
    ['${FILE//a/aa}', 'aa.taar.gz'],
    ['${EMPTY/a/b}', ''],
  ])('with parts replaced: %s is %j', (word, value) => {
    expect(expanded(word)).toBe(value);
  });

  it.each([
    ["'open", 'single quote'],
    ['"open', 'double quote'],
    ['${A', "Missing ':'"],
    ['${A b}', "Missing ':'"],
    ['${A:-x', '} is missing'],
    ['${A:', '} is missing'],
    ['${A:=x}', 'Unsupported modifier (=)'],
    ['${NONE:?}', 'NONE is not allowed to be unset'],
    ['${A#}', 'nothing to remove'],
    ['${A%%}', 'nothing to remove'],
    ['${A/}', 'no pattern'],
    ['${A//x', 'is missing'],
    ['${A/x/y', '} is missing'],
  ])('refuses %s', (word, message) => {
    expect(expanded(word)).toMatch(/^error: /);
    expect(expanded(word)).toContain(message);
  });

  it.each(['${UMLAUT#g}', '${UMLAUT/ü/u}', '${LONG%x}', '${LONG/x/y}'])(
    'does not claim what happens to bytes, or takes long: %s',
    (word) => {
      expect(expanded(word)).toMatch(/^open: /);
    },
  );

  it('does not claim what words in words in words come to', () => {
    const nested = (depth: number) => '${NONE:-"'.repeat(depth) + 'x' + '"}'.repeat(depth);
    expect(expanded(nested(50))).toBe('x');
    expect(expanded(nested(500))).toMatch(/^open: /);
    expect(expanded(nested(50_000))).toMatch(/^open: /);
  });

  it('is expanded in time whatever its patterns are', () => {
    const started = process.cpuUsage();
    for (const length of [100, 300, 2000, 100_000]) {
      const long = 'a'.repeat(length);
      const variables = new Map([['V', long]]);
      for (const pattern of ['*a*a*a*b', `*${long}`, `*${long.slice(2)}b`]) {
        for (const form of ['//', '/', '#', '##', '%', '%%']) expandBuildah(`\${V${form}${pattern}}`, variables);
      }
    }
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
  });
});
