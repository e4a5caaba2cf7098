import { basisStages, type ChainBasis, type ChainPrediction, type KeptImage } from '../chain/basis';
import { FactWriter } from '../chain/facts';
import type { Sha256 } from '../evidence/facts';
import type { ContextSums } from './contextSums';
import { classicFacts } from './facts';
import { ImageChildren, type ClassicEvidence } from './imageStore';
import { ClassicLookup } from './lookup';
import type { ClassicPlan } from './plan';

const MILLISECOND = 1_000_000n;

/** The images of an engine as steps: each knows its parent. */
export function classicChain({ images, named, store }: ClassicEvidence): KeptImage[] {
  const all = [...images, ...[...named.values()].flatMap((image) => image ?? [])];
  // the containerd store tells what an image takes packed and unpacked, with all that belongs to it
  const sizes = new Map(store === 'graphdriver' ? all.map(({ id, bytes }) => [id, bytes]) : []);
  const layer = (id: string, parent: string): number | undefined => {
    const [above, below] = [sizes.get(id), parent === '' ? 0 : sizes.get(parent)];
    return above === undefined || below === undefined ? undefined : above - below;
  };
  return all.map(({ id, parent, text, created }) => ({
    ...{ id, place: id, parent, text },
    ...{ created: Number(created / MILLISECOND), bytes: layer(id, parent) },
  }));
}

/** What a later build can be compared with. */
export function classicBasis(
  { globals, stages }: ClassicPlan,
  { outcomes }: ChainPrediction,
  evidence: ClassicEvidence,
  sums: ContextSums | undefined,
  sha256: Sha256,
): ChainBasis {
  const lookup = new ClassicLookup(evidence, new ImageChildren(evidence), sums);
  const writer = FactWriter.of(sha256, globals, stages);
  const place = (name: string): string | undefined => lookup.image(name);
  return {
    ...{ engine: evidence.engineId ?? '', images: classicChain(evidence), globals: globals.length },
    stages: basisStages(stages, outcomes, {
      texts: (probe) => lookup.texts(probe),
      facts: (step, probe) => classicFacts(step, probe, writer, place),
      place,
    }),
  };
}
