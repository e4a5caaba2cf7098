import type { DiskPart, DiskPartKind, DiskReport } from './disk';

/** Something that has bytes of a part of the total. */
export interface DiskItem {
  readonly kind: 'container' | 'layer' | 'volume' | 'build-cache';
  readonly id: string;
  /** For people. */
  readonly label: string;
  readonly bytes: number;
}

const OF_THE_ENGINE: readonly DiskPartKind[] = ['housekeeping', 'rounding', 'other'];

/** Parts that users have made, and those that are the engine's own: many, small, and nothing that can be removed. */
export function partsByMaker({ totals }: DiskReport): {
  readonly made: readonly DiskPart[];
  readonly ofEngine: readonly DiskPart[];
  readonly engineBytes: number;
} {
  const ofEngine = totals.parts.filter(({ kind }) => OF_THE_ENGINE.includes(kind));
  return {
    made: totals.parts.filter(({ kind }) => !OF_THE_ENGINE.includes(kind)),
    ofEngine,
    engineBytes: ofEngine.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** What is in a part of the total, as far as it is told apart; no byte is in two items. What has none is left out. */
export function itemsOfPart(report: DiskReport, part: DiskPartKind): readonly DiskItem[] {
  return allOf(report, part).filter(({ bytes }) => bytes > 0);
}

function allOf({ containers, layers, volumes, buildCache }: DiskReport, part: DiskPartKind): readonly DiskItem[] {
  const ofContainers = (bytesOf: (one: (typeof containers)[number]) => number | null): readonly DiskItem[] =>
    containers.map((one) => ({ kind: 'container', id: one.id, label: one.name, bytes: bytesOf(one) ?? 0 }));
  switch (part) {
    case 'layers':
      return layers.map(({ chainId, createdBy, sizeBytes }) => ({
        ...{ kind: 'layer', id: chainId, label: createdBy || short(chainId), bytes: sizeBytes ?? 0 },
      }));
    case 'writable-layers':
      return ofContainers(({ sizeBytes }) => sizeBytes);
    case 'logs':
      return ofContainers(({ logBytes, isLogInSize }) => (isLogInSize ? 0 : logBytes));
    case 'container-files':
      return ofContainers((one) => (one.configBytes ?? 0) + (one.checkpointBytes ?? 0));
    case 'volumes':
      return volumes.map(({ name, sizeBytes }) => ({ kind: 'volume', id: name, label: name, bytes: sizeBytes ?? 0 }));
    case 'build-cache':
      // the bytes of a shared record are those of a layer
      return buildCache
        .filter(({ isShared }) => !isShared)
        .map(({ id, description, sizeBytes }) => ({
          ...{ kind: 'build-cache', id, label: description || short(id), bytes: sizeBytes },
        }));
    case 'content':
    case 'housekeeping':
    case 'rounding':
    case 'other':
      return [];
  }
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
