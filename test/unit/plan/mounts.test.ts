import { describe, expect, it } from 'vitest';
import { expandWord } from '../../../core/dockerfile/expand';
import { mountSource, parseMount } from '../../../core/plan/mounts';

const variables = new Map([['V', 'x']]);
const parse = (text: string) => parseMount(text, (value) => expandWord(value, variables, { escape: '\\' }));
const mount = (text: string) => parse(text).mount;

describe('RUN --mount', () => {
  it('is a read-only bind by default, in any order and with either spelling', () => {
    const expected = { type: 'bind', from: 'b', source: 's', target: '/t', readonly: true };
    expect(mount('from=b,source=s,target=/t')).toMatchObject(expected);
    expect(mount('dst=/t,src=s,from=b,type=bind')).toMatchObject(expected);
    expect(mount('Destination=/t,SOURCE=s,from=b,type=Bind')).toMatchObject(expected);
  });

  it('may be written to when it is a cache or a tmpfs, or when that is asked for', () => {
    expect(mount('type=cache,target=/t')?.readonly).toBe(false);
    expect(mount('type=tmpfs,target=/t')?.readonly).toBe(false);
    for (const option of ['rw', 'readwrite', 'rw=true', 'ro=false', 'readonly=0']) {
      expect(mount(`target=/t,${option}`)?.readonly).toBe(false);
    }
    for (const option of ['ro', 'readonly', 'readonly=1', 'rw=false']) {
      expect(mount(`type=cache,target=/t,${option}`)?.readonly).toBe(true);
    }
  });

  it('expands variables in every value but from', () => {
    expect(mount('type=cache,target=/$V,id=a-${V}')).toMatchObject({ target: '/x', id: 'a-x' });
    expect(parse('from=$V,target=/t').error).toContain("doesn't support variable expansion");
  });

  it('reads sizes', () => {
    const size = (text: string) => mount(`type=tmpfs,target=/t,size=${text}`)?.size;
    expect([size('10'), size('1k'), size('64m'), size('1.5GiB'), size('2g')]).toEqual([
      10, 1024, 67_108_864, 1_610_612_736, 2_147_483_648,
    ]);
  });

  it('reads quoted fields with commas', () => {
    expect(mount('type=bind,"source=a,b",target=/t')?.source).toBe('a,b');
  });

  it.each([
    'type=volume,target=/t',
    'target',
    'target=/t,foo=1',
    'target=/t,ro=maybe',
    'type=tmpfs,target=/t,size=big',
    'type=bind,target=/t,size=1',
    'type=cache,target=/t,sharing=all',
    'type=bind,target=/t,sharing=shared',
    'type=bind,target=/t,uid=1',
    'type=cache,target=/t,required',
    'type=cache,target=/${',
  ])('refuses %s', (text) => {
    expect(parse(text).error).toBeDefined();
  });

  it('names its stage before anything is expanded', () => {
    expect(mountSource('type=$T,from=b,target=/t')).toBe('b');
    expect(mountSource('type=cache,target=/t')).toBe('');
  });
});
