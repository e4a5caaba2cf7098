import type { ContextPlan } from './contextFiles.js';
import type { Random } from './random.js';

/** What a generated stage has so far, so that later instructions only name what is there. */
export interface StageState {
  readonly index: number;
  readonly name: string | undefined;
  /** False on scratch: nothing can RUN there. */
  readonly runs: boolean;
  /** Absolute paths of files and folders that exist in the stage. */
  readonly produced: string[];
  readonly variables: string[];
  /** Whether RUN works as root; another user can only write to /tmp. */
  root: boolean;
}

/** Counts up through a whole case: every destination and text is new unless a case repeats one on purpose. */
export class Counter {
  #value = 0;

  next(): number {
    return ++this.#value;
  }
}

export interface Surroundings {
  readonly random: Random;
  readonly counter: Counter;
  readonly context: ContextPlan;
  readonly earlier: readonly StageState[];
}

export function reference(stage: StageState): string {
  return stage.name ?? String(stage.index);
}

/** A RUN that works for the stage's user; some are the same each time, some depend on content, some are random. */
export function runInstruction(around: Surroundings, stage: StageState): string {
  const { random, counter } = around;
  const n = counter.next();
  const folder = stage.root ? '' : '/tmp';
  const output = `${folder}/r${n}`;
  const input = stage.produced.length > 0 ? random.pick(stage.produced) : '/etc/passwd';
  const variable = stage.variables.length > 0 ? random.pick(stage.variables) : 'PATH';
  const produces = (text: string): string => {
    stage.produced.push(output);
    return text;
  };
  const choice = random.weighted<() => string>([
    [5, () => produces(`RUN echo ${random.word()} > ${output}`)],
    [2, () => `RUN : ${random.word()}`],
    [2, () => produces(`RUN mkdir ${output} && echo ${n} > ${output}/f`)],
    [3, () => produces(`RUN cp -r ${input} ${output}`)],
    [3, () => produces(`RUN ls -R ${input} | wc -l > ${output}`)],
    [2, () => produces(`RUN cat /proc/sys/kernel/random/uuid > ${output}`)],
    [2, () => produces(`RUN echo "$${variable}" > ${output}`)],
    [1, () => produces(`RUN ["/bin/sh", "-c", "echo ${n} > ${output}"]`)],
    [1, () => produces(`RUN echo one > ${output} && \\\n    # why\n    echo two >> ${output}`)],
    [1, () => produces(`RUN dd if=/dev/zero of=${output} bs=1000 count=${random.int(1, 9)} 2>/dev/null`)],
    [1, () => produces(`RUN echo x > ${output} && ln ${output} ${output}.hard && ln -s ${output} ${output}.soft`)],
    [1, () => produces(`RUN <<EOF\necho ${random.word()} > ${output}\n# in the script\nEOF`)],
    [1, () => produces(`run   echo lower > ${output}`)],
    [1, () => produces(`RUN --mount=type=cache,target=/var/c${n} echo c > ${output}`)],
    [1, () => produces(`RUN --mount=type=tmpfs,target=/mnt echo t > ${output}`)],
    [2, () => bindRun(around, stage, output)],
    [1, () => `RUN --network=none true`],
  ]);
  return choice();
}

function bindRun(around: Surroundings, stage: StageState, output: string): string {
  const { random, context } = around;
  stage.produced.push(output);
  const other = around.earlier.filter((one) => one.produced.length > 0);
  if (other.length > 0 && random.chance(0.4)) {
    const from = random.pick(other);
    return `RUN --mount=type=bind,from=${reference(from)},source=${random.pick(from.produced)},target=/m ls -d /m > ${output}`;
  }
  const source = random.pick([...context.sources.filter((one) => !one.includes(' ')), ...context.directories]);
  return `RUN --mount=type=bind,source=${source},target=/m cat /m* > ${output} 2>/dev/null || true`;
}

const OWNERS = ['0', '1000:1000', 'app', 'app:app', 'root:0'];
const MODES = ['644', '0755', '600', 'u=rwX,go=rX'];

function copyFlags(random: Random): string {
  const owner = random.chance(0.15) ? ` --chown=${random.pick(OWNERS)}` : '';
  const mode = random.chance(0.15) ? ` --chmod=${random.pick(MODES.slice(0, 3))}` : '';
  return owner + mode;
}

/** A COPY or ADD of context files. On scratch no names of users, for there is no /etc/passwd. */
export function copyInstruction(around: Surroundings, stage: StageState): string {
  const { random, counter, context } = around;
  const keyword = random.weighted([
    [7, 'COPY'],
    [2, 'ADD'],
    [1, 'copy'],
  ] as const);
  const flags = stage.runs ? copyFlags(random) : '';
  const destination = `/c${counter.next()}`;
  const plain = context.sources.filter((one) => !one.includes(' '));
  const spaced = context.sources.filter((one) => one.includes(' '));
  const made = (path: string, text: string): string => {
    stage.produced.push(path);
    return text;
  };
  return random.weighted<() => string>([
    [6, () => made(destination, `${keyword}${flags} ${random.pick(plain)} ${destination}`)],
    [2, () => made(destination, `${keyword}${flags} ./${random.pick(plain)} ${destination}/`)],
    [3, () => made(destination, `${keyword}${flags} ${random.pick(context.directories)} ${destination}`)],
    [2, () => made(destination, `${keyword}${flags} ${random.pick(context.directories)}/ ${destination}/`)],
    [2, () => made(destination, `${keyword}${flags} a.txt b.txt ${destination}/`)],
    [1, () => made(destination, `${keyword}${flags} tool.sh src conf/app.json ${destination}/`)],
    [2, () => made(destination, `${keyword}${flags} ${random.pick(context.patterns)} ${destination}/`)],
    [2, () => made(destination, `${keyword}${flags} . ${destination}`)],
    [1, () => `${keyword}${flags} ${random.pick(plain)} ./`],
    [1, () => made(destination, `${keyword}${flags} ["${random.pick(plain)}", "${destination}"]`)],
    [1, () => made(destination, `COPY <<EOF ${destination}\nfrom a document ${random.word(3)}\nEOF`)],
    [1, () => made(destination, `COPY --exclude=*.log . ${destination}`)],
    [
      spaced.length > 0 ? 2 : 0,
      () =>
        made(
          destination,
          `${keyword}${flags} ["${random.pick(spaced.length > 0 ? spaced : plain)}", "${destination}"]`,
        ),
    ],
  ])();
}

/** A COPY from an earlier stage, or undefined when none has anything to give. */
export function copyFromInstruction(around: Surroundings, stage: StageState): string | undefined {
  const { random, counter } = around;
  const givers = around.earlier.filter((one) => one.produced.length > 0);
  if (givers.length === 0) return undefined;
  const from = random.pick(givers);
  const source = random.pick(from.produced);
  const destination = `/s${counter.next()}`;
  stage.produced.push(destination);
  const flags = stage.runs ? copyFlags(random) : '';
  const slash = random.chance(0.3) ? '/' : '';
  return `COPY --from=${reference(from)}${flags} ${source} ${destination}${slash}`;
}
