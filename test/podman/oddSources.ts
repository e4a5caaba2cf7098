import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AtDestination, CopyRule } from '../../core/buildah/contentDigest.js';

/** A COPY of this suite: its words, and what it takes in the order of the builder. */
export interface CopyCase {
  readonly what: string;
  readonly flags?: string;
  /** As they stand in the instruction; default: the paths. */
  readonly words?: readonly string[];
  readonly paths: readonly string[];
  /** Default: a folder of its own. */
  readonly destination?: string;
  readonly at?: AtDestination;
  readonly workdir?: string;
  readonly rule?: Partial<CopyRule>;
  /** Paths of the context that the ignore file leaves out; `below`: the folder itself, not all that is in it. */
  readonly ignored?: Readonly<Record<string, false | 'below'>>;
}

const LONG = 'l'.repeat(120);
const LONGER = 'm'.repeat(150);
/** Long as a whole, but fits into the two fields for names. */
const SPLIT = `${'s'.repeat(60)}/${'t'.repeat(70)}`;

/** Everything that files can be and a header of an archive has to say. */
export function writeOddContext(context: string): void {
  const write = (path: string, content = `${path}\n`, mode = 0o644): void => {
    const absolute = join(context, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    chmodSync(absolute, mode); // whatever the umask is
  };
  const folder = (path: string, mode = 0o755): void => {
    mkdirSync(join(context, path), { recursive: true });
    chmodSync(join(context, path), mode);
  };
  const link = (path: string, target: string): void => {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    symlinkSync(target, join(context, path));
  };
  for (const path of ['a.txt', 'b.txt', 'c.md', 'tree/one', 'tree/sub/two', 'tree/sub.x', 'tree/sub-x/three'])
    write(path);
  write('empty', '');
  write('block', 'x'.repeat(512));
  write('larger', 'y'.repeat(1500));
  write('megabytes', 'z'.repeat(3_000_001));
  write('secret', 'mode 000\n', 0o000);
  write('setuid', 'suid\n', 0o4755);
  write('setgid', 'sgid\n', 0o2755);
  write('sticky', 'sticky\n', 0o1644);
  folder('modes/nothing');
  folder('modes/sticky', 0o1777);
  folder('modes/sgid', 0o2775);
  write('modes/all', 'all\n', 0o7777);
  folder('nothing');
  write(`long/${LONG}`);
  write(`long/${LONGER}`);
  write(`long/${SPLIT}/deep`);
  write(`long/${SPLIT}/ünï`);
  folder(`long/${LONG}.d/${LONGER}`);
  for (const path of ['unicode/naïve', 'unicode/日本語/😀', 'unicode/\uFF5E', 'unicode/plain', 'blanks/a b  c'])
    write(path);
  // Where a name is cut after 100 bytes there is a `/`, or two when a name without ASCII is left out.
  for (const length of [98, 99, 100, 101]) write(`cut/${'e'.repeat(length - 10)}/é/${'f'.repeat(120)}`);
  for (const length of [99, 100, 101]) folder(`edge/${'d'.repeat(length)}`);
  for (const length of [99, 100, 101, 155, 156, 157]) write(`edge/${'p'.repeat(length)}/q`);
  write('links/target');
  link('links/relative', 'target');
  link('links/up', '../a.txt');
  link('links/absolute', '/a.txt');
  link('links/dangling', 'nowhere');
  link('links/outside', '../../../etc/passwd');
  link('links/folder', '../tree');
  link('links/long', `x/${LONGER}`);
  link('links/ünï', 'zïel');
  link('to-file', 'links/target');
  link('to-absolute', '/links/target');
  link('to-folder', 'tree');
  link('to-link', 'to-file');
  write('hard/b');
  linkSync(join(context, 'hard/b'), join(context, 'hard/c'));
  linkSync(join(context, 'hard/b'), join(context, 'hard/a'));
  folder('hard/sub');
  linkSync(join(context, 'hard/b'), join(context, 'hard/sub/d'));
  write('elsewhere/x', 'linked\n');
  linkSync(join(context, 'elsewhere/x'), join(context, 'elsewhere-x'));
  folder('special');
  execFileSync('mkfifo', ['-m', '640', join(context, 'special/pipe')]);
  execFileSync('mknod', ['-m', '600', join(context, 'special/null'), 'c', '1', '3']);
  execFileSync('mknod', ['-m', '600', join(context, 'special/disk'), 'b', '259', '70000']);
  folder('owned');
  write('owned/by-number', 'n\n');
  chownSync(join(context, 'owned/by-number'), 12345, 54321);
  write('owned/by-large-number', 'l\n', 0o6755);
  chownSync(join(context, 'owned/by-large-number'), 3_000_000, 2_097_151);
  write('part/left', 'l\n');
  write('part/kept/in', 'k\n');
  write('hidden/seen', 's\n');
  write('hidden/other', 'o\n');
}

export const IGNORE_FILE = ['part/left', 'hidden', '!hidden/seen', 'Dockerfile*', '.containerignore'].join('\n');

export const COPIES: readonly CopyCase[] = [
  { what: 'a file into a folder', paths: ['a.txt'] },
  { what: 'a file to a new name', paths: ['a.txt'], destination: '/new/name.txt', at: 'nothing' },
  { what: 'a file over a file', paths: ['b.txt'], destination: '/new/name.txt', at: 'file' },
  { what: 'a file to the name of a folder that is there', paths: ['b.txt'], destination: '/new', at: 'directory' },
  {
    what: 'a file to the working directory, not written as a folder',
    paths: ['a.txt'],
    words: ['./a.txt'],
    destination: '/work',
    workdir: '/work',
    at: 'nothing',
  },
  { what: 'two files', paths: ['b.txt', 'a.txt'] },
  { what: 'a file and a folder', paths: ['a.txt', 'tree'] },
  {
    what: 'a wildcard with one match to a new name',
    words: ['*.md'],
    paths: ['c.md'],
    destination: '/one-match',
    at: 'nothing',
  },
  {
    what: 'a wildcard with two matches to a new name',
    words: ['*.txt'],
    paths: ['a.txt', 'b.txt'],
    destination: '/two-matches',
    at: 'nothing',
  },
  { what: 'a wildcard into a folder', words: ['[ab].txt'], paths: ['a.txt', 'b.txt'] },
  { what: 'a wildcard with folders', words: ['tree/s*'], paths: ['tree/sub', 'tree/sub-x', 'tree/sub.x'] },
  { what: 'an empty file', paths: ['empty'] },
  { what: 'a file of one block', paths: ['block'] },
  { what: 'a file of some blocks', paths: ['larger'] },
  { what: 'a file of some megabytes', paths: ['megabytes'] },
  { what: 'a file that nobody may read', paths: ['secret'] },
  { what: 'a file with setuid', paths: ['setuid'] },
  { what: 'a file with setgid', paths: ['setgid'] },
  { what: 'a file with the sticky bit', paths: ['sticky'] },
  { what: 'a folder', paths: ['tree'] },
  { what: 'a folder with odd modes', paths: ['modes'] },
  { what: 'an empty folder', paths: ['nothing'] },
  { what: 'long names', paths: ['long'] },
  { what: 'a file with a long name', paths: [`long/${LONGER}`] },
  { what: 'a file with a long name, renamed', paths: [`long/${LONGER}`], destination: '/short', at: 'nothing' },
  { what: 'names that are not ASCII', paths: ['unicode'] },
  { what: 'a file whose name is not ASCII', paths: ['unicode/naïve'] },
  { what: 'names with blanks', paths: ['blanks'] },
  { what: 'names that are cut at a slash', paths: ['cut'] },
  { what: 'names about as long as the field', paths: ['edge'] },
  { what: 'a folder with links', paths: ['links'] },
  { what: 'a link to a file', paths: ['to-file'] },
  { what: 'a link to a file, renamed', paths: ['to-file'], destination: '/renamed', at: 'nothing' },
  { what: 'a link to a link', paths: ['to-link'] },
  { what: 'an absolute link to a file', paths: ['to-absolute'] },
  { what: 'a link to a folder', paths: ['to-folder'] },
  { what: 'a folder with hard links', paths: ['hard'] },
  { what: 'a hard link to a file elsewhere', paths: ['elsewhere'] },
  { what: 'both names of a file with two', paths: ['elsewhere/x', 'elsewhere-x'] },
  { what: 'pipes and devices', paths: ['special'] },
  { what: 'a pipe alone', paths: ['special/pipe'], destination: '/pipe', at: 'nothing' },
  { what: 'files of others', paths: ['owned'] },
  { what: 'files for others', flags: '--chown=7:8', paths: ['tree'], rule: { owner: { uid: 7, gid: 8 } } },
  { what: 'files for root', flags: '--chown=0:0', paths: ['tree'], rule: { owner: { uid: 0, gid: 0 } } },
  {
    what: 'files for one with a large number',
    flags: '--chown=3000000:3',
    paths: ['tree'],
    rule: { owner: { uid: 3_000_000, gid: 3 } },
  },
  { what: 'files with a mode', flags: '--chmod=600', paths: ['tree'], rule: { chmod: 0o600 } },
  { what: 'files with a mode with setuid', flags: '--chmod=4755', paths: ['tree'], rule: { chmod: 0o4755 } },
  { what: 'links with a mode', flags: '--chmod=700', paths: ['links'], rule: { chmod: 0o700 } },
  {
    what: 'hard links, pipes and devices with a mode and an owner',
    flags: '--chmod=640 --chown=5',
    paths: ['hard', 'special'],
    rule: { chmod: 0o640, owner: { uid: 5, gid: 5 } },
  },
  { what: 'a folder without what is ignored', paths: ['part'], ignored: { 'part/left': false } },
  {
    what: 'what is not ignored of an ignored folder',
    paths: ['hidden'],
    ignored: { hidden: 'below', 'hidden/other': false },
  },
  { what: 'ADD of a file', flags: 'ADD', paths: ['a.txt'] },
];

/** Of another build context, which counts like a stage. */
export const FROM_OTHER: readonly CopyCase[] = [
  { what: 'a file with setuid of a stage', paths: ['setuid'], rule: { from: 'stage' } },
  { what: 'a folder with odd modes of a stage', paths: ['modes'], rule: { from: 'stage' } },
  { what: 'files of others of a stage', paths: ['owned'], rule: { from: 'stage' } },
  {
    what: 'files of others of a stage, for one',
    flags: '--chown=1:2',
    paths: ['owned'],
    rule: { from: 'stage', owner: { uid: 1, gid: 2 } },
  },
  { what: 'hard links of a stage', paths: ['hard'], rule: { from: 'stage' } },
];

/** Sources of `RUN --mount=type=bind`. */
export const MOUNTS: readonly { readonly what: string; readonly path: string }[] = [
  { what: 'a folder', path: 'tree' },
  { what: 'a file', path: 'a.txt' },
  { what: 'odd modes', path: 'modes' },
  { what: 'links', path: 'links' },
  { what: 'hard links', path: 'hard' },
  { what: 'files of others', path: 'owned' },
  { what: 'long names', path: 'long' },
  { what: 'names that are not ASCII', path: 'unicode' },
  { what: 'an ignored folder', path: 'hidden' },
  { what: 'a folder of which something is ignored', path: 'part' },
  { what: 'an empty folder', path: 'nothing' },
];
