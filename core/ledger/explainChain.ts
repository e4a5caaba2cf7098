import type { ContextNode } from '../context/tree';
import type { Sha256 } from '../evidence/facts';
import { MAX_REASON_FILES } from '../model';
import { filesReason } from '../predict/causes';
import type { BuildDifference, Explanation } from './explain';
import { ChainFiles, type ChainContext, type TakenDifference } from './explainChainFiles';
import { factsFound } from './explainChainParts';
import type { FoundField } from './explainParts';
import type { SeenStep } from './followChain';
import type { NotedChain, NotedChainStage, NotedChainStep, NotedFrom } from './notedChain';

/** A builder whose images are its cache. */
export type ChainBuilder = 'classic' | 'buildah';

/** One of two builds that are compared. */
export interface ExplainedChain {
  /** How it is called in a sentence: `build 0123abcd`, or `now`. */
  readonly name: string;
  readonly isNow: boolean;
  readonly target: string;
  readonly stages: NotedChain['stages'];
  /** The steps of which an image was found; undefined for what would be built now, or where nobody looked. */
  readonly seen: readonly SeenStep[] | undefined;
  /** When it began and ended; undefined for now. */
  readonly span: { readonly startedAt: number; readonly endedAt: number } | undefined;
  /** Undefined when nobody kept what its context was. */
  readonly context: ChainContext | undefined;
}

/** FROM, or a step. */
interface Item {
  readonly line: number | undefined;
  readonly instruction: string;
  /** Equal ones stand for the same instruction. */
  readonly token: string;
  readonly stage: NotedChainStage;
  readonly from?: NotedFrom | undefined;
  readonly step?: NotedChainStep;
  readonly seen?: SeenStep | undefined;
  /** Nothing of its stage was seen, and nothing had to be: all of it was said to be cached. */
  readonly isUntold?: boolean;
}

type StepItem = Item & { readonly step: NotedChainStep };
type Found = FoundField & Partial<Pick<BuildDifference, 'certainty' | 'files' | 'fileCount'>>;

const COPIES = ['COPY', 'ADD'];
const BUILDERS: Readonly<Record<ChainBuilder, string>> = { classic: 'the classic builder', buildah: 'Buildah' };

/**
 * Finds the first step, in the order of the file, in which `after` differs from `before` to a builder whose images are
 * its cache. What the builder compared are the texts of the images: where they are equal nothing differs for it, whatever
 * changed. They are kept as digests, so that the parts of a step only tell what it is that made them differ.
 */
export function explainChains(
  builder: ChainBuilder,
  before: ExplainedChain,
  after: ExplainedChain,
  sha256: Sha256,
): Explanation {
  return new Explaining(builder, before, after, sha256).explain();
}

/** Instructions of the stages that are built, in the order of the file. */
function itemsOf({ stages, seen }: ExplainedChain): Item[] {
  const bySteps = new Map(seen?.map((one) => [`${one.stage}:${one.index}`, one]));
  return stages.flatMap((stage, index) => {
    if (stage === null) return [];
    const [first] = stage.steps;
    const from: Item = {
      ...{ line: stage.from?.line ?? first?.line, instruction: 'FROM', token: 'FROM', stage, from: stage.from },
    };
    const isUntold =
      seen?.some((one) => one.stage === index) !== true && stage.steps.every(({ verdict }) => verdict === 'cached');
    const steps = stage.steps.map((step, position): Item => ({
      ...{ line: step.line, instruction: step.instruction, stage, step, isUntold },
      token: `${step.instruction} ${step.shape ?? ''}`,
      seen: bySteps.get(`${index}:${position}`),
    }));
    return [from, ...steps];
  });
}

class Explaining {
  private readonly notes = new Set<string>();
  private readonly wanted: ContextNode[] = [];
  private readonly files: ChainFiles;

  constructor(
    private readonly builder: ChainBuilder,
    private readonly before: ExplainedChain,
    private readonly after: ExplainedChain,
    sha256: Sha256,
  ) {
    this.files = new ChainFiles(builder, sha256);
  }

  explain(): Explanation {
    const { before, after } = this;
    const items = [itemsOf(before), itemsOf(after)] as const;
    if (before.target !== after.target) this.notes.add('the builds have other targets');
    const difference = this.find(...items);
    const made = items[1].filter(({ seen }) => seen?.executed === true);
    const executed = [...new Set(made.flatMap(({ line }) => line ?? []))].sort((a, b) => a - b);
    const isLater =
      before.span !== undefined && after.span !== undefined && before.span.endedAt <= after.span.startedAt;
    if (difference === undefined && executed.length > 0 && isLater) {
      this.notes.add(
        'what was executed was not kept any more, or was not to be taken (--no-cache): the images do not tell which',
      );
    }
    if (difference === undefined) for (const side of [before, after]) this.noteUnseen(side, itemsOf(side));
    return { difference, executed, notes: [...this.notes], wanted: this.wanted };
  }

  private noteUnseen({ name, isNow }: ExplainedChain, items: readonly Item[]): void {
    const first = items.find((one) => !isNow && isUnseen(one) && one.isUntold !== true);
    if (first !== undefined) this.notes.add(notSeen(name, first));
  }

  private find(theirs: readonly Item[], ours: readonly Item[]): BuildDifference | undefined {
    for (let position = 0; position < Math.max(theirs.length, ours.length); position++) {
      const [then, now] = [theirs[position], ours[position]];
      if (then?.token !== now?.token) {
        if (now !== undefined && (then === undefined || then.token === ours[position + 1]?.token)) {
          return this.told(undefined, now, { field: 'instruction', message: 'this instruction was added' });
        }
        if (then !== undefined && (now === undefined || now.token === theirs[position + 1]?.token)) {
          return this.told(then, undefined, { field: 'instruction', message: 'this instruction was removed' });
        }
      }
      if (then === undefined || now === undefined) continue;
      const found = this.compare(then, now);
      if (found !== undefined) return this.told(then, now, found);
    }
    return undefined;
  }

  private told(then: Item | undefined, now: Item | undefined, found: Found): BuildDifference {
    const unseen = [
      [this.before, then],
      [this.after, now],
    ] as const;
    let isLikely = false;
    for (const [{ name, isNow }, item] of unseen) {
      if (isNow || item === undefined || !isUnseen(item)) continue;
      this.notes.add(notSeen(name, item));
      isLikely = true;
    }
    return {
      ...{ line: now?.line ?? null, otherLine: then?.line ?? null },
      instruction: (now ?? then)?.instruction ?? '',
      certainty: 'certain',
      ...found,
      ...(isLikely ? { certainty: 'likely' } : {}),
    };
  }

  private compare(then: Item, now: Item): Found | undefined {
    if (then.instruction !== now.instruction) {
      return { field: 'instruction', message: 'another instruction stands here' };
    }
    if (hasStep(then) && hasStep(now)) return this.step(then, now);
    return this.base(then, now);
  }

  private base(then: Item, now: Item): Found | undefined {
    const [was, is] = [then.stage.base, now.stage.base];
    const [before, after] = [then.from, now.from];
    const name = after?.name === undefined ? {} : { name: after.name };
    const isOtherName = before?.digest !== after?.digest;
    if (was === undefined || is === undefined) {
      if (isOtherName && before !== undefined && after !== undefined) {
        return { field: 'base-image', ...name, message: otherImage(before, after) };
      }
      this.notes.add(`whether line ${now.line ?? 0} stood on the same image is not known`);
      return undefined;
    }
    if (JSON.stringify(was) === JSON.stringify(is)) {
      if (isOtherName && before !== undefined && after !== undefined) {
        this.notes.add(`line ${now.line ?? 0} names another image than before, which is the same one`);
      }
      return undefined;
    }
    if (typeof was !== 'string' || typeof is !== 'string') {
      return { field: 'base-image', ...name, message: 'the stage stands on another one' };
    }
    if (isOtherName && before !== undefined && after !== undefined) {
      return { field: 'base-image', ...name, message: otherImage(before, after) };
    }
    // the places of Buildah are no ids that people know
    const ids = this.builder === 'classic' && was !== '' && is !== '' ? `: ${short(is)}, it was ${short(was)}` : '';
    return { field: 'base-digest', ...name, message: `${after?.name ?? 'the base'} is another image${ids}` };
  }

  private step(then: StepItem, now: StepItem): Found | undefined {
    const [a, b] = [then.step, now.step];
    // nobody knows what it would be looked up by
    if (a.shape === undefined || b.shape === undefined) {
      this.notes.add(`what line ${now.line ?? 0} is looked up by is not known`);
      return undefined;
    }
    const isSameText = overlap(textsOf(then), textsOf(now));
    const facts = a.facts && b.facts && factsFound(withSeen(now), withSeen(then));
    const isHealthcheck = a.instruction === 'HEALTHCHECK' && facts !== undefined;
    if (a.shape === b.shape && isSameText !== false && !isHealthcheck) {
      if (isSameText === true) {
        this.unnoticed(then, now, facts);
        return undefined;
      }
      return facts === undefined ? this.content(then, now, isSameText) : { ...facts, certainty: 'likely' };
    }
    if (facts !== undefined) return facts;
    if (a.facts === undefined || b.facts === undefined) {
      for (const [side, step] of [[this.before, a] as const, [this.after, b] as const]) {
        if (step.facts === undefined) this.notes.add(`of ${side.name} nobody noted what its steps were made of`);
      }
    }
    if (a.shape !== b.shape) return { field: 'instruction', message: 'the instruction changed' };
    return this.content(then, now, false);
  }

  /** What changed although the builder will say that it did not. */
  private unnoticed(then: StepItem, now: StepItem, facts: FoundField | undefined): void {
    const line = `line ${now.line ?? 0}`;
    const builder = BUILDERS[this.builder];
    if (facts !== undefined) this.notes.add(`${line}: ${facts.message}, but ${builder} does not compare it`);
    const difference = this.taken(then, now);
    const [change] = difference?.changes ?? [];
    const path = change?.path ?? difference?.blind[0];
    if (path !== undefined) this.notes.add(`${line}: ${path} changed, but ${builder} does not notice it`);
  }

  private taken(then: StepItem, now: StepItem): TakenDifference | undefined {
    const [before, after] = [this.before.context, this.after.context];
    const [theirs, ours] = [then.step.facts, now.step.facts];
    if (theirs?.takes === undefined || ours?.takes === undefined) return undefined;
    if (before === undefined || after === undefined) return undefined;
    const areSame = theirs.parts['sources'] === ours.parts['sources'];
    return this.files.compare(before, after, theirs.takes, ours.takes, areSame);
  }

  /** @param isSame whether the builder found the same content; undefined when that is not known */
  private content(then: StepItem, now: StepItem, isSame: false | undefined): Found | undefined {
    const difference = this.taken(then, now);
    const takes = [then, now].some(({ step }) => step.facts?.takes !== undefined);
    if (difference === undefined) {
      if (isSame === undefined) return undefined;
      if (takes) this.noteUnknown(now);
      if (!COPIES.includes(now.instruction) && !takes)
        return { field: 'instruction', message: 'the instruction changed' };
      const isFromElsewhere = now.step.facts !== undefined && !takes;
      return isFromElsewhere
        ? { field: 'from', message: 'what it takes from another stage, an image or the network is another content' }
        : { field: 'file', message: 'the files that it takes are other ones' };
    }
    const { changes, unsure, wanted } = difference;
    if (changes.length > 0) {
      const { message, files = [], fileCount } = filesReason(changes, 0);
      return { field: 'file', message, files, ...(fileCount === undefined ? {} : { fileCount }) };
    }
    this.wanted.push(...wanted);
    const [first, ...more] = unsure;
    if (first === undefined) {
      const message = 'what it takes is another content, but not in anything that was noted of its files';
      return isSame === undefined ? undefined : { field: 'file', message };
    }
    // all others are the same: it can only be this one
    const isOnly = isSame === false && more.length === 0;
    return {
      field: 'file',
      message: isOnly
        ? `${first} is another one than it was`
        : `${first} was written in between; what it held is not known`,
      certainty: isOnly ? 'certain' : 'likely',
      files: unsure.slice(0, MAX_REASON_FILES).map((path) => ({ path, change: 'content' })),
    };
  }

  private noteUnknown(now: StepItem): void {
    for (const { name, context } of [this.before, this.after]) {
      if (context !== undefined) continue;
      this.notes.add(`no manifest of the build context is kept for ${name}: which files differ is not known`);
      return;
    }
    this.notes.add(`which files line ${now.line ?? 0} takes was not noted: a variable names them`);
  }
}

function hasStep(item: Item): item is StepItem {
  return item.step !== undefined;
}

/** The variables of its image count where the step was executed: those that were asked for may have been others. */
function withSeen({ step, seen }: StepItem): NonNullable<NotedChainStep['facts']> {
  const facts = step.facts ?? { parts: {} };
  return seen?.executed === true && seen.env !== undefined ? { ...facts, env: seen.env } : facts;
}

function textsOf({ step, seen }: StepItem): readonly string[] {
  return seen === undefined ? step.texts : [seen.text];
}

/** Is one of the texts the same? Undefined when they are not known on one side. */
function overlap(a: readonly string[], b: readonly string[]): boolean | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  return a.some((text) => b.includes(text));
}

function otherImage(before: NotedFrom, after: NotedFrom): string {
  if (after.name === undefined || before.name === undefined) return 'FROM names another image';
  return `the image is ${after.name}, it was ${before.name}`;
}

function isUnseen({ step, seen }: Item): boolean {
  return step !== undefined && seen === undefined;
}

function notSeen(name: string, { line, isUntold }: Item): string {
  if (isUntold === true) {
    return `${name} made nothing new in the stage of line ${line ?? 0}: it is taken to have found what was predicted`;
  }
  return `of ${name} no image was seen of line ${line ?? 0}: from there on it is taken to be what was predicted for it`;
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
