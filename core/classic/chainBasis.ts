import { basisStages, type ChainBasis, type ChainPrediction, type KeptImage } from '../chain/basis';
import type { ContextSums } from './contextSums';
import { ImageChildren, type ClassicEvidence } from './imageStore';
import { ClassicLookup } from './lookup';
import type { ClassicPlan } from './plan';

const MILLISECOND = 1_000_000n;

/** The images of an engine as steps: each knows its parent. */
export function classicChain({ images, named }: ClassicEvidence): KeptImage[] {
  const all = [...images, ...[...named.values()].flatMap((image) => image ?? [])];
  return all.map(({ id, parent, text, created }) => ({
    ...{ id, place: id, parent, text },
    created: Number(created / MILLISECOND),
  }));
}

/** What a later build can be compared with. */
export function classicBasis(
  { globals, stages }: ClassicPlan,
  { outcomes }: ChainPrediction,
  evidence: ClassicEvidence,
  sums: ContextSums | undefined,
): ChainBasis {
  const lookup = new ClassicLookup(evidence, new ImageChildren(evidence), sums);
  return {
    ...{ engine: evidence.engineId ?? '', images: classicChain(evidence), globals: globals.length },
    stages: basisStages(
      stages,
      outcomes,
      (probe) => lookup.texts(probe),
      (name) => lookup.image(name),
    ),
  };
}
