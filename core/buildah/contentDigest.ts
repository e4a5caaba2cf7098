import { base, clean } from '../context/goPath';
import { utf8 } from '../llb/utf8';
import { fitsHeader, TAR_END, tarHeaderOf, tarPadding, type Device, type TarEntry } from './tar';

/** Numbers of a user and a group, and their names where these count. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
}

/** One path of a source, as the file system describes it without following links. */
export interface SourceEntry {
  /** Below the source, with `/`; empty for the source itself. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'fifo' | 'socket' | 'device' | 'unreadable';
  /** Permission bits with setuid, setgid and sticky: 07777. */
  readonly mode: number;
  /** Bytes of a regular file. */
  readonly size: number;
  /** Text of a symbolic link. */
  readonly target?: string;
  /** Names the file among those with several names: equal for names of the same file. */
  readonly inode?: string;
  /** Counts only for what is mounted, and for what is copied from a stage or an image. */
  readonly owner?: Owner;
  readonly device?: Device & { readonly kind: 'char' | 'block' };
}

/** What a COPY or ADD makes of its sources. */
export interface CopyRule {
  /** From another stage or an image setuid, setgid and owners are kept. */
  readonly from: 'context' | 'stage';
  /** The numbers of `--chown`. */
  readonly owner?: Owner | undefined;
  /** The number of `--chmod`. Counts for links and pipes as well. */
  readonly chmod?: number | undefined;
}

/** The content of a file, by its path below the source, in the middle of an archive. It has to have exactly this size. */
export interface FileContent {
  readonly path: string;
  readonly size: number;
}

/** An archive, piece by piece, to be digested by who can read the files. */
export type Archive = Iterable<Uint8Array | FileContent>;

const SET_IDS = 0o6000;
const ROOT: Owner = { uid: 0, gid: 0 };

/**
 * What Buildah digests for a source that is a single file (buildah copier/copier.go copierHandlerGetOne, add.go
 * performCopy). Undefined for what it cannot copy.
 *
 * @param source what the source is, after links were followed
 * @param name see {@link copiedFileName}
 */
export function fileArchive(source: SourceEntry, name: string, rule: CopyRule): Archive | undefined {
  const entry = copiedEntry(source, name, rule);
  return entry === undefined || entry.type === 'dir' ? undefined : archiveOf([{ entry, path: source.path }]);
}

/**
 * What Buildah digests for a source that is a directory: all that is below it, not the directory itself (buildah
 * copier/copier.go copierHandlerGet). Undefined when a path cannot be copied or looked at.
 * With `--parents` the same is made of the source, whatever it is, and the folders above it, with the paths that they keep.
 *
 * @param below what is taken of it in the order of {@link compareWalked}
 */
export function directoryArchive(below: readonly SourceEntry[], rule: CopyRule): Archive | undefined {
  const entries: Placed[] = [];
  /** The first name of each file with several. */
  const names = new Map<string, string>();
  for (const source of below) {
    if (source.type === 'socket') continue; // buildah skips it with a warning
    const entry = copiedEntry(source, source.path, rule);
    if (entry === undefined) return undefined;
    const first = source.inode === undefined ? undefined : names.get(source.inode);
    if (entry.type === 'file' && source.inode !== undefined && first === undefined)
      names.set(source.inode, source.path);
    const linked = entry.type === 'file' && first !== undefined;
    entries.push({
      entry: linked ? { ...entry, type: 'hardlink', size: 0, link: first } : entry,
      path: source.path,
    });
  }
  return archiveOf(entries);
}

/**
 * What Buildah digests for `RUN --mount=type=bind` from the build context, whatever the ignore file says (buildah
 * imagebuildah/util.go generatePathChecksum). Nothing of it is changed: owners count with their names, a file with
 * several names counts several times, and names of directories do not end with `/`. Undefined for a socket, on which
 * the build fails, and for what cannot be looked at.
 *
 * @param entries the source itself (a link is not followed) and all that is below it, in the order of {@link compareWalked}
 */
export function mountArchive(entries: readonly SourceEntry[]): Archive | undefined {
  const placed: Placed[] = [];
  for (const source of entries) {
    const entry = plainEntry(source, source.path === '' ? '.' : source.path, source.owner ?? ROOT);
    if (entry === undefined) return undefined;
    placed.push({ entry, path: source.path });
  }
  return archiveOf(placed);
}

interface Placed {
  readonly entry: TarEntry;
  readonly path: string;
}

function* archiveOf(entries: readonly Placed[]): Archive {
  for (const { entry, path } of entries) {
    yield tarHeaderOf(entry);
    if (entry.type !== 'file') continue;
    yield { path, size: entry.size };
    yield tarPadding(entry.size);
  }
  yield TAR_END;
}

function copiedEntry(source: SourceEntry, name: string, { from, owner, chmod }: CopyRule): TarEntry | undefined {
  const own = from === 'context' ? ROOT : (source.owner ?? ROOT);
  const entry = plainEntry(source, source.type === 'dir' ? `${name}/` : name, {
    uid: (owner ?? own).uid,
    gid: (owner ?? own).gid,
  });
  const kept = from === 'context' ? source.mode & ~SET_IDS : source.mode;
  return entry === undefined ? undefined : { ...entry, mode: chmod ?? kept };
}

/** Go archive/tar common.go FileInfoHeader; it knows no sockets. */
function plainEntry(source: SourceEntry, name: string, owner: Owner): TarEntry | undefined {
  const { mode } = source;
  const common = { name, mode, size: 0, ...owner };
  switch (source.type) {
    case 'file':
      return { ...common, type: 'file', size: source.size };
    case 'symlink':
      return source.target === undefined ? undefined : { ...common, type: 'symlink', link: source.target };
    case 'dir':
    case 'fifo':
      return { ...common, type: source.type };
    case 'device':
      return source.device === undefined ? undefined : { ...common, type: source.device.kind, device: source.device };
    case 'socket':
    case 'unreadable':
      return undefined;
  }
}

/** What is at the destination of a COPY before it, links followed. */
export type AtDestination = 'nothing' | 'file' | 'directory';

/**
 * The name that a single file has in its archive: that of the destination, when the file gets that very name, else its
 * own (buildah add.go Add). Where there is more than one match of a wildcard, the first one decides for all.
 *
 * @param source as it matched, links not followed
 * @param destination absolute; ends with `/` where it does in the Dockerfile
 * @param isRegular whether the (first) source is a regular file after links were followed
 * @param words sources of the instruction
 * @param workdir the working directory
 */
export function copiedFileName(
  source: string,
  destination: string,
  at: AtDestination,
  { isRegular, words, workdir }: { isRegular: boolean; words: number; workdir: string },
): string {
  const renamed = base(destination);
  if (at === 'file') return renamed;
  const isFolder = /\/\.?$/.test(destination) || words > 1 || clean(destination) === clean(workdir);
  return at === 'nothing' && !isFolder && isRegular ? renamed : base(source);
}

/**
 * Buildah cannot give a file a name that needs an extended record when its own name needed none: the build fails with
 * "Format specifies USTAR" (buildah digester.go newTarFilterer keeps the format that it read).
 *
 * @param source the file's own name
 * @param name see {@link copiedFileName}
 */
export function renameFails(source: string, name: string): boolean {
  return fitsHeader(base(source)) && !fitsHeader(name);
}

/** The digest of one source. */
export interface SourceDigest {
  readonly kind: 'file' | 'dir';
  /** As hexadecimal. */
  readonly digest: string;
}

/**
 * The text that describes what was copied, as it stands in the history (buildah digester.go CompositeDigester.Digest).
 *
 * @param sources in order, matches of a wildcard sorted by their bytes; a link has the kind of what it leads to
 */
export function contentSummary(sources: readonly SourceDigest[], sha256: (data: Uint8Array) => string): string {
  const texts = sources.map(({ kind, digest }) => `${kind}:${digest}`);
  return texts.length === 1 ? texts.join('') : `multi:${sha256(Uint8Array.from(utf8(texts.join(','))))}`;
}

/** The order in which Go walks through a directory: that of the bytes of names, a directory before what is in it. */
export function compareWalked(a: string, b: string): number {
  const as = a.split('/');
  const bs = b.split('/');
  for (let index = 0; index < Math.min(as.length, bs.length); index++) {
    const order = compareBytes(as[index] ?? '', bs[index] ?? '');
    if (order !== 0) return order;
  }
  return as.length - bs.length;
}

/** The order of texts by their UTF-8, which is that of code points. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const as = [...a];
  const bs = [...b];
  for (let index = 0; index < Math.min(as.length, bs.length); index++) {
    const order = (as[index]?.codePointAt(0) ?? 0) - (bs[index]?.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return as.length - bs.length;
}
