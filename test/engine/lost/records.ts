import { expect } from 'vitest';
import { asString, at, parseJson } from '../../judge/json.js';
import { docker } from '../traps/baseImages.js';

interface CacheRecord {
  readonly id: string;
  readonly description: string;
}

/** What the builder keeps, as `docker buildx du` tells. */
async function records(): Promise<CacheRecord[]> {
  const text = await docker('buildx', 'du', '--format', 'json');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseJson)
    .map((one) => ({ id: asString(at(one, 'ID')) ?? '', description: asString(at(one, 'Description')) ?? '' }));
}

/** Takes the one record whose description ends like this away from the builder. */
export async function pruneRecord(descriptionEnd: string): Promise<void> {
  const found = (await records()).filter((one) => one.description.endsWith(descriptionEnd));
  expect(found, `one record of ${descriptionEnd}`).toHaveLength(1);
  await docker('buildx', 'prune', '--force', '--filter', `id=${found[0]?.id ?? ''}`);
  const left = (await records()).filter((one) => one.id === found[0]?.id);
  expect(left, 'the record is gone').toEqual([]);
}
