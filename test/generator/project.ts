import type { Dialect } from './dialect.js';

/** One entry of a build context. Parent directories are implied. */
export type Entry =
  | { readonly kind: 'file'; readonly content: string; readonly mode: number }
  /** A tar archive of these files, as ADD unpacks it. */
  | {
      readonly kind: 'archive';
      readonly members: Readonly<Record<string, string>>;
      readonly gzip: boolean;
      readonly mode: number;
    }
  | { readonly kind: 'dir'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly target: string };

export type Files = Readonly<Record<string, Entry>>;

/** Options of the build beside target, build arguments and --no-cache. */
export interface BuildFlags {
  readonly noCacheFilter: readonly string[];
  /** Id to value; a file outside of the context has the value. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `name:ip`. */
  readonly addHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly shmSize: string | undefined;
  readonly network: 'host' | 'none' | 'default' | undefined;
  readonly labels: readonly string[];
}

export const NO_FLAGS: BuildFlags = {
  noCacheFilter: [],
  secrets: {},
  addHosts: [],
  ulimits: [],
  shmSize: undefined,
  network: undefined,
  labels: [],
};

/** Everything that decides a build: the context, the Dockerfile and the options. Plain data, never changed in place. */
export interface Project {
  /** Context paths with `/`, the Dockerfile not among them. */
  readonly files: Files;
  /** Beside the context: folders that a swap brings in as they are, with the times of the start of the case. */
  readonly aside: Files;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  /** One element per instruction or comment; an element may have several lines. */
  readonly blocks: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly noCache: boolean;
  readonly flags: BuildFlags;
}

/** What happens between two builds. */
export type Mutation =
  | { readonly kind: 'nothing' }
  /** A folder or file that is in the way is removed with all that is in it. */
  | { readonly kind: 'put'; readonly path: string; readonly entry: Entry; readonly why: string }
  /** The same bytes written again: new times, same content. */
  | { readonly kind: 'rewrite'; readonly path: string }
  | { readonly kind: 'touch'; readonly path: string }
  /** Other bytes of the same length with the old modification time. */
  | { readonly kind: 'sneak'; readonly path: string; readonly content: string }
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  /** A file, or a folder with all that is in it. */
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'hard-link'; readonly from: string; readonly to: string }
  /** The folder trades places with the one of the same name beside the context. */
  | { readonly kind: 'swap-folder'; readonly path: string }
  | { readonly kind: 'set-block'; readonly from: string; readonly to: string; readonly why: string }
  | { readonly kind: 'insert-block'; readonly after: string; readonly block: string }
  | { readonly kind: 'remove-block'; readonly block: string }
  | { readonly kind: 'swap-blocks'; readonly first: string; readonly second: string }
  | { readonly kind: 'build-arg'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'flags'; readonly flags: BuildFlags; readonly why: string }
  | { readonly kind: 'target'; readonly target: string | undefined }
  | { readonly kind: 'no-cache'; readonly noCache: boolean }
  /** One after the other, without a build between them. */
  | { readonly kind: 'several'; readonly mutations: readonly Mutation[]; readonly why: string }
  /** Back to an earlier state of everything. */
  | { readonly kind: 'revert'; readonly to: Project; readonly steps: number };

/** How one of the builds of a case is done. */
export interface BuildPlan {
  readonly output: 'image' | 'cacheonly';
  /** Nobody predicts before this build: evidence must not depend on every build having been watched. */
  readonly unwatched: boolean;
  /** Looks at the context when the build has ended, as an editor does: only that proves what the build was given. */
  readonly lookAfter: boolean;
}

export interface Case {
  readonly seed: string;
  /** The text that makes the case start cold. */
  readonly marker: string;
  readonly initial: Project;
  /** One build after each, and one before the first. */
  readonly mutations: readonly Mutation[];
  /** One more than mutations. */
  readonly builds: readonly BuildPlan[];
  /** Undefined: BuildKit. */
  readonly dialect?: Dialect | undefined;
}

/** The same case with another marker: it starts cold again on an engine that has already built it. */
export function withMarker(one: Case, marker: string): Case {
  const text = JSON.stringify(one).replaceAll(one.marker, marker);
  return JSON.parse(text, (_key, value: unknown) => value) as Case;
}

export function dockerfileText(project: Project): string {
  return `${project.blocks.join('\n')}\n`;
}

/** What the mutation makes of a project. Mutations whose subject is gone (after shrinking) change nothing. */
export function mutated(project: Project, mutation: Mutation): Project {
  const { files, blocks } = project;
  switch (mutation.kind) {
    case 'nothing':
    case 'rewrite':
    case 'touch':
      return project;
    case 'put': {
      if (!isFree(files, mutation.path, false)) return project;
      const kept = mutation.entry.kind === 'dir' ? files : outside(files, mutation.path);
      return { ...project, files: { ...kept, [mutation.path]: mutation.entry } };
    }
    case 'sneak': {
      const entry = files[mutation.path];
      if (entry?.kind !== 'file' || entry.content.length !== mutation.content.length) return project;
      return { ...project, files: { ...files, [mutation.path]: { ...entry, content: mutation.content } } };
    }
    case 'chmod': {
      const entry = files[mutation.path];
      if (!entry || entry.kind === 'symlink') return project;
      return { ...project, files: { ...files, [mutation.path]: { ...entry, mode: mutation.mode } } };
    }
    case 'remove':
      return { ...project, files: outside(files, mutation.path) };
    case 'rename': {
      const { from, to } = mutation;
      const moved = below(files, from);
      if (Object.keys(moved).length === 0 || !isFree(files, to) || to.startsWith(`${from}/`)) return project;
      const arrived = Object.entries(moved).map(([path, entry]) => [to + path.slice(from.length), entry] as const);
      return { ...project, files: { ...outside(files, from), ...Object.fromEntries(arrived) } };
    }
    case 'hard-link': {
      const entry = files[mutation.from];
      if (entry?.kind !== 'file' || !isFree(files, mutation.to)) return project;
      return { ...project, files: { ...files, [mutation.to]: entry } };
    }
    case 'swap-folder': {
      const [here, there] = [below(files, mutation.path), below(project.aside, mutation.path)];
      if (Object.keys(here).length === 0 || Object.keys(there).length === 0) return project;
      return {
        ...project,
        files: { ...outside(files, mutation.path), ...there },
        aside: { ...outside(project.aside, mutation.path), ...here },
      };
    }
    case 'set-block':
      return { ...project, blocks: blocks.map((block) => (block === mutation.from ? mutation.to : block)) };
    case 'insert-block': {
      const index = blocks.indexOf(mutation.after);
      return index < 0 ? project : { ...project, blocks: blocks.toSpliced(index + 1, 0, mutation.block) };
    }
    case 'remove-block': {
      const index = blocks.indexOf(mutation.block);
      return index < 0 ? project : { ...project, blocks: blocks.toSpliced(index, 1) };
    }
    case 'swap-blocks': {
      const first = blocks.indexOf(mutation.first);
      const second = blocks.indexOf(mutation.second);
      if (first < 0 || second < 0) return project;
      return { ...project, blocks: blocks.with(first, mutation.second).with(second, mutation.first) };
    }
    case 'build-arg': {
      const buildArgs = { ...project.buildArgs };
      if (mutation.value === undefined) Reflect.deleteProperty(buildArgs, mutation.name);
      else buildArgs[mutation.name] = mutation.value;
      return { ...project, buildArgs };
    }
    case 'flags':
      return { ...project, flags: mutation.flags };
    case 'target':
      return { ...project, target: mutation.target };
    case 'no-cache':
      return { ...project, noCache: mutation.noCache };
    case 'several':
      return mutation.mutations.reduce(mutated, project);
    case 'revert':
      return { ...mutation.to, aside: project.aside };
  }
}

/** The entry at a path and, if it is a folder, all that are in it. */
export function below(files: Files, path: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => isBelow(name, path)));
}

export function outside(files: Files, path: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !isBelow(name, path)));
}

function isBelow(name: string, path: string): boolean {
  return name === path || name.startsWith(`${path}/`);
}

/** Whether something can be put there: nothing above is a file or a link and, unless it may be replaced, nothing is there. */
function isFree(files: Files, path: string, wantsNew = true): boolean {
  if (wantsNew && Object.keys(below(files, path)).length > 0) return false;
  const parts = path.split('/').slice(0, -1);
  return parts.every((_, index) => {
    const above = files[parts.slice(0, index + 1).join('/')];
    return above === undefined || above.kind === 'dir';
  });
}
