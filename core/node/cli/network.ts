import type { Remotes } from '../../evidence/remotes';
import type { ImportedCache } from '../../evidence/importedCache';
import type { BuildRequest } from '../../plan/graph';
import { networkNeeds } from '../../predict/project';
import { readImportedCaches, registryCaches } from '../cache/importedCaches';
import type { EvidenceResult } from '../engines/loadEvidence';
import { hostPlatform } from '../hostPlatform';
import { NetworkLookups } from '../network/lookups';

/** What was read outside of files and engine. */
export interface Outside {
  readonly remotes: Remotes | undefined;
  readonly imported: readonly ImportedCache[];
}

/** Images whose ONBUILD triggers name images that name images. */
const ROUNDS = 3;

/** Reads the caches that a build imports and, if that is allowed, asks the network what the builds would ask it. */
export async function readOutside(
  text: string,
  requests: readonly BuildRequest[],
  result: EvidenceResult,
  { allowed, cacheFrom }: { readonly allowed: boolean; readonly cacheFrom: readonly string[] },
): Promise<Outside> {
  if (!allowed || result.kind !== 'evidence')
    return { remotes: undefined, imported: await readImportedCaches(cacheFrom) };
  const { evidence, network } = result;
  const lookups = new NetworkLookups(process.env);
  const { signal } = new AbortController();
  const look = async (reference: string) => {
    // an engine with an overlay2 store looks into an image of its own first, and nothing shows what that one carries
    if (evidence.store === 'graphdriver' && !isAbsent(evidence.images, reference)) return undefined;
    return lookups.cacheKeys(reference, network, Infinity, signal);
  };
  const imported = readImportedCaches(cacheFrom, look);
  for (let round = 0; round < ROUNDS; round++) {
    let news = false;
    for (const request of requests) {
      const { remotes } = lookups;
      const wanted = networkNeeds({ text, request, evidence, defaultPlatform: hostPlatform(), remotes });
      news = (await lookups.ask(wanted, network, Infinity, signal)) || news;
    }
    if (!news) break;
  }
  return { remotes: lookups.remotes, imported: await imported };
}

/** The images that have to be asked of the engine for that. */
export function cacheImages(cacheFrom: readonly string[]): readonly string[] {
  return cacheFrom.flatMap((name) => registryCaches(name) ?? []);
}

/** Was the engine asked for an image that it does not have? */
function isAbsent(images: ReadonlyMap<string, unknown>, reference: string): boolean {
  return images.has(reference) && images.get(reference) === undefined;
}
