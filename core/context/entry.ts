/** What a path of the build context is. `unreadable`: it is there, but could not be looked at. */
export type EntryType = 'file' | 'dir' | 'symlink' | 'fifo' | 'socket' | 'device' | 'unreadable';

/** One path of the build context as the file system describes it. */
export interface Entry {
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 07777. */
  readonly mode: number;
  /** Bytes of a regular file, or of the target text of a link; else 0. */
  readonly size: number;
  /** Milliseconds since the epoch, with fraction. */
  readonly mtime: number;
  /** Last change of content, mode, owner, links or name: milliseconds since the epoch, with fraction. */
  readonly ctime: number;
  readonly ino: number;
  /** How many names the inode has. */
  readonly links: number;
  /** Target text of a symbolic link. */
  readonly target?: string;
}

/** A state that a path had, and until when it was seen to have it. */
export interface Version extends Entry {
  /** Milliseconds since the epoch of the last look that found this state. */
  readonly seenTo: number;
  /** SHA-256 of a file's content, when it was read while it had this state. */
  readonly digest?: string;
  /** Names in a directory, when they were read while it had this state. */
  readonly names?: readonly string[];
}

/**
 * Time stamps are a timer tick: two changes within one tick cannot be told apart, and a time stamp may be this much
 * earlier than the change. Milliseconds.
 */
export const TICK = 20;

/** Is this still the same state? Everything that a change cannot leave alone is compared. */
export function sameState(a: Entry, b: Entry): boolean {
  return (
    a.ctime === b.ctime &&
    a.mtime === b.mtime &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.mode === b.mode &&
    a.type === b.type &&
    a.target === b.target
  );
}
