import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { tarArchive } from './archive.js';
import type { Entry, Files, Mutation, Project } from './project.js';
import { dockerfileText, mutated } from './project.js';

/**
 * Brings a project to a folder. The Dockerfile lies in the context, as it usually does. Only what differs is written, so
 * that times and inodes of everything else stay as they are. Beside the folder: `DIR.aside` (folders to swap in) and
 * `DIR.secrets` (a file per secret).
 */
export class ProjectFolder {
  readonly dir: string;
  #project: Project;

  /** The folder must be empty or absent. */
  constructor(dir: string, project: Project) {
    this.dir = dir;
    this.#project = { ...project, files: {}, blocks: [] };
    mkdirSync(dir, { recursive: true });
    for (const [path, entry] of inOrder(project.aside)) put(join(`${dir}.aside`, path), entry);
    this.#writeDockerfile(project);
    this.#write(project);
  }

  get project(): Project {
    return this.#project;
  }

  /** Does what the mutation says on disk and returns the new state. */
  apply(mutation: Mutation): Project {
    const before = this.#project;
    const after = mutated(before, mutation);
    switch (mutation.kind) {
      case 'several':
        for (const one of mutation.mutations) this.apply(one);
        return this.#project;
      case 'touch':
        if (before.files[mutation.path]) quietly(() => utimesSync(this.#path(mutation.path), new Date(), new Date()));
        break;
      case 'rewrite':
        if (before.files[mutation.path]?.kind === 'file')
          quietly(() => writeFileSync(this.#path(mutation.path), readFileSync(this.#path(mutation.path))));
        break;
      case 'sneak':
        if (after !== before) {
          // touch -r keeps the nanoseconds that Node's utimes would round off
          const reference = `${this.dir}.reference`;
          writeFileSync(reference, '');
          execFileSync('touch', ['-r', this.#path(mutation.path), reference], { timeout: 10_000 });
          writeFileSync(this.#path(mutation.path), mutation.content);
          execFileSync('touch', ['-r', reference, this.#path(mutation.path)], { timeout: 10_000 });
          rmSync(reference);
          this.#project = after;
        }
        break;
      case 'rename':
        if (after !== before) this.#move(mutation.from, mutation.to, after);
        break;
      case 'hard-link':
        if (after !== before && existsSync(this.#path(mutation.from))) {
          mkdirSync(dirname(this.#path(mutation.to)), { recursive: true });
          rmSync(this.#path(mutation.to), { recursive: true, force: true });
          linkSync(this.#path(mutation.from), this.#path(mutation.to));
          this.#project = after;
        }
        break;
      case 'remove':
        rmSync(this.#path(mutation.path), { recursive: true, force: true });
        break;
      case 'swap-folder':
        if (after !== before) this.#swap(mutation.path, after);
        break;
      case 'chmod':
        // not where an earlier (or shrunk) step took the path away
        quietly(() => chmodSync(this.#path(mutation.path), mutation.mode));
        break;
      default:
        break;
    }
    this.#write(after);
    return after;
  }

  #path(relative: string): string {
    return join(this.dir, relative);
  }

  #move(from: string, to: string, after: Project): void {
    if (!existsSync(this.#path(from))) return;
    mkdirSync(dirname(this.#path(to)), { recursive: true });
    // an empty folder may have stayed where files once were
    rmSync(this.#path(to), { recursive: true, force: true });
    renameSync(this.#path(from), this.#path(to));
    this.#project = after;
  }

  #swap(path: string, after: Project): void {
    const [here, there] = [this.#path(path), join(`${this.dir}.aside`, path)];
    if (existsSync(here) && existsSync(there)) {
      renameSync(here, `${there}.moving`);
      renameSync(there, here);
      renameSync(`${there}.moving`, there);
    }
    this.#project = after;
  }

  #write(next: Project): void {
    for (const path of Object.keys(this.#project.files))
      if (!next.files[path]) rmSync(this.#path(path), { recursive: true, force: true });
    for (const [path, entry] of inOrder(next.files))
      if (JSON.stringify(this.#project.files[path]) !== JSON.stringify(entry)) put(this.#path(path), entry);
    if (dockerfileText(next) !== dockerfileText(this.#project)) this.#writeDockerfile(next);
    for (const [id, value] of Object.entries(next.flags.secrets)) {
      mkdirSync(`${this.dir}.secrets`, { recursive: true });
      writeFileSync(join(`${this.dir}.secrets`, id), value);
    }
    this.#project = next;
  }

  #writeDockerfile(next: Project): void {
    const path = this.#path(next.dockerfile);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, dockerfileText(next));
  }
}

/** Folders before what is in them. */
function inOrder(files: Files): [string, Entry][] {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}

type Kind = Exclude<Entry['kind'], 'archive'>;

function kindAt(path: string): Kind | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return undefined;
  return found.isSymbolicLink() ? 'symlink' : found.isDirectory() ? 'dir' : 'file';
}

function bytesOf(entry: Entry & { readonly kind: 'file' | 'archive' }): Buffer {
  return entry.kind === 'file' ? Buffer.from(entry.content) : tarArchive(entry.members, entry.gzip);
}

function put(full: string, entry: Entry): void {
  mkdirSync(dirname(full), { recursive: true });
  const wanted = entry.kind === 'archive' ? 'file' : entry.kind;
  const there = kindAt(full);
  if (there !== undefined && (there !== wanted || there === 'symlink')) rmSync(full, { recursive: true, force: true });
  if (entry.kind === 'symlink') {
    symlinkSync(entry.target, full);
    return;
  }
  if (entry.kind === 'dir') mkdirSync(full, { recursive: true });
  else if (there !== 'file' || !readFileSync(full).equals(bytesOf(entry))) write(full, bytesOf(entry), entry.mode);
  if (lstatSync(full).mode % 0o10000 !== entry.mode) chmodSync(full, entry.mode);
}

/**
 * Gives a file its mode and then its content. The other way round, a disk that is slow in between makes a file whose mode
 * changed long after its content, of which a builder may keep older bytes: an honest doubt that no case asked for.
 */
function write(full: string, content: Buffer, mode: number): void {
  const file = openSync(full, 'a');
  try {
    fchmodSync(file, mode);
    // both times change with the content, also with one that is empty
    ftruncateSync(file, 0);
    writeFileSync(file, content);
  } finally {
    closeSync(file);
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // the path went away in an earlier (or shrunk) step: nothing to change
  }
}
