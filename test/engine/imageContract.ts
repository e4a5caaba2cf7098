import { isObject } from '../judge/json.js';

/** What a value has to be; of a list, each of it. */
type Shape = ((value: unknown) => boolean) | { readonly [key: string]: Shape } | readonly [Shape];

const text = (value: unknown): boolean => typeof value === 'string';
const truth = (value: unknown): boolean => typeof value === 'boolean';
const bytes = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const ratio = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const like =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);
const orNull =
  (shape: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || shape(value);

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LAYERS_DOCUMENT: Shape = {
  schemaVersion: (value) => value === 1,
  image: {
    ...{ name: text, id: like(DIGEST), names: [text], platform: like(/^linux\/\w+(?:\/\w+)?$/), sizeBytes: bytes },
    base: orNull((value) => mismatches(value, { name: text, layers: bytes }).length === 0),
  },
  layers: [
    {
      ...{ index: bytes, digest: like(/^(?:sha256:[0-9a-f]{64})?$/), diffId: like(DIGEST), createdBy: text },
      ...{ sizeBytes: bytes, shadowedBytes: bytes, isBase: truth, entries: bytes },
      files: [
        {
          ...{
            path: text,
            sizeBytes: bytes,
            uid: bytes,
            gid: bytes,
            link: (value) => value === undefined || text(value),
          },
          type: like(/^(?:file|directory|symlink|hardlink|character|block|fifo)$/),
          mode: like(/^[0-7]{4}$/),
        },
      ],
    },
  ],
  efficiency: {
    ...{ score: ratio, wastedBytes: bytes, userSizeBytes: bytes },
    userWastedPercent: orNull((value) => typeof value === 'number' && value >= 0),
    inefficientFiles: [{ path: like(/^\//), count: bytes, bytes }],
  },
  shadowedBytes: bytes,
  shadowed: {
    ...{ metadataOnlyBytes: bytes, unclearBytes: bytes, inheritedBytes: bytes },
    files: [
      {
        ...{ path: like(/^[^/]/), bytes, layer: bytes, by: bytes, metadataOnly: orNull(truth) },
        how: like(/^(?:replaced|deleted|repeated)$/),
      },
    ],
  },
  problems: [text],
};

/**
 * Where the document that `layers --json --files` printed has another form than scripts rely on; what they could not know
 * of counts, too.
 */
export function layersDocumentMismatches(document: unknown): readonly string[] {
  return mismatches(document, LAYERS_DOCUMENT);
}

function mismatches(value: unknown, shape: Shape, path = ''): readonly string[] {
  if (typeof shape === 'function') return shape(value) ? [] : [`${path}: ${JSON.stringify(value)}`];
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${path}: no list`];
    return value.flatMap((one, index) => mismatches(one, shape[0], `${path}[${index}]`));
  }
  if (!isObject(value)) return [`${path}: no object`];
  const unknown = Object.keys(value).filter((key) => !(key in shape));
  const known = Object.entries(shape).flatMap(([key, one]) => mismatches(value[key], one, `${path}.${key}`));
  return [...unknown.map((key) => `${path}.${key}: not in the contract`), ...known];
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
