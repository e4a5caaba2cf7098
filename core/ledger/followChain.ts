import type { KeptImage } from '../chain/basis';
import { pairOf, type NamedDigest } from '../chain/facts';
import { shortDigest, type Sha256 } from '../evidence/facts';
import type { ChainGraph } from './chainGraph';
import type { Beginning } from './judgeChain';

/** A step of a build of which an image was found. */
export interface SeenStep {
  /** Index of the stage, and of the step in it. */
  readonly stage: number;
  readonly index: number;
  /** Digest of the text that its image has in the history: what the builder compared. */
  readonly text: string;
  readonly executed: boolean;
  /** The variables of its image, where its text does not tell them. */
  readonly env?: readonly NamedDigest[];
  /** Of its layer, where the builder tells. */
  readonly bytes?: number;
}

/** Follows builds from image to image, also where they did something else than what was predicted. */
export class FollowedChains {
  private readonly seen = new Map<string, SeenStep>();

  constructor(
    private readonly graph: ChainGraph,
    private readonly isNew: (image: KeptImage) => boolean,
    private readonly sha256: Sha256,
  ) {}

  /** What was followed so far; of what several stages stand on once. */
  get steps(): readonly SeenStep[] {
    return [...this.seen.values()];
  }

  /** Follows the steps from the base on, as long as it is clear which image the build made next. */
  add({ path, images }: Beginning): void {
    let image: KeptImage | undefined;
    for (const [position, { stage, index, step }] of path.entries()) {
      const under = image;
      const next = this.graph.of(under?.place ?? '').filter((one) => this.graph.match(one, step) !== 'other');
      image = images[position] ?? (next.length === 1 ? next[0] : undefined);
      if (image === undefined) return;
      const key = `${stage}:${index}`;
      if (this.seen.has(key)) continue;
      this.seen.set(key, {
        ...{ stage, index, text: this.sha256(image.text), executed: this.isNew(image) },
        ...(image.bytes === undefined ? {} : { bytes: image.bytes }),
        ...(image.env === undefined ? {} : { env: this.digests(image.env, step.facts?.env) }),
      });
    }
  }

  /** Of the variables that the step sets: the others are those of steps before it. */
  private digests(env: readonly string[], wanted: readonly NamedDigest[] = []): NamedDigest[] {
    const names = new Set(wanted.map(([name]) => name));
    return env
      .map(pairOf)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => [name, shortDigest(this.sha256, value)]);
  }
}
