import type { ReasonCode } from '../model';
import type { ChainStage, ChainStep } from './step';

/** Why an outcome is open. */
export interface OpenWhy {
  readonly code: ReasonCode;
  readonly message: string;
}

/** Steps whose verdict is not believed, each with why. */
export type ChainDoubts<P> = ReadonlyMap<ChainStep<P>, OpenWhy>;

/** What is kept of a step on one parent. */
export type Found =
  | { readonly kind: 'hit'; readonly id: string }
  | { readonly kind: 'none' }
  /** One of these, or none. */
  | { readonly kind: 'maybe'; readonly ids: readonly string[]; readonly why: OpenWhy };

/** How a stage ended: with an image that is kept, with one that is made now, or one of both. */
export type StageEnd = 'kept' | 'made' | 'open';

/** What a builder knows of its cache, one step at a time. */
export interface ChainLookup<P> {
  /** The builder stops at this step whatever is kept. */
  failure(probe: P): OpenWhy | undefined;
  /** Looks among the kept images that stand on `parent`, an image's id; empty for no image at all. */
  find(parent: string, probe: P, ended: (stage: number) => StageEnd | undefined): Found;
  /** Would a step find what another step of the same build has made? Undefined: that is not known. */
  isSame(made: P, wanted: P): boolean | undefined;
  /** The id of an image as it is named; undefined where it is not known. */
  image(name: string): string | undefined;
}

/** What becomes of one step, and what it follows from. */
export type StepOutcome =
  | { readonly kind: 'hit'; readonly id: string; readonly parent: string }
  /** An earlier step of this very build makes it; its line. */
  | { readonly kind: 'made-before'; readonly line: number }
  /** Nothing that fits stands on these. */
  | { readonly kind: 'miss'; readonly parents: readonly string[] }
  /** A step above it is executed. */
  | { readonly kind: 'follows'; readonly line: number }
  | { readonly kind: 'no-cache' }
  | {
      readonly kind: 'open';
      readonly why: OpenWhy;
      readonly line: number | undefined;
      readonly parents: readonly string[];
    }
  | { readonly kind: 'fails'; readonly why: OpenWhy }
  | { readonly kind: 'not-reached'; readonly line: number }
  | { readonly kind: 'unused' };

/** What the last step of a stage may have given. */
interface Position {
  /** Images that are kept, or that this build makes before; looked up further. */
  readonly kept: ReadonlySet<string>;
  /** Set when a step of the stage may have been executed: the rest of the stage is not looked up then. */
  readonly made: { readonly id: string; readonly line: number } | undefined;
  /** Nobody knows what the stage stands on. */
  readonly unknown: OpenWhy | undefined;
  /** The line that made it uncertain. */
  readonly doubt: number | undefined;
}

interface MadeImage<P> {
  readonly id: string;
  readonly probe: P;
  readonly certain: boolean;
  readonly line: number;
}

/** The id of no image: what FROM scratch stands on. */
export const NO_IMAGE = '';

/**
 * Follows a build that makes one image after the other, each looked up among the children of the one before, until the
 * first miss of a stage (moby builder/dockerfile, containers/buildah imagebuildah).
 */
export class ChainWalk<P> {
  private readonly positions: (Position | undefined)[] = [];
  private readonly made = new Map<string, MadeImage<P>[]>();
  private readonly lines = new Map<string, number>();
  private count = 0;
  private stopped: number | undefined;

  constructor(
    private readonly lookup: ChainLookup<P>,
    private readonly noCache: boolean,
    private readonly doubts: ChainDoubts<P> = new Map(),
  ) {}

  /** Outcomes of FROM and of the steps of the next stage; to be called in the order of the stages. */
  stage(stage: ChainStage<P>): { readonly from: StepOutcome | undefined; readonly steps: readonly StepOutcome[] } {
    if (!stage.needed) return { from: { kind: 'unused' }, steps: stage.steps.map(() => ({ kind: 'unused' })) };
    if (this.stopped !== undefined) {
      const outcome: StepOutcome = { kind: 'not-reached', line: this.stopped };
      return { from: outcome, steps: stage.steps.map(() => outcome) };
    }
    let from: StepOutcome | undefined;
    if (stage.base.kind === 'failure') {
      from = { kind: 'fails', why: { code: 'bad-instruction', message: stage.base.message } };
      this.stopped = stage.from.line.start;
    }
    let position = this.start(stage);
    const steps = stage.steps.map((step) => {
      const { outcome, next } = this.step(step, position);
      position = next;
      return outcome;
    });
    this.positions[stage.index] = position;
    return { from, steps };
  }

  /** How an earlier stage ended; undefined for one that was not built. */
  private ended(stage: number): StageEnd | undefined {
    const position = this.positions[stage];
    if (position === undefined) return undefined;
    if (position.unknown !== undefined) return 'open';
    if (position.made === undefined) return 'kept';
    return position.kept.size === 0 ? 'made' : 'open';
  }

  private start({ base }: ChainStage<P>): Position {
    const none = { made: undefined, unknown: undefined, doubt: undefined };
    switch (base.kind) {
      case 'scratch':
      case 'failure':
        return { ...none, kept: new Set([NO_IMAGE]) };
      case 'stage': {
        // the next stage looks up again, also what stands on an image of this build
        const end = this.positions[base.index];
        if (end === undefined) return { ...none, kept: new Set() };
        const kept = new Set(end.kept);
        if (end.made !== undefined) kept.add(end.made.id);
        return { ...end, kept, made: undefined };
      }
      case 'image': {
        const id = this.lookup.image(base.name);
        if (id !== undefined) return { ...none, kept: new Set([id]) };
        const message = `${base.name} is not on this engine: the build will fetch it`;
        return { ...none, kept: new Set(), unknown: { code: 'image-not-local', message } };
      }
    }
  }

  private step(step: ChainStep<P>, position: Position): { outcome: StepOutcome; next: Position } {
    const line = step.line.start;
    if (this.stopped !== undefined) return { outcome: { kind: 'not-reached', line: this.stopped }, next: position };
    const why: OpenWhy | undefined =
      step.kind === 'failure'
        ? { code: 'bad-instruction', message: step.message }
        : step.kind === 'step'
          ? this.lookup.failure(step.probe)
          : undefined;
    if (why !== undefined) {
      this.stopped = line;
      return { outcome: { kind: 'fails', why }, next: position };
    }
    if (position.unknown !== undefined) {
      return { outcome: { kind: 'open', why: position.unknown, line: position.doubt, parents: [] }, next: position };
    }
    if (step.kind !== 'step') {
      const open: OpenWhy = { code: 'not-covered', message: step.kind === 'open' ? step.message : '' };
      const next: Position = { ...position, unknown: open, doubt: line };
      return { outcome: { kind: 'open', why: open, line: undefined, parents: [...position.kept] }, next };
    }
    const looked = this.lookUp(step.probe, line, position);
    const doubt = this.doubts.get(step);
    return doubt === undefined ? looked : this.doubted(step.probe, line, position, looked, doubt);
  }

  /** What follows from a verdict that is not believed: a hit may be a miss, a miss a hit on nobody knows what. */
  private doubted(
    probe: P,
    line: number,
    position: Position,
    { outcome, next }: { outcome: StepOutcome; next: Position },
    why: OpenWhy,
  ): { outcome: StepOutcome; next: Position } {
    const open: StepOutcome = { kind: 'open', why, line: undefined, parents: [...position.kept] };
    if (outcome.kind === 'hit' || outcome.kind === 'made-before') {
      const made = { id: this.make(probe, line, false, position), line };
      return { outcome: open, next: { ...next, made, doubt: position.doubt ?? line } };
    }
    const unknown: OpenWhy = { code: 'parent-uncertain', message: `depends on line ${line}` };
    return { outcome: open, next: { ...next, unknown, doubt: line } };
  }

  private lookUp(probe: P, line: number, position: Position): { outcome: StepOutcome; next: Position } {
    const parents = this.noCache ? [] : [...position.kept];
    const found = parents.map((parent) => this.find(parent, probe));
    const kept = new Set(
      found.flatMap((one) => (one.kind === 'hit' ? [one.id] : one.kind === 'maybe' ? [...one.ids] : [])),
    );
    const open = found.find((one) => one.kind === 'maybe');
    const isMissed = this.noCache || position.made !== undefined || found.some(({ kind }) => kind !== 'hit');
    if (!isMissed) {
      const [id = ''] = kept;
      const before = this.lines.get(id);
      const outcome: StepOutcome =
        kept.size === 1 && before !== undefined
          ? { kind: 'made-before', line: before }
          : { kind: 'hit', id, parent: parents.length === 1 ? (parents[0] ?? '') : '' };
      return { outcome, next: { ...position, kept, made: undefined } };
    }
    const isCertain = kept.size === 0;
    const cause = position.made?.line ?? line;
    const id = this.make(probe, line, isCertain, position);
    const next: Position = {
      ...position,
      kept,
      made: { id, line: cause },
      doubt: isCertain ? undefined : (position.doubt ?? line),
    };
    return { outcome: this.missed(line, position, parents, open?.why, isCertain), next };
  }

  private missed(
    line: number,
    position: Position,
    parents: readonly string[],
    why: OpenWhy | undefined,
    isCertain: boolean,
  ): StepOutcome {
    if (!isCertain) {
      const doubt = position.doubt === line ? undefined : position.doubt;
      const follows: OpenWhy = { code: 'parent-uncertain', message: `depends on line ${doubt ?? line}` };
      return { kind: 'open', why: why ?? follows, line: why === undefined ? doubt : undefined, parents };
    }
    if (this.noCache) return { kind: 'no-cache' };
    if (position.made !== undefined && parents.length === 0) return { kind: 'follows', line: position.made.line };
    const [parent] = parents;
    const above = parents.length === 1 && position.made === undefined ? this.lines.get(parent ?? '') : undefined;
    return above === undefined ? { kind: 'miss', parents } : { kind: 'follows', line: above };
  }

  private find(parent: string, probe: P): Found {
    for (const one of [...(this.made.get(parent) ?? [])].reverse()) {
      const isSame = this.lookup.isSame(one.probe, probe);
      if (isSame === false) continue;
      if (isSame === true && one.certain) return { kind: 'hit', id: one.id };
      const rest = this.lines.has(parent)
        ? { kind: 'none' as const }
        : this.lookup.find(parent, probe, (stage) => this.ended(stage));
      const others = rest.kind === 'hit' ? [rest.id] : rest.kind === 'maybe' ? rest.ids : [];
      const why: OpenWhy = {
        code: 'depends-on-output',
        message: `line ${one.line} of this build may make the same`,
      };
      return { kind: 'maybe', ids: [one.id, ...others], why };
    }
    return this.lines.has(parent) ? { kind: 'none' } : this.lookup.find(parent, probe, (stage) => this.ended(stage));
  }

  /** Notes what this build makes, where later stages will find it. */
  private make(probe: P, line: number, certain: boolean, { kept, made }: Position): string {
    const id = `made:${++this.count}`;
    this.lines.set(id, line);
    const parents = [...kept, ...(made === undefined ? [] : [made.id])];
    const isAlone = parents.length === 1;
    for (const parent of parents) {
      const children = this.made.get(parent) ?? [];
      children.push({ id, probe, certain: certain && isAlone, line });
      this.made.set(parent, children);
    }
    return id;
  }
}
