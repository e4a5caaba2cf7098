import type { ContextPlan } from './contextFiles.js';
import { copyFromInstruction, copyInstruction } from './copies.js';
import type { Grammar } from './dialect.js';
import type { Random } from './random.js';
import { runInstruction } from './runs.js';
import { argument, environment, metadata, shell, trigger, user, workdir } from './simple.js';
import type { Counter, StageState, Surroundings } from './stage.js';

export interface DockerfileOptions {
  readonly baseImage: string;
  /** In the first step of every stage, so that a case starts with nothing cached. */
  readonly marker: string;
  /** Ids that the first build has a secret for. */
  readonly secrets: readonly string[];
  readonly grammar: Grammar;
}

export interface DockerfilePlan {
  readonly blocks: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  /** Names that --target may have. */
  readonly targets: readonly string[];
  /** Names of build arguments that the file declares, or that are predefined. */
  readonly argNames: readonly string[];
  /** Goes on from what the file has, for mutations that add instructions. */
  readonly around: Surroundings;
  readonly stages: readonly StageState[];
}

interface Draft extends Surroundings {
  readonly earlier: StageState[];
  readonly blocks: string[];
  readonly argNames: string[];
  readonly options: DockerfileOptions;
}

const PREDEFINED = ['http_proxy', 'SOURCE_DATE_EPOCH', 'BUILDKIT_SANDBOX_HOSTNAME'];

/** A value that the builder accepts for a build argument. */
export function argumentValue(random: Random, name: string): string {
  if (name === 'SOURCE_DATE_EPOCH') return String(random.pick([0, 1_000_000, 1_700_000_000]));
  if (name.startsWith('BUILDKIT_')) return `host-${random.word(2)}`;
  if (/_proxy$/i.test(name)) return `http://proxy-${random.word(2)}:3128`;
  if (name === 'TAG') return '1';
  return random.pick([random.word(2), random.word(3), 'one two', '']);
}

/** A Dockerfile of one to four stages that (mostly) builds. */
export function generateDockerfile(
  random: Random,
  counter: Counter,
  context: ContextPlan,
  options: DockerfileOptions,
): DockerfilePlan {
  const { baseImage, secrets, grammar } = options;
  const draft: Draft = {
    ...{ random, counter, context, baseImage, secrets, grammar, options },
    earlier: [],
    blocks: [],
    argNames: [],
  };
  const backtick = random.chance(0.08);
  if (backtick) draft.blocks.push('# escape=`');
  else if (random.chance(0.15)) draft.blocks.push('# check=skip=all');
  if (random.chance(0.3)) draft.blocks.push(`# ${random.word()}`);
  if (random.chance(0.3)) {
    draft.blocks.push(`ARG GLOBAL=${random.word(3)}`);
    draft.argNames.push('GLOBAL');
  }
  const base = baseReference(draft);
  const count = random.weighted([
    [4, 1],
    [4, 2],
    // where every instruction makes an image, builds take longer
    [grammar.isSlow ? 0.3 : grammar.imageCache ? 1 : 3, 3],
    [grammar.imageCache ? 0 : 1, 4],
  ]);
  for (let index = 0; index < count; index++) addStage(draft, index, count, base);
  // BuildKit takes only names for --target, no numbers.
  const named = draft.earlier.flatMap((stage) => stage.name ?? []);
  const argNames = [...draft.argNames, ...PREDEFINED.filter(() => random.chance(0.3))];
  return {
    blocks: backtick ? draft.blocks.map(withBacktick) : draft.blocks,
    buildArgs: Object.fromEntries(
      argNames.filter(() => random.chance(0.3)).map((name) => [name, argumentValue(random, name)]),
    ),
    target: named.length > 0 && random.chance(0.2) ? random.pick(named) : undefined,
    targets: named,
    argNames,
    around: draft,
    stages: draft.earlier,
  };
}

function withBacktick(block: string): string {
  return block.includes('<<') ? block : block.replaceAll('\\\n', '`\n').replaceAll('\\ ', '` ');
}

/** What FROM calls the base image: by name, or by a name with variables of the head of the file. */
function baseReference({ random, blocks, baseImage }: Draft): string {
  const [name = '', tag = 'latest'] = baseImage.split(':');
  const form = random.weighted([
    [8, 'plain'],
    [2, 'tag'],
    [1, 'whole'],
    [1, 'default'],
  ] as const);
  if (form === 'tag') blocks.push(`ARG TAG=${tag}`);
  if (form === 'whole') blocks.push(`ARG BASE=${baseImage}`);
  const texts = { plain: baseImage, tag: `${name}:\${TAG}`, whole: '$BASE', default: `${name}:\${NOTAG:-${tag}}` };
  return texts[form];
}

function addStage(draft: Draft, index: number, count: number, base: string): void {
  const { random, blocks, options } = draft;
  const letters = random.chance(0.05) ? 'Base' : random.pick(['build', 'deps', 'base', 'out']);
  const name = index === count - 1 && random.chance(0.6) ? undefined : `${letters}${index}`;
  const as = name === undefined ? '' : ` ${random.pick(['AS', 'AS', 'as'])} ${name}`;
  const waiting = draft.earlier.filter((one) => one.triggers && one.name !== undefined);
  // FROM takes names only, exactly as the builder keeps them
  const bases = draft.earlier.filter((one) => one.name !== undefined);
  const parent =
    waiting.length > 0 && random.chance(0.7)
      ? random.pick(waiting)
      : bases.length > 0 && random.chance(0.25)
        ? random.pick(bases)
        : undefined;
  const scratch = !parent && random.chance(0.1);
  const platform =
    options.grammar.platforms && random.chance(0.08) && !scratch && !parent
      ? random.pick(['--platform=$BUILDPLATFORM ', '--platform=${TARGETPLATFORM} '])
      : '';
  if (index > 0 && random.chance(0.5)) blocks.push('');
  const from = parent ? (parent.name ?? '') : scratch ? 'scratch' : base;
  blocks.push(`${random.chance(0.1) ? 'from' : 'FROM'} ${platform}${from}${as}`);
  const runs = parent ? parent.runs : !scratch;
  const stage: StageState = {
    index,
    name,
    runs,
    produced: parent ? [...parent.produced] : scratch ? [] : ['/etc/passwd', '/etc'],
    variables: parent ? [...parent.variables] : [],
    root: parent ? parent.root : true,
    triggers: false,
  };
  // Stages with the same marker share their first step, as real files do.
  const marker = random.chance(0.5) ? options.marker : `${options.marker}-${index}`;
  if (runs) blocks.push(`RUN : ${marker}`);
  else blocks.push(`WORKDIR /marker-${marker}`);
  const fromEarlier = random.chance(0.6) && index > 0 ? copyFromInstruction(draft, stage) : undefined;
  if (fromEarlier !== undefined) blocks.push(fromEarlier);
  const { isSlow, imageCache } = options.grammar;
  const length = isSlow ? random.int(1, 4) : random.int(2, imageCache ? 6 : 8);
  for (let i = 0; i < length; i++) blocks.push(instruction(draft, stage));
  // A stage without a file of its own could not be copied from.
  if (stage.produced.length === 0) blocks.push(copyInstruction(draft, stage));
  if (stage.name !== undefined && stage.runs && stage.root && index < count - 1 && random.chance(0.2)) {
    stage.triggers = true;
    for (let i = random.int(1, 3); i > 0; i--) blocks.push(trigger(draft));
  }
  draft.earlier.push(stage);
}

function instruction(draft: Draft, stage: StageState): string {
  const { random } = draft;
  const choice = random.weighted<() => string>([
    [stage.runs ? 9 : 0, () => runInstruction(draft, stage)],
    [8, () => copyInstruction(draft, stage)],
    [4, () => copyFromInstruction(draft, stage) ?? copyInstruction(draft, stage)],
    [2, () => workdir(draft, stage)],
    [3, () => environment(draft, stage)],
    [3, () => argument(draft, stage, draft.argNames)],
    [1, () => user(draft, stage)],
    [stage.runs ? 1 : 0, () => shell(draft)],
    [3, () => metadata(draft, stage)],
    [1, () => `# ${random.word()} \\`],
    [1, () => ''],
    [0.1, () => random.pick(stage.runs ? ['RUN false', 'COPY missing.txt /missing'] : ['COPY missing.txt /missing'])],
  ]);
  return choice();
}
