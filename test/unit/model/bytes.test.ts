import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../../core/model/bytes';

describe('byte counts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1536, '1.54 kB'],
    [12_345, '12.3 kB'],
    [123_456, '123 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [1_050_000_000, '1.05 GB'],
    [100_000_000, '100 MB'],
    [9_999_999, '10 MB'],
    [3e15, '3 PB'],
    [5e18, '5000 PB'],
    [-1500, '-1.5 kB'],
  ])('%d are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [1000, '1000 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [64 * 1024 * 1024, '64 MiB'],
  ])('%d in powers of 1024 are %s', (bytes, text) => {
    expect(formatBytes(bytes, 'iec')).toBe(text);
  });
});
