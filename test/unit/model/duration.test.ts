import { describe, expect, it } from 'vitest';
import { formatDuration } from '../../../core/model/duration';

describe('durations', () => {
  it.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [40.4, '40 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1234, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [48_200, '48 s'],
    [119_400, '119 s'],
    [125_000, '2 m 5 s'],
    [3_600_000, '60 m 0 s'],
    [7_200_000, '2 h 0 m'],
    [9_000_000, '2 h 30 m'],
  ])('%d ms are %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
