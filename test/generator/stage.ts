import type { ContextPlan } from './contextFiles.js';
import type { Grammar } from './dialect.js';
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
  /** Whether it has ONBUILD, which a stage that stands on it runs. */
  triggers: boolean;
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
  readonly grammar: Grammar;
  readonly earlier: readonly StageState[];
  readonly baseImage: string;
  /** Ids that the first build has a secret for. */
  readonly secrets: readonly string[];
}

/** How another instruction names a stage: COPY and mounts take numbers too, and any case. */
export function reference({ random, grammar }: Surroundings, stage: StageState): string {
  if (stage.name === undefined || random.chance(0.15)) return String(stage.index);
  return grammar.anyCase && random.chance(0.1) ? stage.name.toUpperCase() : stage.name;
}

export function pickVariable(random: Random, stage: StageState): string {
  return stage.variables.length > 0 ? random.pick(stage.variables) : 'NONE';
}

/** A value with the expansions that a Dockerfile knows; never empty. */
export function expansion({ random, grammar }: Surroundings, stage: StageState): string {
  const name = pickVariable(random, stage);
  const word = random.word(2);
  // Buildah wants the colon
  const withoutColon = [`\${${name}-${word}}x`, `\${${name}+${word}}z`];
  const [unset = '', set = ''] = grammar.dialect === 'buildah' ? [] : withoutColon;
  const forms = [
    `\${${name}:-${word}}`,
    unset,
    `\${${name}:+${word}}y`,
    set,
    `\${${name}#?}k`,
    `\${${name}##*o}k`,
    `\${${name}%?}k`,
    `\${${name}%%b*}k`,
    `\${${name}/a/${word}}k`,
    `\${${name}//o/${word}}k`,
    `$${name}-${word}`,
    `\${${name}:-\${OTHER:-${word}}}`,
  ];
  return random.pick(forms.filter((form) => form !== ''));
}

/** A text in a here-document of each form, with the line that opens it. */
export interface Heredoc {
  readonly open: string;
  readonly body: string;
}

export function heredoc(random: Random, name: string, lines: readonly string[]): Heredoc {
  const tabs = random.chance(0.2);
  const quoted = random.pick([name, name, `'${name}'`, `"${name}"`]);
  const indent = tabs ? '\t' : '';
  return {
    open: `<<${tabs ? '-' : ''}${quoted}`,
    body: [...lines.map((line) => indent + line), indent + name].join('\n'),
  };
}
