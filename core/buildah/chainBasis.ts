import { basisStages, type ChainBasis, type ChainPrediction, type KeptImage } from '../chain/basis';
import { FactWriter } from '../chain/facts';
import type { Sha256 } from '../evidence/facts';
import type { ContextCopies } from './contextCopies';
import { buildahFacts } from './facts';
import { HistoryIndex, lastText, OCI_FORMAT, type BuildahEvidence, type BuildahImage } from './imageStore';
import { BuildahLookup } from './lookup';
import type { BuildahPlan } from './plan';

const MILLISECOND = 1_000_000n;

/** The images of a store as steps: the history tells what each stands on. */
export function buildahChain(evidence: BuildahEvidence, sha256: Sha256): KeptImage[] {
  const index = new HistoryIndex(evidence);
  const named = new Set(evidence.named.values());
  // what is written in another format no step finds, but a stage may stand on it
  const counts = index.all().filter((image) => image.format === OCI_FORMAT || named.has(image));
  const sizes = new Map(counts.map((image) => [index.places(image).place, image.bytes]));
  return counts.map((image) => {
    const { place, parent } = index.places(image);
    const under = parent === '' ? 0 : sizes.get(parent);
    return {
      ...{ id: image.id, place: digestOf(place, sha256), parent: digestOf(parent, sha256), text: lastText(image) },
      ...{ created: Number(image.created / MILLISECOND), env: image.config.env },
      bytes: archiveBytes(image, under),
    };
  });
}

/** Of the archive of its last layer, and what its configuration has more for it; `under`: the size of its parent. */
function archiveBytes({ history, bytes }: BuildahImage, under: number | undefined): number | undefined {
  if (history.at(-1)?.isEmpty === true) return 0;
  return bytes === undefined || under === undefined ? undefined : bytes - under;
}

/** What a later build can be compared with. */
export function buildahBasis(
  { globals, stages }: BuildahPlan,
  { outcomes }: ChainPrediction,
  evidence: BuildahEvidence,
  copies: ContextCopies | undefined,
  sha256: Sha256,
): ChainBasis {
  const index = new HistoryIndex(evidence);
  const lookup = new BuildahLookup(evidence, index, copies, stages);
  const writer = FactWriter.of(sha256, globals, stages);
  const placeOf = (name: string): string | undefined => {
    const image = evidence.named.get(name);
    return image && digestOf(index.places(image).place, sha256);
  };
  return {
    ...{ engine: '', images: buildahChain(evidence, sha256), globals: globals.length },
    stages: basisStages(stages, outcomes, {
      texts: (probe) => lookup.texts(probe),
      facts: (step, probe) => buildahFacts(step, probe, writer, placeOf),
      place: placeOf,
    }),
  };
}

function digestOf(place: string, sha256: Sha256): string {
  return place === '' ? '' : sha256(place);
}
