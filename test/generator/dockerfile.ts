import type { Counter, StageState, Surroundings } from './stage.js';
import { copyFromInstruction, copyInstruction, reference, runInstruction } from './stage.js';
import type { ContextPlan } from './contextFiles.js';
import type { Random } from './random.js';

export interface DockerfileOptions {
  readonly baseImage: string;
  /** In the first step of every stage, so that a case starts with nothing cached. */
  readonly marker: string;
}

export interface DockerfilePlan {
  readonly blocks: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  /** Names that --target may have. */
  readonly targets: readonly string[];
  /** Names of build arguments that the file declares. */
  readonly argNames: readonly string[];
}

interface Draft extends Surroundings {
  readonly earlier: StageState[];
  readonly blocks: string[];
  readonly argNames: string[];
  readonly options: DockerfileOptions;
}

/** A Dockerfile of one to four stages that (mostly) builds. */
export function generateDockerfile(
  random: Random,
  counter: Counter,
  context: ContextPlan,
  options: DockerfileOptions,
): DockerfilePlan {
  const draft: Draft = { random, counter, context, earlier: [], blocks: [], argNames: [], options };
  if (random.chance(0.15)) draft.blocks.push('# check=skip=all');
  if (random.chance(0.3)) draft.blocks.push(`# ${random.word()}`);
  if (random.chance(0.3)) {
    draft.blocks.push(`ARG GLOBAL=${random.word(3)}`);
    draft.argNames.push('GLOBAL');
  }
  const tag = random.chance(0.2) ? options.baseImage.split(':')[1] : undefined;
  if (tag !== undefined) draft.blocks.push(`ARG TAG=${tag}`);
  const base = tag === undefined ? options.baseImage : `${options.baseImage.split(':')[0] ?? ''}:\${TAG}`;
  const count = random.weighted([
    [4, 1],
    [4, 2],
    [3, 3],
    [1, 4],
  ]);
  for (let index = 0; index < count; index++) addStage(draft, index, count, base);
  // BuildKit takes only names for --target, no numbers.
  const named = draft.earlier.flatMap((stage) => stage.name ?? []);
  return {
    blocks: draft.blocks,
    buildArgs: Object.fromEntries(
      draft.argNames.filter(() => random.chance(0.3)).map((name) => [name, random.word(3)]),
    ),
    target: named.length > 0 && random.chance(0.2) ? random.pick(named) : undefined,
    targets: named,
    argNames: draft.argNames,
  };
}

function addStage(draft: Draft, index: number, count: number, base: string): void {
  const { random, blocks, options } = draft;
  const name =
    index === count - 1 && random.chance(0.6) ? undefined : `${random.pick(['build', 'deps', 'Base', 'out'])}${index}`;
  const as = name === undefined ? '' : ` ${random.pick(['AS', 'as'])} ${name}`;
  const parent = draft.earlier.length > 0 && random.chance(0.25) ? random.pick(draft.earlier) : undefined;
  const scratch = !parent && random.chance(0.12);
  const platform = random.chance(0.05) && !scratch && !parent ? '--platform=$BUILDPLATFORM ' : '';
  if (index > 0 && random.chance(0.5)) blocks.push('');
  blocks.push(
    `${random.chance(0.1) ? 'from' : 'FROM'} ${platform}${parent ? reference(parent) : scratch ? 'scratch' : base}${as}`,
  );
  const runs = parent ? parent.runs : !scratch;
  const stage: StageState = {
    index,
    name,
    runs,
    produced: parent ? [...parent.produced] : scratch ? [] : ['/etc/passwd'],
    variables: parent ? [...parent.variables] : [],
    root: parent ? parent.root : true,
  };
  // Stages with the same marker share their first step, as real files do.
  const marker = random.chance(0.5) ? options.marker : `${options.marker}-${index}`;
  if (runs) blocks.push(`RUN : ${marker}`);
  else blocks.push(`WORKDIR /marker-${marker}`);
  const fromEarlier = random.chance(0.7) ? copyFromInstruction(draft, stage) : undefined;
  if (fromEarlier !== undefined) blocks.push(fromEarlier);
  const length = random.int(1, 7);
  for (let i = 0; i < length; i++) blocks.push(...instruction(draft, stage));
  // A stage without a file of its own could not be copied from.
  if (stage.produced.length === 0) blocks.push(copyInstruction(draft, stage));
  draft.earlier.push(stage);
}

function instruction(draft: Draft, stage: StageState): string[] {
  const { random } = draft;
  const choice = random.weighted<() => string[]>([
    [stage.runs ? 8 : 0, () => [runInstruction(draft, stage)]],
    [7, () => [copyInstruction(draft, stage)]],
    [4, () => [copyFromInstruction(draft, stage) ?? copyInstruction(draft, stage)]],
    [2, () => [workdir(draft)]],
    [3, () => [environment(draft, stage)]],
    [3, () => [argument(draft, stage)]],
    [1, () => [user(draft, stage)]],
    [
      stage.runs ? 1 : 0,
      () => [random.pick(['SHELL ["/bin/sh", "-ec"]', 'SHELL ["/bin/sh", "-c"]', 'shell ["sh", "-c"]'])],
    ],
    [3, () => [metadata(random)]],
    [1, () => [`# ${random.word()} \\`]],
    [1, () => ['']],
    [
      0.15,
      () => [random.pick(stage.runs ? ['RUN false', 'COPY missing.txt /missing'] : ['COPY missing.txt /missing'])],
    ],
  ]);
  return choice();
}

function workdir(draft: Draft): string {
  const { random, counter } = draft;
  return random.pick([
    `WORKDIR /w${counter.next()}`,
    `WORKDIR /w${counter.next()}/`,
    'WORKDIR /',
    'WORKDIR sub',
    'WORKDIR /tmp',
    'WORKDIR .',
  ]);
}

function environment(draft: Draft, stage: StageState): string {
  const { random } = draft;
  const name = random.pick(['E', 'F', 'LONG_NAME', 'lower']);
  const other = stage.variables.length > 0 ? random.pick(stage.variables) : 'NONE';
  stage.variables.push(name);
  const value = random.word(3);
  return random.pick([
    `ENV ${name}=${value}`,
    `ENV ${name}=${value}`,
    `ENV ${name} ${value} with blanks`,
    `ENV ${name}="${value} quoted" G=\${${other}:-none}`,
    `ENV ${name}='$${other} not expanded'`,
    `ENV ${name}=${value}\\ escaped`,
    `ENV ${name}=\${${other}}/${value} \\\n    SECOND=${random.word(2)}`,
    `env ${name}=$${other}x`,
  ]);
}

function argument(draft: Draft, stage: StageState): string {
  const { random } = draft;
  if (draft.argNames.includes('GLOBAL') && random.chance(0.3)) {
    stage.variables.push('GLOBAL');
    return 'ARG GLOBAL';
  }
  if (random.chance(0.1)) {
    stage.variables.push('TARGETARCH');
    return 'ARG TARGETARCH';
  }
  const name = random.pick(['V', 'VERSION', 'E']);
  const other = stage.variables.length > 0 ? random.pick(stage.variables) : 'NONE';
  stage.variables.push(name);
  if (!draft.argNames.includes(name)) draft.argNames.push(name);
  return random.pick([
    `ARG ${name}`,
    `ARG ${name}=${random.word(3)}`,
    `ARG ${name}="a b"`,
    `ARG ${name}=$${other}-1`,
    `ARG ${name}=1 W=2`,
  ]);
}

function user(draft: Draft, stage: StageState): string {
  const { random } = draft;
  const name = random.pick(stage.runs ? ['root', '0', 'app', '1000:1000'] : ['0', '1000:1000']);
  stage.root = name === 'root' || name === '0';
  return `USER ${name}`;
}

function metadata(random: Random): string {
  return random.pick([
    `LABEL note=${random.word(3)}`,
    `LABEL "a b"="$V" c='d'`,
    `CMD ["/bin/sh", "-c", "echo ${random.word(3)}"]`,
    'CMD echo hi',
    'ENTRYPOINT ["/bin/sh"]',
    `EXPOSE ${random.int(1000, 9000)}/tcp`,
    'VOLUME /data',
    'HEALTHCHECK --interval=30s CMD true',
    'HEALTHCHECK NONE',
    'STOPSIGNAL SIGTERM',
  ]);
}
