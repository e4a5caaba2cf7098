import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { keptEntries } from '../../ledger/accuracy';
import type { KeptBuild } from '../../ledger/keptBuild';
import type { KeptChain } from '../../ledger/keptChain';
import type { LedgerEntry, NotedPrediction } from '../../ledger/ledger';
import type { NotedChain } from '../../ledger/notedChain';
import { asArray } from '../../llb/decode';
import type { BuilderKind } from '../../model';
import { sha256 } from '../sha256';
import { JsonFile } from './jsonFile';
import { replaceFile, whileLocked } from './sharedFile';

/** Rises with every change of the formats: files of another version count as absent. */
const VERSION = 1;
/**
 * The same for what is kept of builds whose images are their cache, and of predictions for them: since 2 with what their
 * steps are made of. What an older version wrote lacks only that, and is read.
 */
const CHAIN_VERSION = 2;
/** Predictions of one build context that wait for their build. */
const MAX_PENDING = 10;
/** Bytes of what is kept of builds, unless the user says another number. */
const DEFAULT_LIMIT = 50_000_000;
const SUFFIX = '.json.gz';

/** Builds of one Dockerfile. */
export interface ChainScope {
  readonly builder: BuilderKind;
  /** The id of the engine; empty where it has none. */
  readonly engine: string;
  /** Real absolute path. */
  readonly context: string;
  /** Absolute path. */
  readonly dockerfile: string;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * The ledger in the state folder, shared by editor and command line: what was predicted, what builds then did, and what
 * their contexts were. No contents, no values of arguments.
 *
 * `record.json` has the results, `pending/` predictions whose build did not come yet (`chains/` those for builders whose
 * images are their cache), `builds/` one file for each build.
 */
export class LedgerStore {
  private readonly record: JsonFile;
  private readonly limitFile: JsonFile;
  private readonly pendingFolder: string;
  private readonly chainsFolder: string;
  private readonly buildsFolder: string;

  constructor(stateFolder: string) {
    const folder = join(stateFolder, 'ledger');
    this.record = new JsonFile(join(folder, 'record.json'), VERSION);
    this.limitFile = new JsonFile(join(folder, 'limit.json'), VERSION);
    this.pendingFolder = join(folder, 'pending');
    this.chainsFolder = join(folder, 'chains');
    this.buildsFolder = join(folder, 'builds');
  }

  /** What builds said of the predictions for them. */
  async entries(): Promise<readonly LedgerEntry[]> {
    return readEntries(await this.record.read());
  }

  /** Adds results; of one build that several saw, the result that judged more stays. Returns all there are then. */
  async add(entries: readonly LedgerEntry[]): Promise<readonly LedgerEntry[]> {
    let all: readonly LedgerEntry[] = entries;
    const known = await this.entries();
    await this.record.write((theirs) => {
      const byRef = new Map<string, LedgerEntry>();
      for (const entry of [...known, ...readEntries(theirs), ...entries]) {
        const other = byRef.get(entry.ref);
        if (other === undefined || judgedIn(entry) > judgedIn(other)) byRef.set(entry.ref, entry);
      }
      return (all = keptEntries([...byRef.values()]));
    });
    return all;
  }

  /** Remembers a prediction until its build was seen; the newest of each context are kept. */
  notePending(noted: NotedPrediction): Promise<void> {
    return addPending(folderOf(this.pendingFolder, noted.context), noted, VERSION);
  }

  /** The predictions of a build context that are waiting. */
  async pending(context: string): Promise<readonly NotedPrediction[]> {
    return (await readAll(folderOf(this.pendingFolder, context))).filter(isNoted);
  }

  /** The same as {@link notePending} for a builder whose images are its cache. */
  notePendingChain(noted: NotedChain): Promise<void> {
    return addPending(folderOf(this.chainsFolder, noted.context), noted, CHAIN_VERSION);
  }

  /** The predictions of a build context that are waiting, for builders whose images are their cache. */
  async pendingChains(context: string): Promise<readonly NotedChain[]> {
    return (await readAll(folderOf(this.chainsFolder, context))).filter(isNotedChain);
  }

  /** The builds of which something is kept. */
  async keptRefs(): Promise<ReadonlySet<string>> {
    return new Set((await list(this.buildsFolder)).map((name) => name.slice(0, -SUFFIX.length)));
  }

  /** Is something kept of a build? `kept` is what {@link keptRefs} gave. */
  isKept(ref: string, kept: ReadonlySet<string>): boolean {
    return kept.has(nameOf(ref));
  }

  /** What is kept of a build; undefined when it is nothing, or broken. */
  async kept(ref: string): Promise<KeptBuild | undefined> {
    const read = await readPacked(join(this.buildsFolder, `${nameOf(ref)}${SUFFIX}`));
    return isKeptBuild(read) && read.build.ref === ref ? read : undefined;
  }

  /** What is kept of a build whose images were its cache; the ref may be only the beginning of one. */
  async keptChain(ref: string): Promise<KeptChain | undefined> {
    if (ref === '') return undefined;
    const names = (await list(this.buildsFolder)).filter((name) => name.startsWith(ref));
    const read = (await Promise.all(names.map((name) => readPacked(join(this.buildsFolder, name))))).filter(
      isKeptChain,
    );
    return read.length === 1 ? read[0] : undefined;
  }

  /** What is kept of builds of one Dockerfile and builder whose images were their cache. */
  async keptChains({ builder, engine, context, dockerfile }: ChainScope): Promise<readonly KeptChain[]> {
    const refs = (await this.entries())
      .filter((entry) => entry.dockerfile === dockerfile && isOfBuilder(entry, builder))
      .map(({ ref }) => ref);
    const read = await Promise.all(refs.map((ref) => readPacked(join(this.buildsFolder, `${nameOf(ref)}${SUFFIX}`))));
    return read
      .filter(isKeptChain)
      .filter(({ noted }) => noted.builder.kind === builder && noted.engine === engine && noted.context === context);
  }

  /** Keeps what is known of a build; the oldest ones go where there is no more room. */
  keep(kept: KeptBuild): Promise<void> {
    return this.keepAs(kept.build.ref, kept, VERSION);
  }

  /** The same for a build whose images were its cache. */
  keepChain(kept: KeptChain): Promise<void> {
    return this.keepAs(kept.ref, kept, CHAIN_VERSION);
  }

  private async keepAs(ref: string, kept: KeptBuild | KeptChain, version: number): Promise<void> {
    const limit = await this.limit();
    const path = join(this.buildsFolder, `${nameOf(ref)}${SUFFIX}`);
    if (limit <= 0) return;
    await whileLocked(join(this.buildsFolder, '.all'), async () => {
      await writePacked(path, kept, version);
      await this.shrink(limit);
    });
  }

  /** Most bytes that are kept of builds. */
  async limit(): Promise<number> {
    const value = await this.limitFile.read();
    return typeof value === 'number' && value >= 0 ? value : DEFAULT_LIMIT;
  }

  /** Says how many bytes may be kept of builds; what is more goes at once. */
  async setLimit(bytes: number): Promise<void> {
    if ((await this.limit()) === bytes) return;
    await this.limitFile.write(() => bytes);
    if ((await list(this.buildsFolder)).length === 0) return;
    await whileLocked(join(this.buildsFolder, '.all'), () => this.shrink(bytes));
  }

  /** To be called with the lock. */
  private async shrink(limit: number): Promise<void> {
    const files = await Promise.all(
      (await list(this.buildsFolder)).map(async (name) => {
        const path = join(this.buildsFolder, name);
        const { size, mtimeMs } = await stat(path);
        return { path, size, mtimeMs };
      }),
    );
    files.sort((a, b) => b.mtimeMs - a.mtimeMs);
    let bytes = 0;
    for (const { path, size } of files) {
      bytes += size;
      if (bytes > limit) await rm(path, { force: true });
    }
  }
}

/** Also of one that was not judged in anything: its file says of which builder it is. */
function isOfBuilder({ classes }: LedgerEntry, builder: BuilderKind): boolean {
  const names = Object.keys(classes);
  return names.length === 0 || names.some((name) => name.startsWith(`${builder} `));
}

/** Names of files; refs of builds are words, but that is for others to decide. */
function nameOf(ref: string): string {
  return /^[A-Za-z0-9]{1,64}$/.test(ref) ? ref : sha256(ref).slice(0, 32);
}

/** The folder of a build context. */
function folderOf(folder: string, context: string): string {
  return join(folder, sha256(context).slice(0, 16));
}

/** Adds a prediction that waits for its build; only the newest stay. */
async function addPending(folder: string, noted: { readonly madeAt: number }, version: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // names in the order of their times
    const name = `${String(noted.madeAt).padStart(16, '0')}-${randomUUID().slice(0, 8)}${SUFFIX}`;
    await writePacked(join(folder, name), noted, version);
    const names = (await list(folder)).sort();
    await Promise.all(names.slice(0, -MAX_PENDING).map((old) => rm(join(folder, old), { force: true })));
  } catch {
    // a full or read-only disk must not stop a prediction
  }
}

async function readAll(folder: string): Promise<unknown[]> {
  return Promise.all((await list(folder)).map((name) => readPacked(join(folder, name))));
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  } catch {
    return [];
  }
}

async function writePacked(path: string, value: unknown, version: number): Promise<void> {
  await replaceFile(path, await compress(JSON.stringify({ version, value })));
}

async function readPacked(path: string): Promise<unknown> {
  try {
    const json: unknown = JSON.parse((await decompress(await readFile(path))).toString('utf8'));
    if (typeof json !== 'object' || json === null) return undefined;
    const { version, value } = json as { version?: unknown; value?: unknown };
    return version === VERSION || version === CHAIN_VERSION ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Our own files of our own version have the shape that was written: what is looked at tells which one it is. */
function isNoted(value: unknown): value is NotedPrediction {
  return typeof value === 'object' && value !== null && 'madeAt' in value && 'steps' in value;
}

function isNotedChain(value: unknown): value is NotedChain {
  return typeof value === 'object' && value !== null && 'madeAt' in value && 'stages' in value;
}

function isKeptChain(value: unknown): value is KeptChain {
  return typeof value === 'object' && value !== null && 'noted' in value && !('build' in value);
}

function isKeptBuild(value: unknown): value is KeptBuild {
  return typeof value === 'object' && value !== null && 'build' in value;
}

function readEntries(value: unknown): readonly LedgerEntry[] {
  return asArray(value) as readonly LedgerEntry[];
}

function judgedIn({ classes }: LedgerEntry): number {
  return Object.values(classes).reduce((sum, [right, wrong]) => sum + right + wrong, 0);
}
