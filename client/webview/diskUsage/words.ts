import { formatBytes, type ByteUnits, type DiskBasis } from '../../../core/model';

/** What stands where a number is not known: never 0. */
export const NOT_MEASURED = 'not measured';

// made once: thousands of rows are written with them
const numbers = new Intl.NumberFormat('en');
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Bytes for people. */
export function bytesText(bytes: number | null, units: ByteUnits): string {
  return bytes === null ? NOT_MEASURED : formatBytes(bytes, units);
}

/** Bytes to the byte: `12,345 bytes`. */
export function exactBytes(bytes: number): string {
  return `${numbers.format(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A count with its noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${numbers.format(count)} ${count === 1 ? one : many}`;
}

/** `12 %` of a whole; `< 1 %`. */
export function shareText(part: number, whole: number): string {
  // what is less than nothing (rounding) is no share
  if (whole <= 0 || part < 0) return '';
  const percent = (100 * part) / whole;
  return percent < 1 ? '< 1 %' : `${Math.round(percent)} %`;
}

/** Date and time here; empty for what is not told. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  if (iso === '' || Number.isNaN(time.getTime())) return '';
  return times.format(time);
}

/** How exact a number is, in words. */
export const BASIS_WORDS: Readonly<Record<DiskBasis, string>> = {
  exact: 'exact',
  measured: 'by the engine',
  estimate: 'estimated',
};

/** The start of an id, as engines print it. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
