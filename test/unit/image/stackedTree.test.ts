import { describe, expect, it } from 'vitest';
import { StackedTree, type HiddenEntry } from '../../../core/image/stackedTree';
import { Random } from '../../generator/random';
import { layer, randomStack } from '../support/layers';
import { heights } from '../support/restatedFiles';

type Lines = readonly string[];

const stacked = (...layers: readonly Lines[]): StackedTree =>
  new StackedTree(layers.map((lines) => layer(...lines))).applyAll();

/** What is there: `path layer`, a folder without an entry as `path -`. */
function seen(tree: StackedTree): string[] {
  return [...tree.below()].map(({ path, place }) => `${path} ${place?.layer ?? '-'}`);
}

/** What went out of sight: `path layer->layer how`. */
function hidden(...layers: readonly Lines[]): string[] {
  const told: string[] = [];
  const tree = new StackedTree(layers.map((lines) => layer(...lines)));
  tree.applyAll({ hidden: (one: HiddenEntry, path) => told.push(`${path} ${one.layer}->${one.by} ${one.how}`) });
  return told;
}

describe('the file system of stacked layers', () => {
  it('has the copy of the highest layer', () => {
    expect(seen(stacked(['a/', 'a/f 1', 'a/g 1'], ['a/f 2']))).toEqual(['a 0', 'a/f 1', 'a/g 0']);
  });

  it('has folders that no entry is there for', () => {
    expect(seen(stacked(['a/b/c 1'], ['a/']))).toEqual(['a 1', 'a/b -', 'a/b/c 0']);
  });

  it('lacks what a whiteout removed, with all that was in it', () => {
    expect(seen(stacked(['a/b/c 1', 'a/b.c 1', 'a/d 1'], ['a/.wh.b']))).toEqual(['a -', 'a/b.c 0', 'a/d 0']);
  });

  it('keeps what a layer puts where it removes something, in whatever order', () => {
    for (const upper of [
      ['.wh.a', 'a/', 'a/new 1'],
      ['a/', 'a/new 1', '.wh.a'],
      ['a/', 'a/new 1', 'a/.wh..wh..opq'],
      ['a/.wh..wh..opq', 'a/', 'a/new 1'],
    ]) {
      expect(seen(stacked(['a/', 'a/old 1'], upper)), upper.join()).toEqual(['a 1', 'a/new 1']);
    }
  });

  it('keeps the folder itself that a marker empties', () => {
    expect(seen(stacked(['a/', 'a/old 1', 'b 1'], ['a/.wh..wh..opq']))).toEqual(['a 0', 'b 0']);
    expect(seen(stacked(['a/', 'a/old 1', 'b 1'], ['.wh..wh..opq', 'c 1']))).toEqual(['c 1']);
  });

  it('takes no note of an old file system for a whiteout', () => {
    expect(seen(stacked(['.wh.plnk 1', 'plnk 1', 'wh.plnk 1'], ['.wh..wh.plnk/', '.wh..wh.aufs 1']))).toEqual([
      'plnk 0',
      'wh.plnk 0',
    ]);
  });

  it('has a file where a folder was, and a folder where a file was', () => {
    expect(seen(stacked(['a/', 'a/f 1'], ['a 2']))).toEqual(['a 1']);
    expect(seen(stacked(['a 2'], ['a/']))).toEqual(['a 1']);
    expect(seen(stacked(['a 2'], ['a/f 1']))).toEqual(['a -', 'a/f 1']);
    expect(seen(stacked(['a/', 'a/f 1'], ['a >b']))).toEqual(['a 1']);
  });

  it('takes nothing away for a whiteout of what is not there', () => {
    expect(seen(stacked(['a 1'], ['.wh.b', 'x/.wh.y', 'y/.wh..wh..opq', '.wh.']))).toEqual(['a 0']);
  });

  it('is listed folder by folder, names by their bytes', () => {
    expect(seen(stacked(['a.b 1', 'a/b 1', 'a-c 1', '😀 1', '\ufffd 1', 'Z 1']))).toEqual([
      ...['Z 0', 'a -', 'a/b 0', 'a-c 0', 'a.b 0', '\ufffd 0', '😀 0'],
    ]);
  });

  it('can be looked at between two layers', () => {
    const tree = new StackedTree([layer('a 1'), layer('.wh.a', 'b 1')]);
    tree.applyNext();
    expect([tree.height, seen(tree)]).toEqual([1, ['a 0']]);
    tree.applyNext();
    expect([tree.height, seen(tree)]).toEqual([2, ['b 1']]);
  });

  it('may be as deep as it likes', () => {
    const deep = 'd/'.repeat(20_000);
    const tree = stacked([`${deep}f 1`, 'x 1'], ['.wh.d']);
    expect(seen(tree)).toEqual(['x 0']);
    expect([...stacked([`${deep}f 1`]).below()]).toHaveLength(20_001);
  });
});

describe('what a layer hides', () => {
  it('is told with the layer that did it', () => {
    expect(hidden(['f 1', 'g 1'], ['f 2'], ['.wh.f', '.wh.g'])).toEqual([
      'f 0->1 replaced',
      'f 1->2 deleted',
      'g 0->2 deleted',
    ]);
  });

  it('is all of a folder that was removed, emptied or replaced', () => {
    expect(hidden(['a/', 'a/f 1'], ['.wh.a'])).toEqual(['a 0->1 deleted', 'a/f 0->1 deleted']);
    expect(hidden(['a/', 'a/f 1'], ['a/.wh..wh..opq'])).toEqual(['a/f 0->1 deleted']);
    expect(hidden(['a/', 'a/f 1'], ['a 1']).sort()).toEqual(['a 0->1 replaced', 'a/f 0->1 replaced']);
    expect(hidden(['a 1'], ['a/f 1'])).toEqual(['a 0->1 replaced']);
  });

  it('is no folder that is stored again', () => {
    expect(hidden(['a/', 'a/f 1'], ['a/'])).toEqual([]);
  });

  it('is a copy that the same layer has once more', () => {
    expect(hidden(['f 1', 'f 2'])).toEqual(['f 0->0 repeated']);
  });
});

describe('random layers on each other', () => {
  it.each(Array.from({ length: 40 }, (_, number) => number))('give the same files at every height (%i)', (number) => {
    const random = new Random(`stack ${number}`);
    for (let run = 0; run < 25; run++) {
      const stack = randomStack(random, { links: true });
      const layers = stack.map((lines) => layer(...lines));
      const tree = new StackedTree(layers);
      for (const files of heights(layers).slice(1)) {
        tree.applyNext();
        const found = [...tree.below()].flatMap(({ path, place }) =>
          place === undefined ? [] : [`${path} ${place.layer}:${place.index}`],
        );
        const wanted = [...files].map(([path, { layer: from, index }]) => `${path} ${from}:${index}`);
        expect(found.sort(), JSON.stringify(stack)).toEqual(wanted.sort());
      }
    }
  });
});
