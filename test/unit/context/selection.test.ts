import { describe, expect, it } from 'vitest';
import { hasWildcard, select } from '../../../core/context/selection';
import type { ContextTree } from '../../../core/context/tree';
import { copyOf, Folder, pathsOf, tree, visible } from '../support/folder';

const files = tree(
  'a.txt 644 =a',
  'b.txt 644 =b',
  'd/x.txt 644 =x',
  'd/sub/y.txt 644 =y',
  'e/x.txt 644 =x',
  'to-a 777 >a.txt',
  'to-d 777 >d',
  'd/up 777 >../a.txt',
  'root 777 >/e',
  'loop 777 >loop',
  'nothing 777 >gone',
  'out 777 >../../../b.txt',
);
const take = (source: string | readonly string[], where: ContextTree = files, ...patterns: readonly string[]) =>
  select(where, visible(...patterns), copyOf(source));

describe('what a source takes', () => {
  it.each([
    ['a.txt', ['a.txt']],
    ['./d/../a.txt', ['a.txt']],
    ['d', ['d', 'd/sub', 'd/sub/y.txt', 'd/up', 'd/x.txt']],
    ['d/sub/', ['d/sub', 'd/sub/y.txt']],
    ['*.txt', ['a.txt', 'b.txt']],
    ['[a].txt', ['a.txt']],
    ['?/x.txt', ['d/x.txt', 'e/x.txt']],
    ['d/s*', ['d/sub', 'd/sub/y.txt']],
    ['*.nothing', []],
  ])('%s', (source, expected) => {
    const selection = take(source);
    expect(pathsOf(selection.nodes)).toEqual(expected);
    expect(selection.missing).toEqual([]);
    expect(selection.inexact).toBeUndefined();
  });

  it('is everything for the context itself', () => {
    expect(pathsOf(take('.').nodes)).toEqual(pathsOf(files.nodes()));
  });

  it('leaves out what is ignored, but keeps folders above what an exception brings back', () => {
    expect(pathsOf(take('d', files, 'd', '!d/sub/y.txt').nodes)).toEqual(['d', 'd/sub', 'd/sub/y.txt']);
  });

  it('is said to be wider than what is copied with --exclude', () => {
    expect(select(files, visible(), copyOf('d', ['*.md']))).toMatchObject({ superset: true, filtered: true });
  });

  it.each(['a\\*b'])('is not claimed to be exact for %s', (source) => {
    expect(take(source).inexact).toBeDefined();
  });

  it('is not exact where something cannot be read', () => {
    expect(take('d', tree('d/secret unreadable')).inexact).toMatch(/cannot be read/);
    expect(take('ok', tree('ok 644 =1', 'secret unreadable')).inexact).toBeUndefined();
  });
});

describe('links in a source', () => {
  it.each([
    ['to-a', ['a.txt']],
    ['to-d/x.txt', ['d/x.txt']],
    ['d/up', ['a.txt']],
    ['root/x.txt', ['e/x.txt']],
    ['out', ['b.txt']],
    ['to-?', ['a.txt', 'd', 'd/sub', 'd/sub/y.txt', 'd/up', 'd/x.txt']],
  ])('%s are followed and stay in the context', (source, expected) => {
    expect(pathsOf(take(source).nodes)).toEqual(expected);
  });

  it('keep the name under which they were asked for', () => {
    expect(take('to-a').tops.map(({ named, node }) => [named.name, node.name])).toEqual([['to-a', 'a.txt']]);
  });

  it('count on the way', () => {
    expect(pathsOf(take('to-d/x.txt').way)).toEqual(['.', 'd', 'to-d']);
  });

  it('inside a copied folder are taken as they are', () => {
    expect(pathsOf(take('d', tree('d/l 777 >/a.txt', 'a.txt 644 =a')).nodes)).toEqual(['d', 'd/l']);
  });
});

describe('sources that are not there', () => {
  it.each(['gone', 'a.txt/below', 'd/gone', 'loop', 'nothing'])('%s', (source) => {
    expect(take(source).missing).toEqual([source]);
  });

  it('are those that are ignored, too', () => {
    expect(take('a.txt', files, '*.txt').missing).toEqual(['a.txt']);
  });

  it('are those that are gone since', () => {
    const folder = new Folder().look(10, 'a 644 =1').look(20);
    expect(take('a', folder.tree).missing).toEqual(['a']);
  });
});

describe('folders that were not looked into', () => {
  const hidden = new Folder().lookIgnoring(10, ['node_modules'], ['node_modules/x 644 =x', 'a 644 =a']).tree;

  it('make nothing exact that would need them', () => {
    expect(take('node_modules', hidden).inexact).toMatch(/not looked into/);
    expect(take('*/x', hidden).inexact).toMatch(/not looked into/);
    expect(take('.', hidden).inexact).toMatch(/not looked into/);
  });

  it('do not matter where they are ignored', () => {
    expect(pathsOf(take('.', hidden, 'node_modules').nodes)).toEqual(['.', 'a']);
    expect(take('.', hidden, 'node_modules').inexact).toBeUndefined();
    expect(take('a', hidden).inexact).toBeUndefined();
  });
});

it.each([
  ['a*', true],
  ['a?', true],
  ['a[b]', true],
  ['a', false],
  ['a\\*', false],
  ['a\\\\*', true],
])('%s has a wildcard: %s', (path, expected) => {
  expect(hasWildcard(path)).toBe(expected);
});
