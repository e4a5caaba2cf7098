/** A time as engines write it, to the nanosecond; 0 for what is no time. */
export function nanoseconds(time: string): bigint {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) return 0n;
  const fraction = (/\.(\d+)/.exec(time)?.[1] ?? '').slice(0, 9).padEnd(9, '0');
  return BigInt(Math.floor(milliseconds / 1000)) * 1_000_000_000n + BigInt(fraction);
}
