import { describe, expect, it } from 'vitest';
import { Environment, splitVariable } from '../../../core/plan/environment';

describe('an ordered environment', () => {
  it('moves a name that is set again to the end, also when its value stays', () => {
    const environment = new Environment();
    for (const [name, value] of [
      ['A', '0'],
      ['C', '2'],
      ['A', '1'],
    ] as const)
      environment.set(name, value);
    expect(environment.list()).toEqual(['C=2', 'A=1']);
    environment.set('C', '2');
    expect(environment.list()).toEqual(['A=1', 'C=2']);
  });

  it('is copied, not shared', () => {
    const one = new Environment();
    one.set('A', '1');
    const two = new Environment(one);
    two.set('B', '2');
    expect(one.list()).toEqual(['A=1']);
    expect(two.has('A')).toBe(true);
  });

  it('splits at the first equals sign', () => {
    expect(splitVariable('A=b=c')).toEqual(['A', 'b=c']);
    expect(splitVariable('A')).toEqual(['A', '']);
  });
});
