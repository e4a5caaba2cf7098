import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Entry, Mutation, Project } from './project.js';
import { dockerfileText, mutated } from './project.js';

/**
 * Brings a project to a folder. The Dockerfile lies in the context, as it usually does. Only what differs is written, so
 * that times and inodes of everything else stay as they are.
 */
export class ProjectFolder {
  readonly dir: string;
  #project: Project;

  /** The folder must be empty or absent. */
  constructor(dir: string, project: Project) {
    this.dir = dir;
    this.#project = { ...project, files: {}, blocks: [] };
    mkdirSync(dir, { recursive: true });
    writeFileSync(this.#path('Dockerfile'), dockerfileText(project));
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
      case 'touch':
        if (before.files[mutation.path]) utimesSync(this.#path(mutation.path), new Date(), new Date());
        break;
      case 'rewrite': {
        const entry = before.files[mutation.path];
        if (entry?.kind === 'file') writeFileSync(this.#path(mutation.path), readFileSync(this.#path(mutation.path)));
        break;
      }
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
        if (after !== before) {
          renameSync(this.#path(mutation.from), this.#path(mutation.to));
          this.#project = after;
        }
        break;
      case 'chmod':
        chmodQuietly(this.#path(mutation.path), mutation.mode);
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

  #write(next: Project): void {
    for (const path of Object.keys(this.#project.files))
      if (!next.files[path]) rmSync(this.#path(path), { recursive: true, force: true });
    for (const [path, entry] of Object.entries(next.files))
      if (JSON.stringify(this.#project.files[path]) !== JSON.stringify(entry)) this.#put(path, entry);
    if (dockerfileText(next) !== dockerfileText(this.#project))
      writeFileSync(this.#path('Dockerfile'), dockerfileText(next));
    this.#project = next;
  }

  #put(path: string, entry: Entry): void {
    const full = this.#path(path);
    mkdirSync(dirname(full), { recursive: true });
    const old = this.#project.files[path];
    if (old && (old.kind !== entry.kind || entry.kind === 'symlink')) rmSync(full, { recursive: true, force: true });
    if (entry.kind === 'symlink') symlinkSync(entry.target, full);
    else if (entry.kind === 'dir') mkdirSync(full, { recursive: true });
    else if (old?.kind !== 'file' || old.content !== entry.content) writeFileSync(full, entry.content);
    if (entry.kind !== 'symlink' && lstatSync(full).mode % 0o10000 !== entry.mode) chmodSync(full, entry.mode);
  }
}

function chmodQuietly(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // the path went away in an earlier (or shrunk) step: nothing to change
  }
}
