import { describe, expect, it } from 'vitest';
import { findInLayers, LayerView } from '../../../core/image/layerView';
import { layer } from '../support/layers';

const view = (at: number, ...layers: readonly (readonly string[])[]): LayerView =>
  new LayerView(
    layers.map((lines) => layer(...lines)),
    at,
  );

/** `letter name bytes`, in the order of names. */
const rows = (one: LayerView, folder: string, whole: boolean): string[] =>
  one
    .children(folder, whole)
    .map(({ change, name, bytes, type }) => `${change.charAt(0)} ${name}${type === 'directory' ? '/' : ''} ${bytes}`)
    .sort((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1));

const BASE = ['bin/', 'bin/sh 100', 'etc/', 'etc/a 10', 'etc/b 20', 'var/', 'var/x 5'];
const UPPER = ['etc/', 'etc/a 12', 'etc/.wh.b', 'etc/c 3', '.wh.var', 'app/f 7'];

describe('the files of one layer', () => {
  it('are those that it has or removes, with what it does to them', () => {
    const upper = view(1, BASE, UPPER);
    expect(rows(upper, '', false)).toEqual(['a app/ 7', 'm etc/ 15', 'r var/ 5']);
    expect(rows(upper, 'etc', false)).toEqual(['m a 12', 'r b 20', 'a c 3']);
    expect(rows(upper, 'var', false)).toEqual(['r x 5']);
  });

  it('are all added in the first layer', () => {
    expect(rows(view(0, BASE, UPPER), '', false)).toEqual(['a bin/ 100', 'a etc/ 30', 'a var/ 5']);
  });

  it('are shown with all that lie below where that is wanted', () => {
    const upper = view(1, BASE, UPPER);
    expect(rows(upper, '', true)).toEqual(['a app/ 7', 'u bin/ 100', 'm etc/ 15', 'r var/ 5']);
    expect(rows(upper, 'bin', true)).toEqual(['u sh 100']);
  });

  it('do not tell what later layers do', () => {
    const middle = view(1, BASE, ['etc/c 1'], ['.wh.etc']);
    expect(rows(middle, 'etc', true)).toEqual(['u a 10', 'u b 20', 'a c 1']);
  });

  it('are not changed by being stored again with the same content and access', () => {
    const [lower, upper] = [layer('f 3', 'g 3'), layer('f 3', 'g 3')];
    for (const [index, entries] of [lower, upper].entries()) {
      entries.setDigest(0, Uint8Array.of(1, 2, 3, ...new Uint8Array(13)));
      entries.setDigest(1, Uint8Array.of(index + 1, ...new Uint8Array(15)));
    }
    expect(rows(new LayerView([lower, upper], 1), '', false)).toEqual(['u f 3', 'm g 3']);
  });

  it('say which layer has the copy that they replace', () => {
    const upper = view(2, BASE, ['x 1'], ['etc/a 1', 'new 1']);
    expect(upper.older('etc/a')).toBe(0);
    expect(upper.older('new')).toBeUndefined();
    expect(upper.find('etc/a')?.place).toEqual({ layer: 2, index: 0 });
    expect(upper.find('etc/b')?.place).toEqual({ layer: 0, index: 4 });
    expect(upper.find('nowhere')).toBeUndefined();
  });

  it('are a folder where no entry says so', () => {
    expect(rows(view(0, ['a/b/c 1']), '', true)).toEqual(['a a/ 1']);
    expect(rows(view(0, ['a/b/c 1']), 'a/b', true)).toEqual(['a c 1']);
  });
});

describe('a search in all layers', () => {
  const layers = [layer(...BASE), layer(...UPPER)];

  it('finds entries by words in their paths, the newest layer first', () => {
    const found = findInLayers(layers, 'ETC a', 10).map(({ layer: at, path, bytes }) => `${at} ${path} ${bytes}`);
    expect(found).toEqual(['1 etc/a 12', '0 etc/a 10']);
  });

  it('finds what removes a path', () => {
    expect(findInLayers(layers, 'var', 10)).toEqual([
      { layer: 1, path: 'var', type: 'file', isRemoval: true, bytes: 0 },
      { layer: 0, path: 'var/x', type: 'file', isRemoval: false, bytes: 5 },
    ]);
  });

  it('ends when it has enough', () => {
    expect(findInLayers(layers, '', 2)).toHaveLength(2);
  });
});
