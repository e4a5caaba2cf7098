import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cacheMegabytes, LayerIndexStore } from '../../../../core/node/image/indexStore';
import { sha256 } from '../../support/imageArchive';
import { layer } from '../../support/layers';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'li-index-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const id = (name: string): string => `sha256:${sha256(name)}`;
/** About 80 kB once it is written. */
const entries = () => layer(...Array.from({ length: 2000 }, (_, at) => `a/file-with-a-long-name-${at} ${at}`));
const files = (): number => readdirSync(join(folder, 'layers')).length;

it('keeps as much as it may, the ones that were used last', async () => {
  const store = new LayerIndexStore(folder, 0.3);
  for (const name of ['a', 'b']) {
    await store.put(id(name), entries());
    await sleep(20);
  }
  expect(await store.get(id('a'))).toHaveLength(2000);
  await sleep(20);
  await store.put(id('c'), entries());
  expect(await store.get(id('b'))).toBeUndefined();
  expect(await store.get(id('a'))).toHaveLength(2000);
  expect(await store.get(id('c'))).toHaveLength(2000);
});

it('gives up what is above a lower bound at once, and keeps nothing at all where that is said', async () => {
  const store = new LayerIndexStore(folder);
  for (const name of ['a', 'b', 'c']) await store.put(id(name), entries());
  expect(files()).toBe(3);
  await store.setLimit(0.15);
  expect(files()).toBe(1);
  await store.setLimit(0);
  expect(files()).toBe(0);
  await store.put(id('d'), entries());
  expect(files()).toBe(0);
  await store.setLimit(1);
  await store.put(id('d'), entries());
  expect(files()).toBe(1);
});

it('has its bound from the environment on the command line', () => {
  expect(cacheMegabytes({})).toBe(1000);
  expect(cacheMegabytes({ LAYER_INSIGHT_CACHE_LIMIT: '' })).toBe(1000);
  expect(cacheMegabytes({ LAYER_INSIGHT_CACHE_LIMIT: 'much' })).toBe(1000);
  expect(cacheMegabytes({ LAYER_INSIGHT_CACHE_LIMIT: '-1' })).toBe(1000);
  expect(cacheMegabytes({ LAYER_INSIGHT_CACHE_LIMIT: '0' })).toBe(0);
  expect(cacheMegabytes({ LAYER_INSIGHT_CACHE_LIMIT: '12.5' })).toBe(12.5);
});
