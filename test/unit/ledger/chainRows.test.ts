import { describe, expect, it } from 'vitest';
import { chainRows } from '../../../core/ledger/builds';
import type { ChainBuild } from '../../../core/ledger/compareChain';
import { built, FIRST, stage, TEXT } from './builtChain';
import { HOSTS } from './chainSession';

describe('the size of a build with the classic builder', () => {
  const grown = (kept: ChainBuild, sizes: readonly (number | undefined)[]): ChainBuild => {
    const seen = (kept.seen ?? []).map(({ stage: at, index, text, executed }, place) => {
      const bytes = sizes[place];
      return { ...{ stage: at, index, text, executed }, ...(bytes === undefined ? {} : { bytes }) };
    });
    return { ...kept, seen };
  };

  it('is that of the layers of its steps, beside the build before', () => {
    const [[, make]] = HOSTS;
    const host = make();
    const one = built(host, TEXT);
    const two = built(host, stage(FIRST, 'COPY d /e'));
    // of each image the engine of this test says 1,000 bytes: no step has any of its own
    expect(chainRows([one, two])).toMatchObject([
      { bytes: 0, bytesChange: 0 },
      { bytes: 0, bytesChange: null },
    ]);
    const rows = chainRows([grown(one, [5, 70, 0]), grown(two, [5, 30])]);
    expect(rows).toMatchObject([
      { bytes: 35, bytesChange: -40 },
      { bytes: 75, bytesChange: null },
    ]);
    expect(chainRows([grown(one, [5, undefined, 0])])).toMatchObject([{ bytes: null, bytesChange: null }]);
    // a step of which no image was seen may have had any size
    const part = { ...one, seen: one.seen?.slice(0, 2) ?? [] };
    expect(chainRows([part])).toMatchObject([{ bytes: null }]);
  });
});

it('the size of a build with Buildah is that of the archives of its layers', () => {
  const [, [, make] = HOSTS[0]] = HOSTS;
  const host = make();
  const one = built(host, TEXT);
  expect(host.kind).toBe('buildah');
  // each image of this test has 1,000 bytes, as has the one that it stands on
  expect(chainRows([one])).toMatchObject([{ bytes: 0, bytesChange: null, bytesBasis: 'estimate' }]);
});
