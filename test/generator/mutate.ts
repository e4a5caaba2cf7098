import { file, randomContent, randomIgnoreEdit, type ContextPlan } from './contextFiles.js';
import type { DockerfilePlan } from './dockerfile.js';
import type { Mutation, Project } from './project.js';
import type { Random } from './random.js';

export interface MutationSource {
  readonly random: Random;
  readonly context: ContextPlan;
  readonly dockerfile: DockerfilePlan;
  /** Every state so far, the newest last. */
  readonly history: readonly Project[];
}

/** Something that happens to a project between two builds, chosen at random. */
export function generateMutation(source: MutationSource): Mutation {
  const { random, history } = source;
  const project = history.at(-1);
  if (!project) return { kind: 'nothing' };
  // A build without cache is followed by a normal one.
  if (project.noCache) return { kind: 'no-cache', noCache: false };
  const choice = random.weighted<() => Mutation | undefined>([
    [3, () => ({ kind: 'nothing' })],
    [9, () => editFile(source, project)],
    [2, () => ({ kind: 'rewrite', path: somePath(random, project) })],
    [2, () => ({ kind: 'touch', path: somePath(random, project) })],
    [0.5, () => sneak(random, project)],
    [2, () => changeMode(random, project)],
    [2, () => addFile(random)],
    [1.5, () => ({ kind: 'remove', path: somePath(random, project) })],
    [1.5, () => rename(random, project)],
    [2, () => editIgnored(random)],
    [2, () => editIgnoreFile(random, project)],
    [6, () => editBlock(random, project)],
    [3, () => neutralEdit(random, project)],
    [2, () => insertBlock(source, project)],
    [2, () => removeBlock(random, project)],
    [2, () => swapBlocks(random, project)],
    [3, () => buildArg(source, project)],
    [2, () => target(source, project)],
    [0.7, () => ({ kind: 'no-cache', noCache: true })],
    [5, () => revert(random, history)],
  ]);
  return choice() ?? { kind: 'nothing' };
}

function filesOf(project: Project): string[] {
  return Object.entries(project.files)
    .filter(([path, entry]) => entry.kind === 'file' && path !== '.dockerignore')
    .map(([path]) => path);
}

function somePath(random: Random, project: Project): string {
  return random.pick(filesOf(project));
}

function editFile({ random }: MutationSource, project: Project): Mutation | undefined {
  const path = somePath(random, project);
  const entry = project.files[path];
  if (entry?.kind !== 'file') return undefined;
  const content = random.chance(0.4) ? `${entry.content}${random.word()}\n` : randomContent(random);
  return { kind: 'put', path, entry: { ...entry, content }, why: 'edit' };
}

function sneak(random: Random, project: Project): Mutation | undefined {
  const path = somePath(random, project);
  const entry = project.files[path];
  if (entry?.kind !== 'file' || !/^[ -~\n]+$/.test(entry.content)) return undefined;
  return { kind: 'sneak', path, content: random.word(entry.content.length) };
}

function changeMode(random: Random, project: Project): Mutation {
  if (random.chance(0.2))
    return { kind: 'chmod', path: random.pick(['src', 'conf', 'src/lib']), mode: random.pick([0o700, 0o755, 0o775]) };
  return { kind: 'chmod', path: somePath(random, project), mode: random.pick([0o600, 0o644, 0o664, 0o755]) };
}

function addFile(random: Random): Mutation {
  const folder = random.pick(['', 'src/', 'src/lib/', 'conf/', 'new/', 'logs/']);
  const path = `${folder}${random.word(4)}${random.pick(['.txt', '.c', '.tmp', '.log', ''])}`;
  return { kind: 'put', path, entry: file(randomContent(random)), why: 'add' };
}

function editIgnored(random: Random): Mutation {
  const path = random.pick(['logs/today.log', 'scratch.tmp', 'docs/guide.md', 'docs/keep.md', 'logs/keep.log']);
  return { kind: 'put', path, entry: file(randomContent(random)), why: 'edit' };
}

function rename(random: Random, project: Project): Mutation {
  const from = somePath(random, project);
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : '';
  return { kind: 'rename', from, to: `${folder}${random.word(4)}.txt` };
}

function editIgnoreFile(random: Random, project: Project): Mutation {
  const current = project.files['.dockerignore'];
  if (current?.kind === 'file' && random.chance(0.15)) return { kind: 'remove', path: '.dockerignore' };
  const content = randomIgnoreEdit(random, current?.kind === 'file' ? current.content : undefined);
  return { kind: 'put', path: '.dockerignore', entry: file(content), why: 'edit' };
}

/** Blocks that occur once, so that a mutation that names one by its text is exact. */
function uniqueBlocks(project: Project, wanted: RegExp): string[] {
  return project.blocks.filter(
    (block) => wanted.test(block) && project.blocks.indexOf(block) === project.blocks.lastIndexOf(block),
  );
}

const ANY = /^[A-Za-z]/;

function maybe<T>(random: Random, items: readonly T[]): T | undefined {
  return items.length > 0 ? random.pick(items) : undefined;
}

function editBlock(random: Random, project: Project): Mutation | undefined {
  const from = maybe(random, uniqueBlocks(project, /^(?!from|# )[A-Za-z]/i));
  if (from === undefined) return undefined;
  const word = random.word(3);
  const [keyword = ''] = from.split(/\s/);
  const appended = (tail: string): Mutation => ({ kind: 'set-block', from, to: from + tail, why: 'edit' });
  switch (keyword.toUpperCase()) {
    case 'RUN':
      if (from.includes('<<EOF'))
        return { kind: 'set-block', from, to: from.replace('<<EOF\n', `<<EOF\n: ${word}\n`), why: 'edit' };
      return from.includes('[') ? appended('\n') : appended(` && : ${word}`);
    case 'COPY':
    case 'ADD':
      if (from.includes('<<'))
        return { kind: 'set-block', from, to: from.replace('\nEOF', `\n${word}\nEOF`), why: 'edit' };
      return from.includes('[') || from.includes('--chmod')
        ? undefined
        : { kind: 'set-block', from, to: from.replace(/^\w+/, '$& --chmod=640'), why: 'edit' };
    case 'ENV':
    case 'ARG':
    case 'LABEL':
      return from.includes('=')
        ? { kind: 'set-block', from, to: from.replace(/=[^\s"']?/, `=${word}`), why: 'edit' }
        : undefined;
    case 'WORKDIR':
      return appended(`/${word}`);
    default:
      return undefined;
  }
}

/** Edits that change nothing for the builder, or next to nothing. */
function neutralEdit(random: Random, project: Project): Mutation | undefined {
  const any = maybe(random, uniqueBlocks(project, ANY));
  if (any === undefined) return undefined;
  const [keyword = ''] = any.split(/\s/);
  const set = (to: string, why: string): Mutation => ({ kind: 'set-block', from: any, to, why });
  return random.pick<() => Mutation>([
    () => ({ kind: 'insert-block', after: any, block: `# ${random.word()}` }),
    () => ({ kind: 'insert-block', after: any, block: '' }),
    () => set(keyword.toLowerCase() + any.slice(keyword.length), 'lower case'),
    () => set(`${keyword}  ${any.slice(keyword.length).trimStart()}`, 'blanks after the keyword'),
    () => set(any.replace(' && ', ' \\\n&& '), 'wrap'),
    () => set(any.replace(' && ', ' \\\n  # note\n  && '), 'wrap and indent'),
    () => set(`${any}  `, 'blanks at the end'),
  ])();
}

function insertBlock({ random, dockerfile }: MutationSource, project: Project): Mutation | undefined {
  const after = maybe(random, uniqueBlocks(project, /^(?!arg )[A-Za-z]/i));
  if (after === undefined || project.blocks.indexOf(after) < project.blocks.findIndex((block) => /^from/i.test(block)))
    return undefined;
  const name = maybe(random, dockerfile.argNames) ?? 'V';
  const block = random.pick([
    `LABEL added=${random.word(3)}`,
    `ENV ADDED=${random.word(3)}`,
    `ARG ${name}=${random.word(3)}`,
    `WORKDIR /added-${random.word(3)}`,
    `COPY a.txt /added-${random.word(3)}`,
    'USER 0',
    'EXPOSE 81',
  ]);
  return { kind: 'insert-block', after, block };
}

function removeBlock(random: Random, project: Project): Mutation | undefined {
  const block = maybe(random, uniqueBlocks(project, /^(?!from|run : )/i));
  return block === undefined ? undefined : { kind: 'remove-block', block };
}

function swapBlocks(random: Random, project: Project): Mutation | undefined {
  const unique = new Set(uniqueBlocks(project, /^(?!from|run : )[A-Za-z]/i));
  const pairs = project.blocks.flatMap((first, index) => {
    const second = project.blocks[index + 1];
    return second !== undefined && unique.has(first) && unique.has(second) ? [{ first, second }] : [];
  });
  const pair = maybe(random, pairs);
  return pair && { kind: 'swap-blocks', ...pair };
}

function buildArg({ random, dockerfile }: MutationSource, project: Project): Mutation {
  const name = random.pick([...dockerfile.argNames, 'UNDECLARED']);
  const remove = project.buildArgs[name] !== undefined && random.chance(0.4);
  return { kind: 'build-arg', name, value: remove ? undefined : random.pick(['', random.word(2), 'one two']) };
}

function target({ random, dockerfile }: MutationSource, project: Project): Mutation | undefined {
  const names = [undefined, ...dockerfile.targets].filter((name) => name !== project.target);
  return names.length === 0 ? undefined : { kind: 'target', target: names[random.int(0, names.length - 1)] };
}

function revert(random: Random, history: readonly Project[]): Mutation | undefined {
  if (history.length < 2) return undefined;
  const steps = random.int(1, Math.min(3, history.length - 1));
  const to = history.at(-1 - steps);
  return to && { kind: 'revert', to: { ...to, noCache: false }, steps };
}
