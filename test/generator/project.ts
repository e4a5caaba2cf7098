/** One entry of a build context. Parent directories are implied. */
export type Entry =
  | { readonly kind: 'file'; readonly content: string; readonly mode: number }
  | { readonly kind: 'dir'; readonly mode: number }
  | { readonly kind: 'symlink'; readonly target: string };

/** Everything that decides a build: the context, the Dockerfile and the options. Plain data, never changed in place. */
export interface Project {
  /** Context paths with `/`, the Dockerfile not among them. */
  readonly files: Readonly<Record<string, Entry>>;
  /** One element per instruction or comment; an element may have several lines. */
  readonly blocks: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly noCache: boolean;
}

/** What happens between two builds. */
export type Mutation =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'put'; readonly path: string; readonly entry: Entry; readonly why: string }
  /** The same bytes written again: new times, same content. */
  | { readonly kind: 'rewrite'; readonly path: string }
  | { readonly kind: 'touch'; readonly path: string }
  /** Other bytes of the same length with the old modification time. */
  | { readonly kind: 'sneak'; readonly path: string; readonly content: string }
  | { readonly kind: 'chmod'; readonly path: string; readonly mode: number }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'set-block'; readonly from: string; readonly to: string; readonly why: string }
  | { readonly kind: 'insert-block'; readonly after: string; readonly block: string }
  | { readonly kind: 'remove-block'; readonly block: string }
  | { readonly kind: 'swap-blocks'; readonly first: string; readonly second: string }
  | { readonly kind: 'build-arg'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'target'; readonly target: string | undefined }
  | { readonly kind: 'no-cache'; readonly noCache: boolean }
  /** Back to an earlier state of everything. */
  | { readonly kind: 'revert'; readonly to: Project; readonly steps: number };

/** How one of the builds of a case is done. */
export interface BuildPlan {
  readonly output: 'image' | 'cacheonly';
  /** Nobody predicts before this build: evidence must not depend on every build having been watched. */
  readonly unwatched: boolean;
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
    case 'put':
      return { ...project, files: { ...files, [mutation.path]: mutation.entry } };
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
      return { ...project, files: without(files, mutation.path) };
    case 'rename': {
      const entry = files[mutation.from];
      if (!entry || files[mutation.to]) return project;
      return { ...project, files: { ...without(files, mutation.from), [mutation.to]: entry } };
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
    case 'target':
      return { ...project, target: mutation.target };
    case 'no-cache':
      return { ...project, noCache: mutation.noCache };
    case 'revert':
      return mutation.to;
  }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

/** One line for a person. */
export function describeMutation(mutation: Mutation): string {
  const octal = (mode: number): string => mode.toString(8);
  switch (mutation.kind) {
    case 'nothing':
      return 'change nothing';
    case 'put':
      return `${mutation.why} ${mutation.path}`;
    case 'rewrite':
      return `write the same bytes to ${mutation.path}`;
    case 'touch':
      return `touch ${mutation.path}`;
    case 'sneak':
      return `edit ${mutation.path}, keeping size and modification time`;
    case 'chmod':
      return `chmod ${octal(mutation.mode)} ${mutation.path}`;
    case 'remove':
      return `rm ${mutation.path}`;
    case 'rename':
      return `mv ${mutation.from} ${mutation.to}`;
    case 'set-block':
      return `${mutation.why}: ${JSON.stringify(mutation.from)} -> ${JSON.stringify(mutation.to)}`;
    case 'insert-block':
      return `insert ${JSON.stringify(mutation.block)} after ${JSON.stringify(mutation.after)}`;
    case 'remove-block':
      return `remove ${JSON.stringify(mutation.block)}`;
    case 'swap-blocks':
      return `swap ${JSON.stringify(mutation.first)} and ${JSON.stringify(mutation.second)}`;
    case 'build-arg':
      return mutation.value === undefined
        ? `no --build-arg ${mutation.name}`
        : `--build-arg ${mutation.name}=${mutation.value}`;
    case 'target':
      return mutation.target === undefined ? 'no --target' : `--target ${mutation.target}`;
    case 'no-cache':
      return mutation.noCache ? '--no-cache' : 'without --no-cache';
    case 'revert':
      return `revert ${mutation.steps} step(s)`;
  }
}
