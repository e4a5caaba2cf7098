/** `si`: powers of 1000, as docker prints; `iec`: powers of 1024. */
export type ByteUnits = 'si' | 'iec';

const SI = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/**
 * Bytes as people read them: three significant digits, as `docker images` prints them.
 * The only formatter of byte counts in the project.
 */
export function formatBytes(bytes: number, units: ByteUnits = 'si'): string {
  const base = units === 'si' ? 1000 : 1024;
  const names = units === 'si' ? SI : IEC;
  let value = Math.abs(bytes);
  let index = 0;
  // 999.5 would round up to a four-digit 1000
  while (index < names.length - 1 && value >= (index === 0 ? base : 999.5)) {
    value /= base;
    index++;
  }
  const text = index === 0 ? String(value) : threeDigits(value);
  return `${bytes < 0 ? '-' : ''}${text} ${names[index] ?? ''}`;
}

function threeDigits(value: number): string {
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
