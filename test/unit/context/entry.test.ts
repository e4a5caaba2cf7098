import { expect, it } from 'vitest';
import { sameState, type Entry } from '../../../core/context/entry';

const entry: Entry = { type: 'file', mode: 0o644, size: 5, mtime: 10, ctime: 20, ino: 3, links: 1 };

it('a state is the same when nothing of it differs', () => {
  expect(sameState(entry, { ...entry })).toBe(true);
});

it.each<Partial<Entry>>([
  { ctime: 20.5 },
  { mtime: 11 },
  { size: 6 },
  { ino: 4 },
  { mode: 0o755 },
  { type: 'symlink' },
  { target: 'x' },
])('a state with %o is another one', (change) => {
  expect(sameState(entry, { ...entry, ...change })).toBe(false);
});
