import { shortDigest, type Sha256 } from '../evidence/facts';
import type { ChainStep, StepPlace } from './step';

/** A name, with a digest of what it stands for that is too short to find a value by trying. */
export type NamedDigest = readonly [name: string, digest: string];

/** What a step takes from the build context. */
export interface TakenPaths {
  /** Sources of a copy, as the builder looks for them. */
  readonly sources?: readonly string[];
  /** Patterns of --exclude. */
  readonly excludes?: readonly string[];
  /** Paths that a RUN mounts. */
  readonly mounts?: readonly string[];
  /** Paths that a RUN mounts and the builder does not look at. */
  readonly blind?: readonly string[];
  /** Nothing in the line is a variable: what stands here is in the file. */
  readonly isWritten: boolean;
}

/** What a step of a chain of images is made of, for naming what differs between two builds: no values, only digests. */
export interface StepFacts {
  /** Name to digest, the part that is named first at the beginning. */
  readonly parts: Readonly<Record<string, string>>;
  /** Build arguments that it knows, or declares. */
  readonly args?: readonly NamedDigest[];
  /** Variables that it sets. */
  readonly env?: readonly NamedDigest[];
  readonly labels?: readonly NamedDigest[];
  /** Undefined when it takes nothing from the build context. */
  readonly takes?: TakenPaths;
}

/** May something in an instruction come from a build argument? Values always begin with a `$` where they stand. */
export function holdsVariable({ text }: Pick<StepPlace, 'text'>): boolean {
  return text.includes('$');
}

/** What may be written down of what a step takes: names that come from variables may be values of arguments. */
export function withoutValues(facts: StepFacts): StepFacts {
  if (facts.takes === undefined || facts.takes.isWritten) return facts;
  return { ...facts, takes: { isWritten: false } };
}

/** Makes digests of what one step is made of; only names that stand in the file are told. */
export class FactWriter {
  constructor(
    private readonly sha256: Sha256,
    /** The instructions of the file, as they are written. */
    private readonly written: string,
  ) {}

  /** Of the instructions of these stages, after what stands before the first one. */
  static of<P>(
    sha256: Sha256,
    globals: readonly StepPlace[],
    stages: readonly { readonly steps: readonly ChainStep<P>[] }[],
  ): FactWriter {
    const texts = [...globals, ...stages.flatMap(({ steps }) => steps)].map(({ text }) => text);
    return new FactWriter(sha256, texts.join('\n'));
  }

  digest(value: unknown): string {
    return shortDigest(this.sha256, value ?? null);
  }

  parts(values: Readonly<Record<string, unknown>>): Record<string, string> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.digest(value)]));
  }

  /** @param within where the names have to stand; without it anywhere in the file */
  named(pairs: Iterable<readonly [name: string, value: unknown]>, within = this.written): NamedDigest[] {
    return [...pairs]
      .filter(([name]) => name !== '' && within.includes(name))
      .map(([name, value]) => [name, this.digest(value)]);
  }

  /** The variables of an environment (`NAME=value`) that an instruction sets. */
  variables(env: readonly string[], { text }: StepPlace): NamedDigest[] {
    return this.named(env.map(pairOf), text);
  }
}

/** `NAME=value` in two; without a value it is empty. */
export function pairOf(text: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
