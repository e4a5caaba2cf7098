import { lstat, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import type { CommitFiles } from '../../baseline/commitContext';
import type { Commit } from '../../baseline/commitProject';
import type { Entry } from '../../context/entry';
import { compileIgnore } from '../../context/ignoreMatcher';
import { readIgnoreFile } from '../../context/ignoreFile';
import { ContextTree, type ContextNode } from '../../context/tree';
import type { Problem } from '../../model';
import { sha256 } from '../sha256';
import { readConverted, readObjects } from './objects';
import { GitError, runGit, type Repository } from './runGit';

/** A file of a commit. */
interface Listed {
  readonly path: string;
  readonly mode: string;
  readonly object: string;
  /** Bytes of the object; a checkout may have others. */
  readonly size: number;
}

/** What a checkout does to a file's bytes, if anything. */
type Conversion = 'none' | 'built-in' | 'program';

/** Bytes of objects that are read at once. */
const PORTION = 64_000_000;
/** Bytes of an object above which it is not read: its content stays unknown. */
const LARGEST = 400_000_000;
/** Links to links. */
const MAX_HOPS = 10;
/** Bytes of an attribute file. */
const LARGEST_ATTRIBUTES = 1_000_000;
const ATTRIBUTES = ['filter', 'eol', 'text', 'ident', 'working-tree-encoding'];

/** A file of the build context of a commit. */
type CommitFile = Listed & {
  /** As a checkout has it, where that was read. */
  readonly content: Buffer | undefined;
  /** Only a program tells what a checkout has. */
  readonly isProgram: boolean;
};

interface Parts {
  readonly scope: Scope;
  readonly patterns: readonly string[];
  readonly listed: readonly CommitFile[];
}

/** The id of a commit by a name; throws GitError when there is none. */
export async function commitId(ref: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  return (await runGit({ folder, args, env })).toString('utf8').trim();
}

/**
 * A commit as a checkout on Linux would have it, read from git's objects: no working tree is looked at, nothing that the
 * repository configures is run, and nothing is fetched. Of files that a program converts (`filter=lfs`) and of
 * submodules the content stays unknown.
 */
export class GitCommit implements Commit {
  readonly problems: Problem[] = [];
  readonly files: CommitFiles;
  private readonly objects = new Map<ContextNode, string>();
  private readonly repository: Repository;

  /** Use {@link GitCommit.open}. */
  constructor(
    readonly ref: string,
    readonly dockerfile: string | undefined,
    { scope, patterns, listed }: Parts,
  ) {
    this.repository = scope.repository;
    const tree = new ContextTree();
    this.files = { tree, patterns };
    const now = Date.now();
    const folder: Entry = { ...BARE, type: 'dir', mode: 0o777 & ~scope.umask };
    tree.root.observe(folder, now);
    tree.root.observeListing(now);
    for (const one of listed) {
      const node = tree.node(one.path, true);
      if (node === undefined) continue;
      for (let above = node.parent; above !== undefined && above.entry === undefined; above = above.parent) {
        above.observe(folder, now);
        above.observeListing(now);
      }
      const entry = entryOf(one, scope.umask);
      node.observe(entry, now);
      if (one.content !== undefined) node.observeContent(entry, contentOf(one.content), now);
      else if (entry.type === 'file') this.objects.set(node, one.object);
    }
  }

  /**
   * Reads what is needed of a commit.
   *
   * @param context real absolute path of the build context.
   * @param dockerfile absolute path of the Dockerfile.
   * @throws GitError when there is no such commit, or no repository.
   */
  static async open(ref: string, context: string, dockerfile: string, env: NodeJS.ProcessEnv): Promise<GitCommit> {
    const ask = async (...args: readonly string[]): Promise<string> =>
      (await runGit({ folder: context, args, env })).toString('utf8').replace(/\n$/, '');
    const top = await ask('rev-parse', '--show-toplevel');
    const commit = await commitId(ref, context, env).catch(() => {
      throw new GitError(`${ref} is no commit of ${top}`);
    });
    // the top is told without links on the way
    const own = join(await realpath(dirname(dockerfile)), basename(dockerfile));
    const inside = pathIn(top, own);
    if (inside === undefined) throw new GitError(`the Dockerfile ${dockerfile} is not in the repository ${top}`);
    const place: Place = { context: pathIn(top, context) ?? '', dockerfile: inside };
    const scratch = await mkdtemp(join(tmpdir(), 'layer-insight-git-'));
    try {
      const lasting: Repository = {
        folder: top,
        env: { ...env, GIT_DIR: await ask('rev-parse', '--absolute-git-dir') },
      };
      // attributes are read from what stands in the commit: the index is a copy of it, and the working tree has
      // its attribute files alone
      const own = { ...lasting.env, GIT_INDEX_FILE: join(scratch, 'index'), GIT_WORK_TREE: scratch };
      const scope: Scope = {
        repository: lasting,
        scratch: { folder: scratch, env: own },
        umask: await umaskSeenIn(scratch),
      };
      return await readCommit(ref, commit, place, scope);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Finds out the content of files of the commit; what is none of them is left alone. */
  async read(nodes: Iterable<ContextNode>): Promise<void> {
    const wanted = new Map<string, ContextNode[]>();
    const portions: string[][] = [[]];
    let bytes = 0;
    for (const node of nodes) {
      const object = this.objects.get(node);
      const { entry, digest } = node;
      if (object === undefined || entry === undefined || digest !== undefined || entry.size > LARGEST) continue;
      const others = wanted.get(object);
      wanted.set(object, [...(others ?? []), node]);
      if (others !== undefined) continue;
      if ((bytes += entry.size) > PORTION) {
        portions.push([]);
        bytes = entry.size;
      }
      portions.at(-1)?.push(object);
    }
    for (const portion of portions) {
      for (const [object, content] of await readObjects(this.repository, portion)) {
        const known = contentOf(content);
        for (const node of wanted.get(object) ?? []) {
          if (node.entry !== undefined) node.observeContent(node.entry, known, Date.now());
        }
      }
    }
  }
}

function entryOf({ mode, size, content, isProgram }: CommitFile, umask: number): Entry {
  // a submodule: which files it has is in another repository
  if (isProgram || mode === '160000') return { ...BARE, type: 'unreadable', mode: 0 };
  if (mode === '120000') {
    const target = content?.toString(isUtf8(content) ? 'utf8' : 'latin1') ?? '';
    return { ...BARE, type: 'symlink', mode: 0o777, size, target };
  }
  const permissions = (mode === '100755' ? 0o777 : 0o666) & ~umask;
  return { ...BARE, type: 'file', mode: permissions, size: content?.length ?? size };
}

function contentOf(content: Buffer): { digest: string; archive: boolean } {
  return { digest: sha256(content), archive: false };
}

const BARE = { mtime: 0, ctime: 0, ino: 0, links: 1, size: 0 } as const;

interface Scope {
  readonly repository: Repository;
  /** Where it is as if the commit were checked out; gone when the commit is read. */
  readonly scratch: Repository;
  /** What a checkout takes away from the permissions of its files. */
  readonly umask: number;
}

/** Where in the repository what is built lies, with `/`; empty for its top. */
interface Place {
  readonly context: string;
  readonly dockerfile: string;
}

async function readCommit(ref: string, commit: string, place: Place, scope: Scope): Promise<GitCommit> {
  const { scratch } = scope;
  const ask = async (args: readonly string[], input?: string): Promise<string> =>
    (await runGit({ ...scratch, args, ...(input === undefined ? {} : { input }) })).toString('utf8');
  await ask(['read-tree', commit]);
  const all = parseTree(await ask(['ls-tree', '-r', '-z', '-l', '--full-tree', commit]));
  await writeAttributes(all, scratch);
  const prefix = place.context === '' ? '' : `${place.context}/`;
  const byPath = new Map(all.map((one) => [one.path, one]));
  const follow = (path: string): Promise<string | undefined> => followed(path, byPath, scratch);
  const ignoreFiles = [await follow(`${place.dockerfile}.dockerignore`), await follow(`${prefix}.dockerignore`)];
  const dockerfile = await follow(place.dockerfile);
  const special = new Set([...ignoreFiles, dockerfile].filter((path) => path !== undefined));
  const listed = all.filter(({ path }) => path.startsWith(prefix) || special.has(path));
  const conversions = await conversionsOf(listed, ask);
  const isRead = ({ path, mode }: Listed): boolean =>
    mode === '120000' || special.has(path) || conversions.get(path) === 'built-in';
  const contents = await readConverted(scratch, listed.filter(isRead));

  const contentAt = (path: string | undefined): Buffer | undefined =>
    path === undefined ? undefined : contents.get(path);
  const text = contentAt(dockerfile)?.toString('utf8');
  const ignore = ignoreFiles.map(contentAt).find((content) => content !== undefined);
  const patterns = ignore === undefined ? [] : readIgnoreFile(ignore.toString('utf8'));
  const below = listed
    .filter(({ path }) => path.startsWith(prefix))
    .map((one) => ({ ...one, path: one.path.slice(prefix.length), content: contents.get(one.path) }));
  const programs = new Set([...conversions].flatMap(([path, kind]) => (kind === 'program' ? [path] : [])));
  return new GitCommit(ref, text, {
    scope,
    patterns: compileIgnore(patterns).error === undefined ? patterns : [],
    listed: below.map((one) => ({ ...one, isProgram: programs.has(prefix + one.path) })),
  });
}

/**
 * Puts the attribute files of the commit where a conversion looks for them (git builtin/cat-file.c reads no index). Their
 * paths come from the repository: nothing is written but below the scratch folder.
 */
async function writeAttributes(all: readonly Listed[], scratch: Repository): Promise<void> {
  const files = all.filter(
    ({ path, mode, size }) =>
      /(?:^|\/)\.gitattributes$/.test(path) &&
      mode.startsWith('100') &&
      size < LARGEST_ATTRIBUTES &&
      path.split('/').every((name) => name !== '' && name !== '.' && name !== '..'),
  );
  const contents = await readObjects(
    scratch,
    files.map(({ object }) => object),
  );
  for (const { path, object } of files) {
    const target = join(scratch.folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, contents.get(object) ?? '');
  }
}

/** Where a path of the commit leads over links; undefined when there is no file, or it is outside of the repository. */
async function followed(
  path: string,
  all: ReadonlyMap<string, Listed>,
  scratch: Repository,
): Promise<string | undefined> {
  let at: string | undefined = path;
  for (let hop = 0; at !== undefined && hop < MAX_HOPS; hop++) {
    const one = all.get(at);
    if (one?.mode !== '120000') return one?.mode.startsWith('100') === true ? at : undefined;
    const target = (await readObjects(scratch, [one.object])).get(one.object)?.toString('utf8') ?? '';
    const next: string = normalize(join(dirname(at), target)).replaceAll(sep, '/');
    at = isAbsolute(target) || next.startsWith('../') ? undefined : next;
  }
  return undefined;
}

function parseTree(text: string): Listed[] {
  return text.split('\0').flatMap((line) => {
    const [, mode = '', object = '', size = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    return path === '' ? [] : [{ path, mode, object, size: size === '-' ? 0 : Number(size) }];
  });
}

/** Which files a checkout converts, by the attributes that the commit gives them. */
async function conversionsOf(
  listed: readonly Listed[],
  ask: (args: readonly string[], input: string) => Promise<string>,
): Promise<ReadonlyMap<string, Conversion>> {
  const paths = listed.map(({ path }) => path);
  const fields = (
    await ask(['check-attr', '-z', '--cached', '--stdin', ...ATTRIBUTES], paths.map((path) => `${path}\0`).join(''))
  ).split('\0');
  const found = new Map<string, Map<string, string>>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = '', name = '', value = ''] = fields.slice(at, at + 3);
    if (value === 'unspecified') continue;
    const own = found.get(path) ?? new Map<string, string>();
    found.set(path, own.set(name, value));
  }
  const conversions = new Map<string, Conversion>();
  for (const [path, values] of found) {
    const isSet = (name: string): boolean => !['unset', undefined].includes(values.get(name));
    const hasEndings = values.get('eol') === 'crlf' && values.get('text') !== 'unset';
    if (isSet('filter')) conversions.set(path, 'program');
    else if (hasEndings || isSet('ident') || isSet('working-tree-encoding')) conversions.set(path, 'built-in');
  }
  return conversions;
}

/** What this process takes away from the permissions of what it makes, seen on a folder. */
async function umaskSeenIn(folder: string): Promise<number> {
  const probe = join(folder, '.git-umask');
  await mkdir(probe);
  return 0o777 & ~(await lstat(probe)).mode;
}

/** The path of something in the repository; undefined when it is elsewhere. */
function pathIn(top: string, path: string): string | undefined {
  const below = relative(top, path);
  if (isAbsolute(below) || below.split(sep)[0] === '..') return undefined;
  return below.replaceAll(sep, '/');
}
