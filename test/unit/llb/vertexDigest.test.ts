import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asArray, asObject, asText, decodeOp } from '../../../core/llb/decode';
import { imageVertexDigest, vertexDigest } from '../../../core/llb/vertexDigest';
import { sha256 } from '../../../core/node/sha256';

/** What BuildKit 0.25.2 wrote down of a real build: each operation, and the digest of its vertex. */
const noted = asObject(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/vertexDigests.json'), 'utf8')),
);
const digests = new Map(Object.entries(asObject(noted['digestMapping'])).map(([digest, id]) => [asText(id), digest]));
const steps = asArray(noted['llbDefinition']).map((one) => {
  const entry = asObject(one);
  const op = decodeOp(entry['op'], (text) => Buffer.from(text, 'base64').toString('utf8'));
  const inputs = asArray(entry['inputs']).map((input) => digests.get(asText(input).replace(/:\d+$/, '')) ?? '');
  return { id: asText(entry['id']), op, inputs, digest: digests.get(asText(entry['id'])) };
});

describe('digests of vertices', () => {
  for (const { id, op, inputs, digest } of steps) {
    if (op.kind === 'local') continue;
    it(`${id} (${op.kind}) is that of the builder`, () => {
      const ours = op.kind === 'image' ? imageVertexDigest(op, 'local', sha256) : vertexDigest(op, inputs, sha256);
      expect(ours).toBe(digest);
    });
  }

  it('are not made up for what is not kept whole', () => {
    const exec = steps.find(({ op }) => op.kind === 'exec')?.op;
    if (exec?.kind !== 'exec') throw new Error('the fixture has no RUN');
    expect(vertexDigest({ ...exec, extraHosts: ['db'] }, [], sha256)).toBeUndefined();
    expect(vertexDigest({ kind: 'local', name: 'context', exclude: [] }, [], sha256)).toBeUndefined();
  });
});
