import { describe, expect, it } from 'vitest';
import { readFlags } from '../../../core/dockerfile/flags';

const known = { from: 'string', link: 'boolean', exclude: 'strings' } as const;

describe('flags', () => {
  it('are read by their kind', () => {
    expect(readFlags(['--exclude=a', '--link', '--from=x=y', '--exclude=b'], known)).toEqual({
      strings: { from: 'x=y' },
      lists: { exclude: ['a', 'b'] },
      booleans: { link: true },
    });
  });

  it('take true and false in any case', () => {
    expect(readFlags(['--link=TRUE'], known).booleans).toEqual({ link: true });
    expect(readFlags(['--link=False'], known).booleans).toEqual({ link: false });
  });

  it.each([
    [['--form=x'], 'unknown flag: --form'],
    [['--constructor=x'], 'unknown flag: --constructor'],
    [['--FROM=x'], 'unknown flag: --FROM'],
    [['--from=a', '--from=b'], 'duplicate flag specified: --from'],
    [['--from'], 'missing a value on flag: --from'],
    [['--link='], 'missing a value on flag: --link'],
    [['--link=yes'], 'expecting boolean value for flag --link, not: yes'],
  ])('refuse %j', (flags, error) => {
    expect(readFlags(flags, known).error).toBe(error);
  });

  it('may have an empty value', () => {
    expect(readFlags(['--from='], known)).toEqual({ strings: { from: '' }, lists: {}, booleans: {} });
  });
});
