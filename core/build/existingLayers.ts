import type { PulledLayer, RegistryLayer } from '../model';

/** Characters of a digest that stand for a layer where one is shown. */
const SHORT = 12;

/**
 * The layers of an image that a build has fetched, with those that were there already. BuildKit names only what it
 * fetches (moby builder-next/adapters/containerimage/pull.go): where the registry told before the build which layers the
 * image has, the others are those. Nothing is added where none of the image's layers was fetched: then perhaps nobody
 * needed them yet.
 *
 * @param told what the builder told of, by its shown digest.
 * @param all the layers of the image, the lowest first.
 */
export function withExistingLayers(
  told: ReadonlyMap<string, PulledLayer>,
  all: readonly RegistryLayer[],
): ReadonlyMap<string, PulledLayer> {
  const known = new Map(all.map(({ digest, bytes }) => [digest.replace(/^sha256:/, '').slice(0, SHORT), bytes]));
  if (![...told].some(([layer, { state }]) => known.has(layer) && state !== 'exists')) return told;
  const there = [...known].map(([layer, bytes]): readonly [string, PulledLayer] => [
    layer,
    told.get(layer) ?? { layer, state: 'exists', current: bytes, total: bytes },
  ]);
  return new Map([...there, ...[...told].filter(([layer]) => !known.has(layer))]);
}
