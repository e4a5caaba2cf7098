import { copyFromInstruction, copyInstruction } from './copies.js';
import type { Grammar } from './dialect.js';
import type { MutationSource } from './mutate.js';
import type { Mutation, Project } from './project.js';
import type { Random } from './random.js';
import { runInstruction } from './runs.js';
import { metadata } from './simple.js';

/** Something that happens to the Dockerfile. */
export function blockMutation(source: MutationSource, project: Project): Mutation | undefined {
  const { random } = source;
  return random.weighted<() => Mutation | undefined>([
    [6, () => editBlock(source, project)],
    [3, () => neutralEdit(random, project)],
    [3, () => insertBlock(source, project)],
    [2, () => removeBlock(source, project)],
    [2, () => swapBlocks(source, project)],
    [1.5, () => argumentDefault(random, project)],
  ])();
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

function editBlock({ random, dockerfile }: MutationSource, project: Project): Mutation | undefined {
  const from = maybe(random, uniqueBlocks(project, /^(?!from|# )[A-Za-z]/i));
  if (from === undefined) return undefined;
  const word = random.word(3);
  const [keyword = ''] = from.split(/\s/);
  const set = (to: string): Mutation => ({ kind: 'set-block', from, to, why: 'edit' });
  // the first line of the body of a here-document
  if (from.includes('<<')) return set(from.replace(/\n(\t*)(?!#!)/, `\n$1: ${word}\n$1`));
  switch (keyword.toUpperCase()) {
    case 'RUN':
      return set(from.includes('[') ? `${from}\n` : `${from} && : ${word}`);
    case 'COPY':
    case 'ADD':
      return set(editCopy(random, dockerfile.around.grammar, from, word));
    case 'ENV':
    case 'ARG':
    case 'LABEL':
      return from.includes('=') ? set(from.replace(/=[^\s"']?/, `=${word}`)) : undefined;
    case 'WORKDIR':
      return set(`${from}/${word}`);
    default:
      return undefined;
  }
}

function editCopy(random: Random, grammar: Grammar, from: string, word: string): string {
  const all = [' --chmod=640', ' --link', ' --chown=7:7', ' --exclude=*.log', ` --exclude=${word}`];
  const flag = random.pick(grammar.dialect === 'classic' ? [' --chown=7:7', ' --chown=0'] : all);
  if (random.chance(0.2)) return from.replace(/^(\w+)(?: --\w+(?:=\S+)?)+/, '$1');
  if (from.includes(flag.split('=')[0] ?? flag) && !flag.includes('exclude')) return `${from.trimEnd()}/`;
  return from.replace(/^\w+/, `$&${flag}`);
}

/** Edits that change nothing for the builder, or next to nothing. */
function neutralEdit(random: Random, project: Project): Mutation | undefined {
  const any = maybe(random, uniqueBlocks(project, ANY));
  if (any === undefined) return undefined;
  const [keyword = ''] = any.split(/\s/);
  const escape = project.blocks.includes('# escape=`') ? '`' : '\\';
  const set = (to: string, why: string): Mutation => ({ kind: 'set-block', from: any, to, why });
  return random.pick<() => Mutation>([
    () => ({ kind: 'insert-block', after: any, block: `# ${random.word()}` }),
    () => ({ kind: 'insert-block', after: any, block: '' }),
    () => set(keyword.toLowerCase() + any.slice(keyword.length), 'lower case'),
    () => set(`${keyword}  ${any.slice(keyword.length).trimStart()}`, 'blanks after the keyword'),
    () => set(any.replace(' && ', ` ${escape}\n&& `), 'wrap'),
    () => set(any.replace(' && ', ` ${escape}\n  # note\n  && `), 'wrap and indent'),
    () => set(any.includes('<<') ? any : `${any}  `, 'blanks at the end'),
  ])();
}

function insertBlock({ random, dockerfile }: MutationSource, project: Project): Mutation | undefined {
  // a step that all cases could have must not come before the one that only this case has
  const place = dockerfile.around.grammar.imageCache ? /^(?!arg |from )[A-Za-z]/i : /^(?!arg )[A-Za-z]/i;
  const after = maybe(random, uniqueBlocks(project, place));
  if (after === undefined || project.blocks.indexOf(after) < project.blocks.findIndex((block) => /^from/i.test(block)))
    return undefined;
  const name = maybe(random, dockerfile.argNames) ?? 'V';
  const { around } = dockerfile;
  // Only what was there before the stage may be named: the stage is found by counting FROM.
  const index =
    project.blocks.slice(0, project.blocks.indexOf(after) + 1).filter((one) => /^from/i.test(one)).length - 1;
  const stage = dockerfile.stages[index];
  const earlier = dockerfile.stages.slice(0, Math.max(index, 0));
  const copy = { ...around, earlier };
  const own = stage && { ...stage, produced: [...stage.produced], variables: [...stage.variables] };
  const block = random.weighted<() => string | undefined>([
    [1, () => `ENV ADDED=${random.word(3)}`],
    [1, () => `ARG ${name}=${random.word(3)}`],
    [1, () => `WORKDIR /added-${random.word(3)}`],
    [1, () => 'USER 0'],
    [3, () => own && metadata(copy, own)],
    [2, () => own && copyInstruction(copy, own)],
    [1, () => own && copyFromInstruction(copy, own)],
    [own?.runs === true ? 2 : 0, () => own && runInstruction(copy, own)],
  ])();
  return block === undefined ? undefined : { kind: 'insert-block', after, block };
}

/** The step that only this case has, and that others stand on. */
function isMarker({ dockerfile }: MutationSource, block: string): boolean {
  return dockerfile.around.grammar.imageCache && /^(?:workdir\s+\/marker-|run\s+: )/i.test(block);
}

function removeBlock(source: MutationSource, project: Project): Mutation | undefined {
  const { random } = source;
  const blocks = uniqueBlocks(project, /^(?!from|run : |# escape|arg (?:tag|base))/i);
  const block = maybe(
    random,
    blocks.filter((one) => !isMarker(source, one)),
  );
  return block === undefined ? undefined : { kind: 'remove-block', block };
}

function swapBlocks(source: MutationSource, project: Project): Mutation | undefined {
  const { random } = source;
  const blocks = uniqueBlocks(project, /^(?!from|run : )[A-Za-z]/i);
  const unique = new Set(blocks.filter((one) => !isMarker(source, one)));
  const pairs = project.blocks.flatMap((first, index) => {
    const second = project.blocks[index + 1];
    return second !== undefined && unique.has(first) && unique.has(second) ? [{ first, second }] : [];
  });
  const pair = maybe(random, pairs);
  return pair && { kind: 'swap-blocks', ...pair };
}

function argumentDefault(random: Random, project: Project): Mutation | undefined {
  const from = maybe(random, uniqueBlocks(project, /^arg (?!tag|base)\w+(?:=\S+)?$/i));
  if (from === undefined) return undefined;
  const name = from.replace(/=.*/, '');
  return { kind: 'set-block', from, to: `${name}=${random.word(3)}`, why: 'change the default' };
}
