const STEPS: readonly (readonly [seconds: number, name: string])[] = [
  [31_557_600, 'year'],
  [2_629_800, 'month'],
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** `3 days ago`; for milliseconds that passed. */
export function ageInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  for (const [unit, name] of STEPS) {
    const count = Math.floor(seconds / unit);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}
