import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readBakeNames, readBakeTargets, type BakeTarget } from '../../build/bakeFile';
import type { SecretSource } from '../../model';
import { runCommand } from '../engines/command';

/** A target of a file that builds one Dockerfile; paths are absolute. */
export interface FileProfile extends Omit<BakeTarget, 'isInline'> {
  readonly kind: 'compose' | 'bake';
  /** The file that says it. */
  readonly file: string;
}

/** What files say of a Dockerfile, and of which nobody knows. */
export interface FileProfiles {
  readonly profiles: readonly FileProfile[];
  /** A sentence for each file that could not be read. */
  readonly problems: readonly string[];
}

/** Who is asked. */
export interface BakeQuestion {
  /** Absolute path. */
  readonly dockerfile: string;
  /** Folders of the workspace: files are looked for from the Dockerfile up to the one that it is in. */
  readonly folders: readonly string[];
  /** Name or path of docker. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * The files that bake and compose take by themselves, each with the one that is laid over it (buildx bake/bake.go
 * defaultFilenames, compose-go cli/options.go DefaultFileNames and DefaultOverrideFileNames).
 */
const FILES: readonly { readonly kind: FileProfile['kind']; readonly name: string; readonly over: string }[] = [
  { kind: 'bake', name: 'docker-bake.hcl', over: 'docker-bake.override.hcl' },
  { kind: 'bake', name: 'docker-bake.json', over: 'docker-bake.override.json' },
  { kind: 'compose', name: 'compose.yaml', over: 'compose.override.yaml' },
  { kind: 'compose', name: 'compose.yml', over: 'compose.override.yml' },
  { kind: 'compose', name: 'docker-compose.yml', over: 'docker-compose.override.yml' },
  { kind: 'compose', name: 'docker-compose.yaml', over: 'docker-compose.override.yaml' },
];
/** Files that are read, and folders above the Dockerfile that are looked into. */
const MOST_FILES = 8;
const MOST_FOLDERS = 8;
/** Milliseconds that reading one file may take: it asks neither an engine nor the network. */
const PATIENCE = 15_000;

/** How bake and compose files build a Dockerfile, the nearest file first. The tool itself reads them. */
export async function bakeTargets(question: BakeQuestion): Promise<FileProfiles> {
  const profiles: FileProfile[] = [];
  const problems: string[] = [];
  for (const found of filesFor(question)) {
    try {
      profiles.push(...(await ofFile(question, found)));
    } catch (error) {
      question.signal.throwIfAborted();
      problems.push(`${found.file}: ${inWords(error)}`);
    }
  }
  return { profiles, problems };
}

interface FoundFile {
  readonly kind: FileProfile['kind'];
  readonly file: string;
  readonly over: string | undefined;
}

function filesFor({ dockerfile, folders }: BakeQuestion): FoundFile[] {
  return foldersAbove(dirname(dockerfile), folders)
    .flatMap((folder) =>
      FILES.map(({ kind, name, over }) => ({ kind, file: join(folder, name), over: join(folder, over) })),
    )
    .filter(({ file }) => existsSync(file))
    .map(({ kind, file, over }) => ({ kind, file, over: existsSync(over) ? over : undefined }))
    .slice(0, MOST_FILES);
}

/** The folder of the Dockerfile and those above it within the workspace; outside of it only its own. */
function foldersAbove(folder: string, roots: readonly string[]): readonly string[] {
  const root = roots.find((one) => folder === one || folder.startsWith(one.endsWith('/') ? one : `${one}/`));
  const found = [folder];
  let at = folder;
  while (root !== undefined && at !== root && found.length < MOST_FOLDERS && at !== dirname(at)) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}

async function ofFile(question: BakeQuestion, { kind, file, over }: FoundFile): Promise<readonly FileProfile[]> {
  const { dockerfile, program, env, signal } = question;
  const folder = dirname(file);
  const bake = (...args: readonly string[]): Promise<string> => {
    const files = [file, ...(over === undefined ? [] : [over])].flatMap((one) => ['--file', one]);
    // contexts are relative to the folder in which it runs
    const all = ['buildx', 'bake', '--progress=quiet', ...files, ...args];
    return runCommand({ program, args: all, env, signal, patience: PATIENCE, cwd: folder });
  };
  // those that no group has are only printed when they are named
  const names = await bake('--list=type=targets,format=json').then(
    (text) => readBakeNames(JSON.parse(text)),
    (error: unknown) => {
      signal.throwIfAborted();
      // before buildx 0.21 there is no such option: the default group is better than nothing
      if (/unknown flag|invalid (?:list|argument|value)/i.test(String(error))) return [];
      throw error;
    },
  );
  const wanted = real(dockerfile);
  return readBakeTargets(JSON.parse(await bake('--print', ...names))).flatMap((target): FileProfile[] => {
    const { isInline, ...one } = target;
    // a context elsewhere (git, another target) has no Dockerfile that is open here
    if (isInline || /^[\w.+-]+:/.test(one.context)) return [];
    const context = resolve(folder, one.context);
    const path = isAbsolute(one.dockerfile) ? one.dockerfile : join(context, one.dockerfile);
    if (real(path) !== wanted) return [];
    const secrets = one.secrets.map((secret) => absoluteSecret(secret, folder));
    return [{ ...one, kind, file, context, dockerfile: path, secrets }];
  });
}

function absoluteSecret(secret: SecretSource, folder: string): SecretSource {
  return 'file' in secret ? { id: secret.id, file: resolve(folder, secret.file) } : secret;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The tool's own words: the lines of its error, without what it shows of the file. */
function inWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').filter((line) => /^(?:ERROR|error):/.test(line));
  const [first = text.split('\n')[0] ?? text] = lines;
  return first.replace(/^(?:ERROR|error): */, '');
}
