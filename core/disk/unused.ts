import type { EngineFacts, ContainerFact } from './facts';
import { chainsOf } from './layerUnion';

/**
 * States of containers that `docker system prune` leaves alone (moby daemon/prune.go: those that do not run go). What is in
 * the state `storage` is no container of Podman's: something may build in it.
 */
const KEPT_STATES: readonly string[] = ['running', 'paused', 'restarting', 'stopping', 'removing', 'storage'];

/** What nothing uses, by reachability: containers that do not run, what only they hold, images and cache without users. */
export interface Unused {
  isContainerUnused(container: ContainerFact): boolean;
  /** Ids of cache records that go. */
  readonly records: ReadonlySet<string>;
  /** Chain ids of layers that stay because a running container stands on them. */
  readonly keptLayers: ReadonlySet<string>;
}

/** Works out what would be left if all that nothing uses were removed. Volumes are the user's data and never unused here. */
export function unusedOf(facts: EngineFacts): Unused {
  const isContainerUnused = ({ state }: ContainerFact): boolean => !KEPT_STATES.includes(state);
  const images = new Map(facts.images.map((image) => [image.id, image]));
  const keptLayers = new Set<string>();
  for (const container of facts.containers) {
    if (!isContainerUnused(container))
      for (const chain of chainsOf(images.get(container.imageId))) keptLayers.add(chain);
  }
  return { isContainerUnused, records: unusedRecords(facts), keptLayers };
}

/** Records in use hold those that they stand on. */
function unusedRecords({ cache }: EngineFacts): ReadonlySet<string> {
  const byId = new Map(cache.map((record) => [record.id, record]));
  const kept = new Set(cache.filter(({ isInUse }) => isInUse).map(({ id }) => id));
  // what is added while the set is gone through is gone through, too
  for (const id of kept) for (const parent of byId.get(id)?.parents ?? []) kept.add(parent);
  return new Set(cache.map(({ id }) => id).filter((id) => !kept.has(id)));
}
