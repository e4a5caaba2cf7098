import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CopyRule, SourceEntry } from '../../core/buildah/contentDigest.js';
import type { NamedSource } from '../../core/node/buildah/summary.js';

/** A path of a source with its content as Base64. */
export type VectorEntry = SourceEntry & { readonly content?: string };

/** A COPY that a real builder was given, and what it wrote into the history. */
export interface CopyVector {
  readonly what: string;
  readonly rule: CopyRule;
  readonly sources: readonly {
    readonly kind: 'file' | 'dir';
    readonly name: string;
    readonly entries: readonly VectorEntry[];
  }[];
  readonly summary: string;
}

export interface MountVector {
  readonly what: string;
  readonly entries: readonly VectorEntry[];
  readonly digest: string;
}

export interface Vectors {
  readonly copies: readonly CopyVector[];
  readonly mounts: readonly MountVector[];
}

/** Larger files are judged with the builder only. */
const MAX_CONTENT = 2000;
const FOLDER = join(import.meta.dirname, '../fixtures/buildah');

export function copyVector(what: string, rule: CopyRule, sources: readonly NamedSource[], summary: string): CopyVector {
  const inodes = new Map<string, string>();
  return {
    what,
    rule,
    sources: sources.map(({ source, name }) => ({
      kind: source.kind,
      name,
      entries: source.entries.map((entry) => {
        const { owner, ...kept } = withContent(entry, source.location, inodes);
        return rule.from === 'stage' && owner !== undefined ? { ...kept, owner } : kept;
      }),
    })),
    summary,
  };
}

export function mountVector(
  what: string,
  location: string,
  entries: readonly SourceEntry[],
  digest: string,
): MountVector {
  const inodes = new Map<string, string>();
  return { what, entries: entries.map((entry) => withContent(entry, location, inodes)), digest };
}

export function writeVectors({ copies, mounts }: Vectors): void {
  mkdirSync(FOLDER, { recursive: true });
  const small = copies.filter(({ sources }) =>
    sources.every(({ entries }) => entries.every(({ size }) => size <= MAX_CONTENT)),
  );
  writeFileSync(join(FOLDER, 'copies.json'), lines(small));
  writeFileSync(join(FOLDER, 'mounts.json'), lines(mounts));
}

/** A line for each, so that differences can be read. */
const lines = (vectors: readonly unknown[]): string =>
  `[\n${vectors.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`;

export function readVectors(): Vectors {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return {
    copies: read('copies.json') as readonly CopyVector[],
    mounts: read('mounts.json') as readonly MountVector[],
  };
}

function withContent(entry: SourceEntry, location: string, inodes: Map<string, string>): VectorEntry {
  const { inode, ...rest } = entry;
  if (inode !== undefined && !inodes.has(inode)) inodes.set(inode, String(inodes.size + 1));
  const known = inode === undefined ? undefined : inodes.get(inode);
  const small = entry.type === 'file' && entry.size <= MAX_CONTENT;
  return {
    ...rest,
    ...(known === undefined ? {} : { inode: known }),
    ...(small ? { content: readFileSync(join(location, entry.path)).toString('base64') } : {}),
  };
}
