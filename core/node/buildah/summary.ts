import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { NOT_FOLLOWED, NOT_UNPACKED } from '../../buildah/contextCopies';
import { unpackedArchive } from '../../buildah/unpacked';
import {
  contentSummary,
  directoryArchive,
  fileArchive,
  mountArchive,
  type Archive,
  type CopyRule,
  type SourceDigest,
} from '../../buildah/contentDigest';
import { sha256 } from '../sha256';
import { readOwnerNames } from './owners';
import { listMounted, type ListedSource } from './sources';

/** A source and the name that it gets in its archive when it is a file. */
export interface NamedSource {
  readonly source: ListedSource;
  readonly name: string;
}

/**
 * What Buildah writes into the history of a COPY or ADD of these sources. Reads all files. Undefined when a file cannot be read or changed since it was listed.
 */
export async function copySummary(sources: readonly NamedSource[], rule: CopyRule): Promise<string | undefined> {
  const digests: SourceDigest[] = [];
  for (const { source, name } of sources) {
    const [only] = source.entries;
    const archive =
      source.kind === 'dir' || only === undefined
        ? directoryArchive(source.entries, rule)
        : fileArchive(only, name, rule);
    const digest = archive === undefined ? undefined : await archiveDigest(archive, source.location);
    if (digest === undefined) return undefined;
    digests.push({ kind: source.kind, digest });
  }
  return contentSummary(digests, sha256);
}

/**
 * The digest that Buildah adds to the text of a RUN for `--mount=type=bind` of this path, with `sha256:`.
 * Undefined when something of it cannot be read. Rejects only when aborted.
 *
 * @param location absolute path
 */
export async function mountDigest(location: string, signal?: AbortSignal): Promise<string | undefined> {
  const entries = listMounted(location, readOwnerNames());
  const archive = entries === undefined ? undefined : mountArchive(entries);
  const digest = archive === undefined ? undefined : await archiveDigest(archive, location, signal);
  return digest === undefined ? undefined : `sha256:${digest}`;
}

const CHUNK = 1 << 18;
/** A pipe that was put in the place of the file is not waited for. */
const READ = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0);

/** Bytes of an archive that is unpacked, compressed and not. */
const LARGEST_ARCHIVE = 64_000_000;
const LARGEST_UNPACKED = 512_000_000;

/**
 * The digest of what is in an archive, or what stands in its place; blocks while it unpacks. Undefined when it cannot be
 * read. Rejects only when aborted.
 */
export async function unpackedDigest(location: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    if (statSync(location).size > LARGEST_ARCHIVE) return NOT_FOLLOWED;
    const bytes = readFileSync(location);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? gunzipped(bytes) : bytes;
    const archive = plain === undefined ? undefined : unpackedArchive(plain);
    if (archive === 'no archive') return isGzip || !isCompressed(bytes) ? NOT_UNPACKED : NOT_FOLLOWED;
    return archive === undefined ? NOT_FOLLOWED : ((await archiveDigest(archive, location, signal)) ?? NOT_FOLLOWED);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function gunzipped(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_UNPACKED });
  } catch {
    return undefined; // damaged, or too large: what the builder makes of it is not known
  }
}

/** bzip2, xz and zstd are not followed. */
function isCompressed(bytes: Buffer): boolean {
  return ['425a68', 'fd377a', '28b52f'].includes(bytes.subarray(0, 3).toString('hex'));
}

/** Pieces after which others get a turn, and the bytes of files that count as many pieces. */
const TURN = 500;
const BYTES_OF_PIECE = 20_000;

/**
 * The SHA-256 of an archive, as hexadecimal, with turns for others in between. Undefined when a file has not the size any
 * more that its header says. Rejects only when aborted.
 *
 * @param location what the paths of the files are below
 */
export async function archiveDigest(
  archive: Archive,
  location: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  let pieces = 0;
  for (const piece of archive) {
    if (piece instanceof Uint8Array) hash.update(piece);
    else if (!addFile(hash, join(location, piece.path), piece.size, buffer)) return undefined;
    pieces += piece instanceof Uint8Array ? 1 : piece.size / BYTES_OF_PIECE;
    if (pieces < TURN) continue;
    pieces = 0;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }
  return hash.digest('hex');
}

function addFile(hash: Hash, path: string, size: number, buffer: Buffer): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, READ);
  } catch {
    return false;
  }
  try {
    if (!fstatSync(descriptor).isFile()) return false;
    for (let total = 0; ;) {
      const length = readSync(descriptor, buffer, 0, CHUNK, null);
      if (length === 0) return total === size;
      total += length;
      if (total > size) return false;
      hash.update(buffer.subarray(0, length));
    }
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}
