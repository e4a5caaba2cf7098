import { expect } from 'vitest';
import { asArray, at, isObject } from '../judge/json.js';

const bytes = expect.toSatisfy((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a number of bytes');
const text = expect.any(String) as unknown;
const ratio = expect.toSatisfy((value) => typeof value === 'number' && value >= 0 && value <= 1, 'a ratio');

/** Checks the form of what `layers --json` prints: what scripts rely on, and nothing that they could not know of. */
export function expectLayersDocument(document: unknown): void {
  expect(document).toEqual({
    schemaVersion: 1,
    image: {
      ...{ name: text, id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), names: expect.any(Array), platform: text },
      ...{ base: expect.toSatisfy(isBase), sizeBytes: bytes },
    },
    layers: expect.any(Array),
    efficiency: {
      ...{ score: ratio, wastedBytes: bytes, userSizeBytes: bytes },
      userWastedPercent: expect.toSatisfy((value) => value === null || (typeof value === 'number' && value >= 0)),
      inefficientFiles: expect.any(Array),
    },
    shadowedBytes: bytes,
    shadowed: {
      ...{ metadataOnlyBytes: bytes, unclearBytes: bytes, inheritedBytes: bytes, files: expect.any(Array) },
    },
    problems: [],
  });
  for (const [index, layer] of asArray(at(document, 'layers')).entries()) {
    expect(layer).toEqual({
      ...{ index, digest: expect.stringMatching(/^(?:sha256:[0-9a-f]{64})?$/), createdBy: text },
      ...{
        diffId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        isBase: expect.any(Boolean),
        files: expect.any(Array),
      },
      ...{ sizeBytes: bytes, shadowedBytes: bytes, entries: bytes },
    });
    for (const file of asArray(at(layer, 'files'))) {
      const link = isObject(file) && 'link' in file ? { link: text } : {};
      expect(file).toEqual({
        ...{ path: text, sizeBytes: bytes, uid: bytes, gid: bytes, ...link },
        type: expect.stringMatching(/^(?:file|directory|symlink|hardlink|character|block|fifo)$/),
        mode: expect.stringMatching(/^[0-7]{4}$/),
      });
    }
  }
  for (const file of asArray(at(document, 'efficiency', 'inefficientFiles'))) {
    expect(file).toEqual({ path: expect.stringMatching(/^\//), count: bytes, bytes });
  }
  for (const file of asArray(at(document, 'shadowed', 'files'))) {
    expect(file).toEqual({
      ...{ path: expect.stringMatching(/^[^/]/), bytes, layer: bytes, by: bytes },
      how: expect.stringMatching(/^(?:replaced|deleted|repeated)$/),
      metadataOnly: expect.toSatisfy((value) => value === null || typeof value === 'boolean'),
    });
  }
}

function isBase(value: unknown): boolean {
  return value === null || (typeof at(value, 'name') === 'string' && Number(at(value, 'layers')) > 0);
}
