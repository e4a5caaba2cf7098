import { describe, expect, it } from 'vitest';
import { withExistingLayers } from '../../../core/build/existingLayers';
import type { PulledLayer } from '../../../core/model';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const short = (letter: string): string => letter.repeat(12);
const IMAGE = ['a', 'b', 'c'].map((letter, index) => ({ digest: digest(letter), bytes: 100 * (index + 1) }));

const fetched = (letter: string, more: Partial<PulledLayer> = {}): PulledLayer => ({
  ...{ layer: short(letter), state: 'done', current: 5, total: 5 },
  ...more,
});

function shown(...told: readonly PulledLayer[]): string[] {
  const all = withExistingLayers(new Map(told.map((one) => [one.layer, one])), IMAGE);
  return [...all.values()].map(({ layer, state, total }) => `${layer.slice(0, 1)} ${state} ${String(total)}`);
}

describe('the layers of an image that a build fetched', () => {
  it('are those that the builder told of, and the others as there already, the lowest first', () => {
    expect(shown(fetched('c'), fetched('b'))).toEqual(['a exists 100', 'b done 5', 'c done 5']);
  });

  it('stay what the builder says of them', () => {
    expect(shown(fetched('b', { state: 'downloading', total: null }), fetched('a', { state: 'exists' }))).toEqual([
      'a exists 5',
      'b downloading null',
      'c exists 300',
    ]);
  });

  it('are no others where none was fetched: perhaps nobody needed them', () => {
    expect(shown()).toEqual([]);
    expect(shown(fetched('a', { state: 'exists' }))).toEqual(['a exists 5']);
    // what came in place of the image that the registry told of
    expect(shown(fetched('x'))).toEqual(['x done 5']);
  });

  it('are as told where no registry was asked', () => {
    expect([...withExistingLayers(new Map([[short('a'), fetched('a')]]), []).keys()]).toEqual([short('a')]);
  });
});
