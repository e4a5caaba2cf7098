import type { KeptImage } from '../chain/basis';
import type { Sha256 } from '../evidence/facts';
import { shapeOf, shortPlace, type NotedChainStep } from './notedChain';

/** How well a text is the one that was expected: exactly, but for a digest of contents, or not at all. */
export type TextMatch = 'same' | 'other-content' | 'other';

/** Images as steps on other steps; of those that the builder does not tell apart the oldest stands for all. */
export class ChainGraph {
  private readonly byShort = new Map<string, KeptImage>();
  private readonly children = new Map<string, KeptImage[]>();
  private readonly digests = new Map<string, { readonly text: string; readonly shape: string }>();

  constructor(
    images: readonly KeptImage[],
    private readonly sha256: Sha256,
  ) {
    for (const image of [...images].sort((a, b) => a.created - b.created)) {
      const short = shortPlace(image.place);
      if (this.byShort.has(short)) continue;
      this.byShort.set(short, image);
      const siblings = this.children.get(image.parent);
      if (siblings === undefined) this.children.set(image.parent, [image]);
      else siblings.push(image);
    }
  }

  /** The image of a short place; undefined when it is not there. */
  image(short: string): KeptImage | undefined {
    return this.byShort.get(short);
  }

  /** What stands on a place, the oldest first. */
  of(place: string): readonly KeptImage[] {
    return this.children.get(place) ?? [];
  }

  /** Everything that stands on a place, also not directly. */
  above(place: string): KeptImage[] {
    const found: KeptImage[] = [];
    const queue = [...this.of(place)];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      found.push(next);
      queue.push(...this.of(next.place));
    }
    return found;
  }

  /** Was an image made by this step? */
  match(image: KeptImage, { texts, shape }: Pick<NotedChainStep, 'texts' | 'shape'>): TextMatch {
    let known = this.digests.get(image.text);
    if (known === undefined) {
      known = { text: this.sha256(image.text), shape: this.sha256(shapeOf(image.text)) };
      this.digests.set(image.text, known);
    }
    if (texts.includes(known.text)) return 'same';
    if (shape !== known.shape) return 'other';
    // where no digest is known, every content is what was expected
    return texts.length === 0 ? 'same' : 'other-content';
  }
}
