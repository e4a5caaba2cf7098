import { describe, expect, it } from 'vitest';
import { parseJsonForm, parseNameValues, parseWords, splitCommand } from '../../../core/dockerfile/words';

describe('keyword, flags and rest', () => {
  it('do not depend on the blanks around and between them', () => {
    const plain = { keyword: 'RUN', flags: [], rest: 'echo 1' };
    for (const line of ['RUN echo 1', 'run\techo 1', '  RUN    echo 1   ', 'Run \v\f echo 1\r']) {
      expect(splitCommand(line, '\\')).toEqual(plain);
    }
  });

  it('keep blanks inside the rest', () => {
    expect(splitCommand('RUN echo 1  2', '\\').rest).toBe('echo 1  2');
  });

  it('take flags with quotes and escapes removed', () => {
    expect(splitCommand(`COPY --from="a b" --chown='x' --chmod=7\\55 s d`, '\\')).toEqual({
      keyword: 'COPY',
      flags: ['--from=a b', '--chown=x', '--chmod=755'],
      rest: 's d',
    });
  });

  it('end the flags at --', () => {
    expect(splitCommand('RUN --network=none -- --version', '\\')).toEqual({
      keyword: 'RUN',
      flags: ['--network=none'],
      rest: '--version',
    });
  });

  it('take only leading words as flags', () => {
    expect(splitCommand('RUN npm --version', '\\')).toEqual({ keyword: 'RUN', flags: [], rest: 'npm --version' });
  });

  it('read flags byte by byte, as the builder does', () => {
    expect(splitCommand('COPY --exclude=é a b', '\\').flags).toEqual(['--exclude=Ã©']);
    expect(splitCommand('COPY --exclude=a é b', '\\').rest).toBe('é b');
  });

  it('do not split at a no-break space', () => {
    expect(splitCommand('RUN\u00a0echo 1', '\\').keyword).toBe('RUN\u00a0ECHO');
  });
});

describe('words', () => {
  it('keep their quotes and escapes', () => {
    expect(parseWords(`a="b c" 'd e' f\\ g`, '\\')).toEqual(['a="b c"', "'d e'", 'f\\ g']);
  });

  it('do not take an escape character into account inside single quotes', () => {
    expect(parseWords(`'a\\' b`, '\\')).toEqual(["'a\\'", 'b']);
  });

  it('drop an escape character at the very end', () => {
    expect(parseWords('a b\\', '\\')).toEqual(['a', 'b']);
  });
});

describe('ENV and LABEL arguments', () => {
  it('have two forms', () => {
    const one = { pairs: [{ name: 'A', value: '1' }] };
    expect(parseNameValues('A=1', 'ENV', '\\')).toEqual(one);
    expect(parseNameValues('A 1', 'ENV', '\\')).toEqual(one);
    expect(parseNameValues('A  b = c', 'ENV', '\\')).toEqual({ pairs: [{ name: 'A', value: 'b = c' }] });
  });

  it('may be several on a line', () => {
    expect(parseNameValues('A=1 B="2 3" C=', 'ENV', '\\').pairs).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '"2 3"' },
      { name: 'C', value: '' },
    ]);
  });

  it('are refused when a name, a value or everything is missing', () => {
    expect(parseNameValues('', 'ENV', '\\').error).toBe('ENV requires at least one argument');
    expect(parseNameValues('A', 'ENV', '\\').error).toBe('ENV must have two arguments');
    expect(parseNameValues('=1', 'ENV', '\\').error).toBe('ENV names can not be blank');
    expect(parseNameValues('A=1 B', 'ENV', '\\').error).toContain('can\'t find = in "B"');
  });
});

describe('the JSON form', () => {
  it('is a valid array of strings, whatever its blanks', () => {
    expect(parseJsonForm(' [ "a" ,"b c"] ').strings).toEqual(['a', 'b c']);
    expect(parseJsonForm('[]').strings).toEqual([]);
  });

  it('is not taken when anything follows it or the JSON is wrong', () => {
    for (const text of [`["a"] && b`, `['a']`, `["a",]`, '[ -f x ] || y', 'a', '[']) {
      expect(parseJsonForm(text)).toEqual({});
    }
  });

  it('must hold strings only', () => {
    expect(parseJsonForm('["a", 1]').error).toContain('only string type');
  });
});
