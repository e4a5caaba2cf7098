import { describe, expect, it } from 'vitest';
import { buildkitVersion } from '../../../core/node/engines/versions';

describe('the BuildKit version', () => {
  it.each([
    ['v0.25.2', '28.5.2', '0.25.2'],
    ['0.20.0', '', '0.20.0'],
    ['', '28.5.2', '0.25.2'],
    ['0.0.0+unknown', '28.0.4', '0.20'],
    ['0.0.0', '26.1.3', '0.13'],
    ['', '25.0.0', '0.12'],
    ['', '29.0.1', '0.25.2'],
    ['', '20.10.7', null],
    ['', '', null],
    ['0.0.0', '99.0', null],
  ])('of worker "%s" in engine "%s" is %s', (worker, engine, expected) => {
    expect(buildkitVersion(worker, engine)).toBe(expected);
  });
});
