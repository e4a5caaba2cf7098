import type { DiskPartKind, DiskReport } from './disk';

/** Something that has bytes of a part of the total. */
export interface DiskItem {
  readonly kind: 'container' | 'layer' | 'volume' | 'build-cache';
  readonly id: string;
  /** For people. */
  readonly label: string;
  readonly bytes: number;
}

/** What is in each part of the total, as far as it is told apart; no byte is in two of them. What has none is left out. */
export function itemsOfParts(report: DiskReport): ReadonlyMap<DiskPartKind, readonly DiskItem[]> {
  const { containers, layers, volumes, buildCache } = report;
  const ofContainers = (bytesOf: (one: (typeof containers)[number]) => number | null): readonly DiskItem[] =>
    containers.map((one) => ({ kind: 'container', id: one.id, label: one.name, bytes: bytesOf(one) ?? 0 }));
  const all: readonly (readonly [DiskPartKind, readonly DiskItem[]])[] = [
    [
      'layers',
      layers.map(({ chainId, createdBy, sizeBytes }) => ({
        ...{ kind: 'layer', id: chainId, label: createdBy || short(chainId), bytes: sizeBytes ?? 0 },
      })),
    ],
    ['writable-layers', ofContainers(({ sizeBytes }) => sizeBytes)],
    ['logs', ofContainers(({ logBytes, isLogInSize }) => (isLogInSize ? 0 : logBytes))],
    ['container-files', ofContainers((one) => (one.configBytes ?? 0) + (one.checkpointBytes ?? 0))],
    [
      'volumes',
      volumes.map(({ name, sizeBytes }) => ({ kind: 'volume', id: name, label: name, bytes: sizeBytes ?? 0 })),
    ],
    [
      'build-cache',
      // the bytes of a shared record are those of a layer
      buildCache
        .filter(({ isShared }) => !isShared)
        .map(({ id, description, sizeBytes }) => ({
          ...{ kind: 'build-cache', id, label: description || short(id), bytes: sizeBytes },
        })),
    ],
  ];
  return new Map(all.map(([part, items]) => [part, items.filter(({ bytes }) => bytes > 0)]));
}

function short(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
