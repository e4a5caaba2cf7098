import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';

/** Runs an act on files and gives a file the time of modification back that it had, to the nanosecond. */
export function keepingTime(path: string, act: () => void): void {
  const reference = `${path}.time`;
  writeFileSync(reference, '');
  // Node's utimes rounds the nanoseconds off
  execFileSync('touch', ['-r', path, reference], { timeout: 10_000 });
  try {
    act();
    execFileSync('touch', ['-r', reference, path], { timeout: 10_000 });
  } finally {
    rmSync(reference);
  }
}
