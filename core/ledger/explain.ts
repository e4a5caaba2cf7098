import { compareFacts, type FactDifference } from '../evidence/compareFacts';
import type { Sha256 } from '../evidence/facts';
import type { PastBuild, PastStep } from '../evidence/pastBuild';
import { MAX_REASON_FILES, type Certainty, type FileChange } from '../model';
import { filesReason } from '../predict/causes';
import { partFound, type DifferingField, type FoundField } from './explainParts';
import type { ContextNode } from '../context/tree';
import { chainDigests } from './chain';
import { compareFiles, type ContextState } from './explainFiles';
import { outcomesOf } from './outcome';

/** One of two builds that are compared. */
export interface ExplainedBuild {
  readonly build: PastBuild;
  /** Undefined when nobody kept what its context was. */
  readonly context: ContextState | undefined;
  /** It is what would be built now: nothing was executed. */
  readonly isNow: boolean;
}

/** The first step in which two builds differ. */
export interface BuildDifference {
  /** Lines of the instruction in the later and in the earlier build; null where it is not there. */
  readonly line: number | null;
  readonly otherLine: number | null;
  readonly instruction: string;
  readonly field: DifferingField;
  /** Name of the argument, variable or flag. */
  readonly name?: string;
  readonly message: string;
  /** `likely`: something was written in between, but what it was is not known. */
  readonly certainty: Certainty;
  readonly files?: readonly FileChange[];
  readonly fileCount?: number;
}

/** Why the second build did not find what the first one had. */
export interface Explanation {
  /** Undefined when everything that is known is the same. */
  readonly difference: BuildDifference | undefined;
  /** Lines that the second build executed. */
  readonly executed: readonly number[];
  /** What should be known about this answer. */
  readonly notes: readonly string[];
  /** Present files whose content would make the answer certain. */
  readonly wanted: readonly ContextNode[];
}

/** What explaining needs besides the builds. */
export interface ExplainTools {
  readonly sha256: Sha256;
  /** Do two digests stand for one image? */
  readonly isSameImage: (a: string, b: string) => boolean;
}

type Found = FoundField & {
  /** The steps that differ, where they are not those that were compared: the images below them. */
  readonly at?: readonly [then: PastStep, now: PastStep];
} & Partial<Pick<BuildDifference, 'certainty' | 'files' | 'fileCount'>>;

/** Finds the first step, in the order of the file, in which `after` differs from `before`. */
export function explainBuilds(before: ExplainedBuild, after: ExplainedBuild, tools: ExplainTools): Explanation {
  return new Explaining(before, after, tools).explain();
}

/** The steps that instructions stand for, in the order of the file. */
function instructionsOf({ steps }: PastBuild): number[] {
  const kinds = ['exec', 'file'];
  const own = steps.flatMap(({ kind, lines }, index) => (kinds.includes(kind) && lines.length > 0 ? [index] : []));
  const lineOf = (index: number): number => firstLine(steps[index]) ?? 0;
  return own.sort((a, b) => lineOf(a) - lineOf(b) || a - b);
}

class Explaining {
  private readonly notes = new Set<string>();
  private readonly wanted: ContextNode[] = [];
  private readonly chains: readonly [before: readonly (string | undefined)[], after: readonly (string | undefined)[]];

  constructor(
    private readonly before: ExplainedBuild,
    private readonly after: ExplainedBuild,
    private readonly tools: ExplainTools,
  ) {
    this.chains = [chainDigests(before.build.steps, tools.sha256), chainDigests(after.build.steps, tools.sha256)];
  }

  explain(): Explanation {
    const { before, after } = this;
    const difference = this.find(instructionsOf(before.build), instructionsOf(after.build));
    const outcomes = after.isNow ? [] : outcomesOf(after.build);
    const done = after.build.steps.filter(({ kind }, index) => outcomes[index] === 'executed' && isOperation(kind));
    const executed = [...new Set(done.flatMap(({ lines }) => lines.map(({ start }) => start)))].sort((a, b) => a - b);
    if (after.build.asked?.noCache === true)
      this.notes.add('the later build was asked not to use the cache (--no-cache)');
    const isLater = before.build.steps.length > 0 && before.build.completedAt <= after.build.createdAt;
    if (difference === undefined && executed.length > 0 && isLater && after.build.asked?.noCache !== true) {
      this.notes.add('what was executed was not kept any more: its result was removed from the cache in between');
    }
    for (const { build } of [before, after]) {
      if (build.steps.length === 0)
        this.notes.add(`build ${build.ref.slice(0, 8)} left no description of its steps: it failed`);
    }
    return { difference, executed, notes: [...this.notes], wanted: this.wanted };
  }

  private find(theirs: readonly number[], ours: readonly number[]): BuildDifference | undefined {
    if (this.before.build.steps.length === 0 || this.after.build.steps.length === 0) return undefined;
    for (let position = 0; position < Math.max(theirs.length, ours.length); position++) {
      const [a, b] = [theirs[position], ours[position]];
      const [then, now] = [this.before.build.steps[a ?? -1], this.after.build.steps[b ?? -1]];
      if (then === undefined || now === undefined || this.tokenOf(then) !== this.tokenOf(now)) {
        const [nextThen, nextNow] = [
          this.stepAt('before', theirs[position + 1]),
          this.stepAt('after', ours[position + 1]),
        ];
        if (now !== undefined && (then === undefined || this.tokenOf(then) === this.tokenOf(nextNow))) {
          return this.told(undefined, now, { field: 'instruction', message: 'this instruction was added' });
        }
        if (then !== undefined && (now === undefined || this.tokenOf(now) === this.tokenOf(nextThen))) {
          return this.told(then, undefined, { field: 'instruction', message: 'this instruction was removed' });
        }
      }
      if (a === undefined || b === undefined || then === undefined || now === undefined) continue;
      const found = this.compare(then, now, a, b);
      if (found !== undefined) return this.told(then, now, found);
    }
    return undefined;
  }

  private stepAt(side: 'before' | 'after', index: number | undefined): PastStep | undefined {
    return this[side].build.steps[index ?? -1];
  }

  private tokenOf(step: PastStep | undefined): string | undefined {
    return step?.opDigest;
  }

  private told(a: PastStep | undefined, b: PastStep | undefined, { at, ...found }: Found): BuildDifference {
    const [then, now] = at?.every(({ lines }) => lines.length > 0) === true ? at : [a, b];
    return {
      line: firstLine(now) ?? null,
      otherLine: firstLine(then) ?? null,
      instruction: (now ?? then)?.instruction ?? (now ?? then)?.kind.toUpperCase() ?? '',
      certainty: 'certain',
      ...found,
    };
  }

  private compare(then: PastStep, now: PastStep, a: number, b: number): Found | undefined {
    if (then.kind !== now.kind || isDirectory(then) !== isDirectory(now)) {
      return { field: 'instruction', message: 'another instruction stands here' };
    }
    // variables and folders come from the image: it is the cause
    const base = this.base(then, now);
    if (base !== undefined) return base;
    const facts = compareFacts(now.facts, then.facts);
    if (facts !== undefined) return this.facts(facts, now, then);
    if (now.opDigest !== then.opDigest) return { field: 'instruction', message: 'the instruction changed' };
    if (now.inputs.length !== then.inputs.length) return { field: 'from', message: 'it takes from other stages' };
    for (const position of now.inputs.keys()) {
      const found = this.input(then, now, position);
      if (found !== undefined) return found;
    }
    const [before, after] = [this.chains[0][a], this.chains[1][b]];
    if (before !== undefined && after !== undefined && before !== after) {
      return { field: 'from', message: 'the stages that it takes from are other ones' };
    }
    return undefined;
  }

  private base(then: PastStep, now: PastStep): Found | undefined {
    const [theirs, ours] = [this.stepAt('before', then.inputs[0]), this.stepAt('after', now.inputs[0])];
    if (theirs?.kind !== 'image' || ours?.kind !== 'image') return undefined;
    const found = this.images(theirs, ours);
    return found && { ...found, at: [theirs, ours] };
  }

  private images(then: PastStep, now: PastStep): Found | undefined {
    const names = [then, now].map(({ imageReference = '' }) => imageReference.replace(/@.*/, ''));
    const [was = '', is = ''] = names;
    if (was !== is) return { field: 'base-image', name: is, message: `the image is ${is}, it was ${was}` };
    if (then.imagePlatform !== now.imagePlatform) {
      const message = `the platform is ${now.imagePlatform ?? ''}, it was ${then.imagePlatform ?? ''}`;
      return { field: 'platform', message };
    }
    const [before, after] = [then.imageDigest, now.imageDigest];
    if (before === undefined || after === undefined) {
      this.notes.add(`whether ${is} was the same image is not known`);
      return undefined;
    }
    if (this.tools.isSameImage(before, after)) return undefined;
    return {
      field: 'base-digest',
      name: is,
      message: `${is} is another image: ${short(after)}, it was ${short(before)}`,
    };
  }

  private facts(difference: FactDifference, now: PastStep, then: PastStep): Found {
    if (difference.kind === 'order') return { field: 'environment', message: 'the order of ENV and ARG changed' };
    if (difference.kind === 'part') return partFound(difference.part, now, then);
    const { name, how } = difference;
    const isArgument = [this.before, this.after].some(({ build }) => build.asked?.args.includes(name) === true);
    const words = { value: 'has another value', added: 'is new', removed: 'is gone' }[how];
    return {
      field: isArgument ? 'argument' : 'environment',
      name,
      message: `${isArgument ? 'build argument' : 'variable'} ${name} ${words}`,
    };
  }

  private input(then: PastStep, now: PastStep, position: number): Found | undefined {
    const theirs = this.stepAt('before', then.inputs[position]);
    const ours = this.stepAt('after', now.inputs[position]);
    const [before, after] = [then.uses[position], now.uses[position]];
    if (theirs === undefined || ours === undefined || before === undefined || after === undefined) return undefined;
    if (theirs.kind !== ours.kind) return { field: 'from', message: 'it takes from another source' };
    if (ours.kind === 'image') {
      const found = this.images(theirs, ours);
      return found && { ...found, field: 'from' };
    }
    if (JSON.stringify(before) !== JSON.stringify(after)) return { field: 'sources', message: 'the sources changed' };
    return ours.kind === 'local' ? this.files({ before, after }, now) : undefined;
  }

  private files(use: Parameters<typeof compareFiles>[2], now: PastStep): Found | undefined {
    const [before, after] = [this.before.context, this.after.context];
    const isOpen = this.after.isNow || !now.cached;
    if (before === undefined || after === undefined) {
      const of = (before === undefined ? this.before : this.after).build.ref.slice(0, 8);
      this.notes.add(`no manifest of the build context is kept for build ${of}: which files differ is not known`);
      const message = 'the files that it takes may differ: they were not noted';
      return isOpen ? { field: 'file', message, certainty: 'likely' } : undefined;
    }
    const difference = compareFiles(before, after, use);
    if (difference === undefined) {
      this.notes.add(`what line ${now.lines[0]?.start ?? 0} takes from the build context is not known exactly`);
      return undefined;
    }
    this.wanted.push(...difference.wanted);
    const { changes, unsure } = difference;
    if (changes.length > 0) {
      const { message, files = [], fileCount } = filesReason(changes, 0);
      return { field: 'file', message, files, ...(fileCount === undefined ? {} : { fileCount }) };
    }
    const [first] = unsure;
    if (first === undefined || !isOpen) return undefined;
    return {
      field: 'file',
      message: `${first} was written in between; what it held is not known`,
      certainty: 'likely',
      files: unsure.slice(0, MAX_REASON_FILES).map((path) => ({ path, change: 'content' })),
    };
  }
}

/** A step that several lines share is told of at the first of them. */
function firstLine(step: PastStep | undefined): number | undefined {
  return step === undefined || step.lines.length === 0 ? undefined : Math.min(...step.lines.map(({ start }) => start));
}

function isOperation(kind: PastStep['kind']): boolean {
  return kind === 'exec' || kind === 'file';
}

function isDirectory({ kind, facts }: PastStep): boolean {
  return kind === 'file' && facts.parts['path'] !== undefined;
}

function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}
