import type { KeptImage } from '../chain/basis';
import type { ChainGraph } from './chainGraph';
import type { Comparison, Mismatch, NotJudged } from './ledger';
import type { NotedChain, NotedChainStep } from './notedChain';
import { verdictClass } from './verdictClass';

/**
 * Milliseconds that a step may take: two images of one step may come from builds that ran side by side, and one that
 * began before there was a result makes its own.
 */
const MAY_TAKE: Readonly<Record<string, number>> = { RUN: 600_000, ADD: 600_000, COPY: 30_000 };
const OTHERS_TAKE = 1000;

/** One step of a stage and of all that the stage stands on. */
export interface PathStep {
  readonly stage: number;
  readonly index: number;
  readonly step: NotedChainStep;
}

/** Where a build began to make images: the steps before were hits. */
export interface Beginning {
  readonly path: readonly PathStep[];
  /** What was found, from the base on; the first of the new images is the last. */
  readonly images: readonly KeptImage[];
}

/** Judges the steps of one build, stage by stage; what several stages stand on is judged once. */
export class JudgedChains {
  /** When the last image of the build was made, by the engine's clock. */
  endedAt = 0;
  private readonly scores = new Map<string, [right: number, wrong: number]>();
  private readonly mismatches: Mismatch[] = [];
  private readonly skipped = new Map<NotJudged, number>();
  private readonly seen = new Set<string>();

  constructor(
    private readonly noted: NotedChain,
    private readonly graph: ChainGraph,
    private readonly isNew: (image: KeptImage) => boolean,
  ) {}

  /** What the build says of all verdicts together. */
  comparison(): Comparison {
    return {
      classes: Object.fromEntries(this.scores),
      mismatches: this.mismatches,
      notJudged: Object.fromEntries(this.skipped),
    };
  }

  /** Judges the steps from the base on until the build cannot be followed. */
  add({ path, images }: Beginning): void {
    const judging = new Judging(this.graph, this.isNew);
    let parent: KeptImage | undefined;
    for (const [index, one] of path.entries()) {
      const next: KeptImage | NotJudged | undefined = images[index] ?? judging.next(parent, one.step);
      // the build may be under way, or ended here
      if (next === undefined) return;
      const said = typeof next === 'string' ? next : judging.judge(one.step, next, parent);
      if (typeof said === 'string') {
        for (const rest of path.slice(index)) this.skip(rest, said);
        return;
      }
      if (typeof next !== 'string') {
        parent = next;
        this.endedAt = Math.max(this.endedAt, next.created);
      }
      this.count(one, said);
    }
  }

  private skip(one: PathStep, why: NotJudged): void {
    if (!['cached', 'rebuild'].includes(one.step.verdict) || this.isSeen(one)) return;
    this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1);
  }

  private count(one: PathStep, said: Judgement | undefined): void {
    if (said === undefined || this.isSeen(one)) return;
    const { line, instruction, verdict, certainty, code } = one.step;
    const name = verdictClass(this.noted.builder.kind, { instruction, verdict, certainty, reason: { code } });
    const score = this.scores.get(name) ?? [0, 0];
    score[said.isRight ? 0 : 1]++;
    this.scores.set(name, score);
    if (said.isRight) return;
    this.mismatches.push({ line, instruction, class: name, actual: said.actual, follows: said.follows });
  }

  private isSeen({ stage, index }: PathStep): boolean {
    const key = `${stage}:${index}`;
    if (this.seen.has(key)) return true;
    this.seen.add(key);
    return false;
  }
}

interface Judgement {
  readonly isRight: boolean;
  readonly actual: Mismatch['actual'];
  readonly follows: boolean;
}

/** Goes through the steps of one stage. */
class Judging {
  private wasWrong = false;
  private isMaking = false;

  constructor(
    private readonly graph: ChainGraph,
    private readonly isNew: (image: KeptImage) => boolean,
  ) {}

  /** The image that the same build made next. */
  next(parent: KeptImage | undefined, step: NotedChainStep): KeptImage | NotJudged | undefined {
    const children = this.graph.of(parent?.place ?? '').filter((image) => this.graph.match(image, step) !== 'other');
    const [only] = children.filter(this.isNew);
    return children.length > 1 ? 'another-build' : only;
  }

  /** What an image says of the verdict on its step; undefined for a verdict that claims nothing, or why it says nothing. */
  judge(step: NotedChainStep, image: KeptImage, parent: KeptImage | undefined): Judgement | NotJudged | undefined {
    const { verdict } = step;
    if (this.graph.match(image, step) !== 'same') return 'other-files';
    const actual = this.isNew(image) ? 'executed' : 'cached';
    const isFirst = actual === 'executed' && !this.isMaking;
    this.isMaking ||= actual === 'executed';
    // a hit without an image was promised on what another stage of the same build makes
    const isClaim = verdict === 'rebuild' || (verdict === 'cached' && step.image !== undefined);
    if (!isClaim) return undefined;
    const isRight = actual === (verdict === 'cached' ? 'cached' : 'executed');
    if (!isRight && actual === 'executed') {
      const why = isFirst ? this.excuse(step, image, parent) : this.wasWrong ? undefined : 'unclear';
      if (why !== undefined) return why;
    }
    const follows = !isRight && this.wasWrong;
    this.wasWrong ||= !isRight;
    return { isRight, actual, follows };
  }

  /** Why a step may have been executed although the hit that was promised was there when it was promised. */
  private excuse(
    { image: promised = '', instruction }: NotedChainStep,
    made: KeptImage,
    parent: KeptImage | undefined,
  ): NotJudged | undefined {
    const kept = this.graph.image(promised);
    if (kept === undefined) return 'removed-result';
    if (kept.parent !== (parent?.place ?? kept.parent)) return 'another-build';
    const may = MAY_TAKE[instruction] ?? OTHERS_TAKE;
    return made.created - kept.created < may ? 'another-build' : undefined;
  }
}
