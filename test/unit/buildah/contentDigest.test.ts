import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  compareWalked,
  contentSummary,
  copiedFileName,
  directoryArchive,
  fileArchive,
  mountArchive,
  renameFails,
  type Archive,
  type CopyRule,
  type SourceEntry,
} from '../../../core/buildah/contentDigest';
import { sha256 } from '../../../core/node/sha256';
import { readVectors, type VectorEntry } from '../../podman/vectors';

/** What Buildah 1.43.2 wrote of real builds; `test/podman/contentDigest.test.ts` records it. */
const { copies, mounts } = readVectors();
const CONTEXT: CopyRule = { from: 'context' };

function digest(archive: Archive | undefined, entries: readonly VectorEntry[]): string {
  if (archive === undefined) return 'no archive';
  const contents = new Map(entries.map(({ path, content }) => [path, Buffer.from(content ?? '', 'base64')]));
  const hash = createHash('sha256');
  for (const piece of archive) hash.update(piece instanceof Uint8Array ? piece : (contents.get(piece.path) ?? ''));
  return hash.digest('hex');
}

const entry = (path: string, more: Partial<SourceEntry> = {}): SourceEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  size: 0,
  ...more,
});

const bytesOf = (archive: Archive | undefined): Buffer =>
  Buffer.concat([...(archive ?? [])].map((piece) => (piece instanceof Uint8Array ? piece : Buffer.alloc(piece.size))));

/** Names and types in an archive without extended records. */
function listed(archive: Archive | undefined): string[] {
  const bytes = bytesOf(archive);
  const found: string[] = [];
  const text = (at: number, length: number): string => bytes.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; bytes[at] !== 0;) {
    found.push(`${text(at + 156, 1)} ${text(at, 100)}`);
    at += 512 * (1 + Math.ceil(parseInt(text(at + 124, 12), 8) / 512));
  }
  return found;
}

describe('the summary of what Buildah copies', () => {
  for (const { what, rule, sources, summary } of copies) {
    it(`is that of the builder for ${what}`, () => {
      const digests = sources.map(({ kind, name, entries }) => {
        const [only] = entries;
        const archive =
          kind === 'file' && only !== undefined ? fileArchive(only, name, rule) : directoryArchive(entries, rule);
        return { kind, digest: digest(archive, entries) };
      });
      expect(contentSummary(digests, sha256)).toBe(summary);
    });
  }

  it('tells one source from several that are the same', () => {
    const one = { kind: 'file', digest: 'a'.repeat(64) } as const;
    expect(contentSummary([one], sha256)).toBe(`file:${one.digest}`);
    expect(contentSummary([one, one], sha256)).toBe(`multi:${sha256(`file:${one.digest},file:${one.digest}`)}`);
  });
});

describe('the digest of what Buildah mounts', () => {
  for (const { what, entries, digest: noted } of mounts) {
    it(`is that of the builder for ${what}`, () => {
      expect(`sha256:${digest(mountArchive(entries), entries)}`).toBe(noted);
    });
  }

  it('counts the names of owners', () => {
    const owned = (user: string): SourceEntry[] => [entry('', { owner: { uid: 7, gid: 7, user, group: '' } })];
    expect(bytesOf(mountArchive(owned('a')))).not.toEqual(bytesOf(mountArchive(owned('b'))));
  });
});

describe('the archive of a source', () => {
  it('has a hard link for the second name of a file, but only within one source', () => {
    const archive = directoryArchive([entry('a', { inode: '1' }), entry('b', { inode: '1' }), entry('c')], CONTEXT);
    expect(listed(archive)).toEqual(['0 a', '1 b', '0 c']);
    expect(listed(fileArchive(entry('', { inode: '1' }), 'b', CONTEXT))).toEqual(['0 b']);
  });

  it('has the second name of a mounted file as a file', () => {
    const archive = mountArchive([entry('', { type: 'dir' }), entry('a', { inode: '1' }), entry('b', { inode: '1' })]);
    expect(listed(archive)).toEqual(['5 .', '0 a', '0 b']);
  });

  it('leaves out sockets of a folder, and is not there for one alone or below a mount', () => {
    const socket = entry('s', { type: 'socket' });
    expect(listed(directoryArchive([entry('a'), socket], CONTEXT))).toEqual(['0 a']);
    expect(fileArchive(socket, 's', CONTEXT)).toBeUndefined();
    expect(mountArchive([entry('', { type: 'dir' }), socket])).toBeUndefined();
  });

  it('is not there when something could not be looked at', () => {
    expect(directoryArchive([entry('a'), entry('b', { type: 'unreadable' })], CONTEXT)).toBeUndefined();
    expect(directoryArchive([entry('l', { type: 'symlink' })], CONTEXT)).toBeUndefined();
  });

  it('says where contents of files belong, and fills the last block', () => {
    const pieces = [...(directoryArchive([entry('a', { size: 513 })], CONTEXT) ?? [])];
    expect(pieces.map((piece) => (piece instanceof Uint8Array ? piece.length : piece))).toEqual([
      512,
      { path: 'a', size: 513 },
      511,
      1024,
    ]);
  });

  it('does not depend on setuid and owners for files of the context', () => {
    const plain = entry('a', { mode: 0o755, owner: { uid: 0, gid: 0 } });
    const odd = entry('a', { mode: 0o6755, owner: { uid: 5, gid: 6 } });
    const of = (one: SourceEntry, rule: CopyRule): Buffer => bytesOf(directoryArchive([one], rule));
    expect(of(odd, CONTEXT)).toEqual(of(plain, CONTEXT));
    expect(of(odd, { from: 'stage' })).not.toEqual(of(plain, { from: 'stage' }));
    expect(of(odd, { ...CONTEXT, chmod: 0o755 })).toEqual(of(plain, CONTEXT));
  });
});

describe('the name of a single file', () => {
  const how = { isRegular: true, words: 1, workdir: '/' };

  it.each([
    ['/new', 'nothing', how, 'new'],
    ['/old', 'file', how, 'old'],
    ['/folder', 'directory', how, 'a.txt'],
    ['/folder/', 'nothing', how, 'a.txt'],
    ['/folder/.', 'nothing', how, 'a.txt'],
    ['/folder', 'nothing', { ...how, words: 2 }, 'a.txt'],
    ['/work', 'nothing', { ...how, workdir: '/work' }, 'a.txt'],
    ['/work/../work', 'nothing', { ...how, workdir: '/work/' }, 'a.txt'],
    ['/new', 'nothing', { ...how, isRegular: false }, 'a.txt'],
  ] as const)('copied to %s (there: %s)', (destination, at, options, name) => {
    expect(copiedFileName('sub/a.txt', destination, at, options)).toBe(name);
  });

  it('cannot become one that needs an extended record, unless it needed one itself', () => {
    expect(renameFails('sub/a', 'ä')).toBe(true);
    expect(renameFails('ö', 'ä')).toBe(false);
    expect(renameFails('a', 'b'.repeat(100))).toBe(false);
    expect(renameFails('a', 'b'.repeat(101))).toBe(true);
  });
});

describe('the order of a walk', () => {
  it('goes by the bytes of names, a folder before what is in it', () => {
    const walked = ['a', 'a/b', 'a/b/c', 'a-b', 'a.b', 'é', '\uFF5E', '😀'];
    expect([...walked].reverse().sort(compareWalked)).toEqual(walked);
  });
});
