import type { CopyInstruction, Instruction, RunInstruction } from '../dockerfile/instruction';
import type { Prediction } from '../model';
import type { Advice } from './advice';

/** Files of the build context that one commit changed, relative to it, with `/`. */
export type CommitFiles = readonly string[];

/** What the advice is made from. */
export interface CopiedSources {
  readonly prediction: Pick<Prediction, 'steps'>;
  readonly instructions: readonly Instruction[];
  /** Is a file of the build context taken by the instruction of a 1-based line? */
  readonly takes: (path: string, line: number) => boolean;
  /** Does the build take a file of this path? */
  readonly isTaken: (path: string) => boolean;
  /** The last commits, newest first; empty where there is no repository. */
  readonly commits: readonly CommitFiles[];
}

/** Commands that install what manifests name, and the manifests. */
const TOOLS: readonly { readonly command: RegExp; readonly manifests: readonly string[] }[] = [
  {
    command: /\bnpm (?:ci|i|install)\b/,
    manifests: ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', '.npmrc'],
  },
  { command: /\byarn(?: install)?(?:\s|$)/, manifests: ['package.json', 'yarn.lock', '.yarnrc.yml', '.yarnrc'] },
  {
    command: /\bpnpm (?:i|install|fetch)\b/,
    manifests: ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'],
  },
  { command: /\bpip3? install\b.*(?:-r|--requirement)/, manifests: ['requirements.txt', 'constraints.txt'] },
  { command: /\bpoetry install\b/, manifests: ['pyproject.toml', 'poetry.lock'] },
  { command: /\buv sync\b/, manifests: ['pyproject.toml', 'uv.lock'] },
  { command: /\bbundle install\b/, manifests: ['Gemfile', 'Gemfile.lock'] },
  { command: /\bcomposer install\b/, manifests: ['composer.json', 'composer.lock'] },
  { command: /\bgo mod download\b/, manifests: ['go.mod', 'go.sum'] },
];
/** Milliseconds of the installation below which nothing is said. */
const LEAST = 1000;

/** A COPY that brings manifests and sources together before the command that needs the manifests only. */
export function manifestAdvice(copied: CopiedSources, write: (milliseconds: number) => string): Advice[] {
  const { instructions } = copied;
  return instructions.flatMap((copy, index): Advice[] => {
    const run = instructions[index + 1];
    if (copy.kind !== 'copy' || run?.kind !== 'run' || !isPlain(copy)) return [];
    const tool = TOOLS.find(({ command }) => command.test(run.shell));
    return tool === undefined ? [] : adviceFor(copied, copy, run, tool.manifests, write);
  });
}

function adviceFor(
  { prediction, takes, isTaken, commits }: CopiedSources,
  copy: CopyInstruction,
  run: RunInstruction,
  names: readonly string[],
  write: (milliseconds: number) => string,
): Advice[] {
  const source = copy.sources[0]?.replace(/^\.?\/+|\/+$/g, '').replace(/^\.$/, '') ?? '';
  const prefix = source === '' ? '' : `${source}/`;
  const manifests = names.map((name) => prefix + name).filter((path) => isTaken(path) && takes(path, copy.line.start));
  const took = prediction.steps.find(({ line }) => line.start === run.line.start)?.lastDurationMs ?? 0;
  if (manifests.length === 0 || took < LEAST) return [];
  const touching = commits.filter((files) => files.some((path) => takes(path, copy.line.start)));
  const without = touching.filter((files) => !files.some((path) => manifests.includes(path)));
  if (without.length === 0) return [];
  const folder = copy.destination.endsWith('/') ? copy.destination : `${copy.destination}/`;
  const first = `COPY ${manifests.join(' ')} ${folder}`;
  return [
    {
      ...{ code: 'manifests-with-sources', line: copy.line, bytes: 0 },
      related: [{ line: run.line, message: 'rebuilds with every change of a source' }],
      message:
        `Of the last ${touching.length} commits that changed what is copied here, ${without.length} left ` +
        `${manifests.join(', ')} alone: had these been copied before, line ${run.line.start} (${write(took)} last time) ` +
        `would have been taken from the cache each of these times.`,
      edits: [
        {
          ...{ kind: 'move', line: run.line, before: copy.line.start, preceded: first },
          title: `Copy ${manifests.join(', ')} and install before the other files (the installation sees only these then)`,
        },
      ],
    },
  ];
}

/** One folder of the build context, copied as it is. */
function isPlain({ sources, from, exclude, parents, documents, isAdd, chown, chmod }: CopyInstruction): boolean {
  const isFolder = sources.length === 1 && !/[*?[\]$]/.test(sources[0] ?? '*');
  return (
    isFolder &&
    from === '' &&
    exclude.length === 0 &&
    !parents &&
    documents.length === 0 &&
    !isAdd &&
    chown === '' &&
    chmod === ''
  );
}
