import { makesLayer } from '../image/createdBy';
import { asArray, asObject, asText } from '../llb/decode';
import { count } from './dockerAnswers';
import type { LayerFact } from './facts';

/** Chain IDs of a stack of layers, lowest first; enters as a function, since pure core has no hashes. */
export type ChainIds = (diffIds: readonly string[]) => readonly string[];

/**
 * The layers of an image with their bytes: the steps of its history that make a layer, in order. Where their number is
 * another one, nobody can tell which step made which layer, and sizes stay unknown.
 *
 * @param image what inspecting it says
 * @param history as the engine lists it, newest first
 */
export function layersOfImage(image: unknown, history: unknown, chainIds: ChainIds): LayerFact[] {
  const diffIds = asArray(asObject(asObject(image)['RootFS'])['Layers']).map(asText);
  const steps = asArray(history)
    .map(asObject)
    .map((step) => ({ createdBy: asText(step['CreatedBy']), bytes: count(step['Size']) }))
    .filter(({ createdBy, bytes }) => bytes !== 0 || makesLayer(createdBy))
    .reverse();
  const isClear = steps.length === diffIds.length;
  const chains = chainIds(diffIds);
  return diffIds.map((diffId, index) => ({
    ...{ chainId: chains[index] ?? '', diffId },
    sizeBytes: (isClear ? steps[index]?.bytes : undefined) ?? null,
    createdBy: (isClear ? steps[index]?.createdBy : undefined) ?? '',
  }));
}
