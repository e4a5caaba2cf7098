import { describe, expect, it } from 'vitest';
import { gitUrlSource } from '../../../core/llb/gitSource';

const COMMIT = 'ab'.repeat(20);

describe('a git repository as a source', () => {
  it.each([
    [`https://h.io:1/o/r.git#${COMMIT}`, false, '', `git://h.io:1/o/r.git#${COMMIT}`],
    [`https://h.io/o/r.git#main`, false, COMMIT, 'git://h.io/o/r.git#main'],
    [`ssh://h.io/o/r#${COMMIT}`, true, '', `git://h.io/o/r#${COMMIT}`],
  ])('%s is a commit', (url, keep, checksum, identifier) => {
    const expected = { kind: 'remote', url: identifier, checksum: COMMIT, filename: keep ? '.git' : '' };
    expect(gitUrlSource(url, keep, checksum)).toEqual(expected);
  });

  it.each([
    ['https://h.io/o/r.git', false, ''],
    ['https://h.io/o/r.git#main', false, ''],
    ['https://h.io/o/r.git#main', true, COMMIT],
    ['https://h.io/o/r.git#main', false, COMMIT.slice(1)],
    [`https://h.io/o/r.git#${COMMIT.slice(1)}`, false, ''],
    [`https://h.io/o/r.git#${COMMIT}:folder`, false, ''],
    [`https://h.io/o/r.git?ref=${COMMIT}`, false, ''],
    [`https://user@h.io/o/r.git#${COMMIT}`, false, ''],
    [`git@h.io:o/r.git#${COMMIT}`, false, ''],
  ])('%s is whatever it is now', (url, keep, checksum) => {
    expect(gitUrlSource(url, keep, checksum).kind).toBe('opaque');
  });
});
