import { describe, expect, it } from 'vitest';
import { ShadowedSearch, type SameContent, type Shadowed } from '../../../core/image/shadowed';
import type { EntryPlace } from '../../../core/image/stackedTree';
import { Random } from '../../generator/random';
import { layer, randomStack } from '../support/layers';
import { isWhitedOut, losses } from '../support/restatedFiles';

type Lines = readonly string[];

const always: SameContent = () => true;

const search = (layers: readonly Lines[]): ShadowedSearch => new ShadowedSearch(layers.map((lines) => layer(...lines)));

const lost = (...layers: readonly Lines[]): Shadowed => search(layers).result(0, () => false);

/** `path bytes layer->by how`, most bytes first. */
const told = ({ files }: Shadowed): string[] =>
  files.map((one) => `${one.path} ${one.bytes} ${one.layer}->${one.by} ${one.how}`);

describe('bytes that no container can see', () => {
  it('are none in a single layer without repetitions', () => {
    expect(lost(['a/', 'a/f 10', 'l >a'])).toEqual({
      ...{ bytes: 0, metadataOnlyBytes: 0, unclearBytes: 0, inheritedBytes: 0, files: [] },
    });
  });

  it('are the copies that were replaced, and not the one that is seen', () => {
    expect(told(lost(['f 2000'], ['f 5000'], ['f 10']))).toEqual(['f 5000 1->2 replaced', 'f 2000 0->1 replaced']);
  });

  it('are those of removed files and folders, which dive does not see', () => {
    expect(told(lost(['d/', 'd/a 20', 'd/b 10', 'e 5'], ['.wh.d', '.wh.e']))).toEqual([
      ...['d/a 20 0->1 deleted', 'd/b 10 0->1 deleted', 'e 5 0->1 deleted'],
    ]);
  });

  it('are those of a folder that a marker emptied', () => {
    expect(told(lost(['d/', 'd/a 20'], ['d/', 'd/.wh..wh..opq', 'd/a 3']))).toEqual(['d/a 20 0->1 deleted']);
  });

  it('are those of a file that is a folder now, and of a folder that is a file now', () => {
    expect(told(lost(['f 10'], ['f/', 'f/x 1']))).toEqual(['f 10 0->1 replaced']);
    expect(told(lost(['f/', 'f/x 10'], ['f >g']))).toEqual(['f/x 10 0->1 replaced']);
  });

  it('are those of a copy that the same layer has once more', () => {
    expect(told(lost(['f 10', 'f 10']))).toEqual(['f 10 0->0 repeated']);
  });

  it('are counted once when a file was replaced again and again', () => {
    expect(lost(['f 1'], ['f 2'], ['.wh.f'], ['f 4']).bytes).toBe(3);
  });

  it('come in the order of their bytes, then of their names', () => {
    expect(told(lost(['b 1', 'a 1', 'c 2'], ['.wh.a', '.wh.b', '.wh.c'])).map((line) => line[0])).toEqual([
      ...['c', 'a', 'b'],
    ]);
  });
});

describe('files with several names', () => {
  it('are not lost while one of their names is left', () => {
    expect(told(lost(['a 10', 'b =a'], ['.wh.a']))).toEqual([]);
    expect(told(lost(['a 10', 'b =a'], ['.wh.b']))).toEqual([]);
    expect(told(lost(['a 10', 'b =a', 'c =b'], ['.wh.a'], ['.wh.b']))).toEqual([]);
  });

  it('are lost once, by the layer that took the last name', () => {
    expect(told(lost(['a 10', 'b =a'], ['.wh.a', '.wh.b']))).toEqual(['a 10 0->1 deleted']);
    expect(told(lost(['a 10', 'b =a'], ['.wh.a'], ['b 5']))).toEqual(['a 10 0->2 replaced']);
    expect(told(lost(['a 10', 'b =a'], ['.wh.b'], ['.wh.a']))).toEqual(['a 10 0->2 deleted']);
  });

  it('are not inherited when the base image kept a name that was removed later', () => {
    const found = search([['a 10', 'b =a'], ['.wh.a'], ['.wh.b']]);
    expect(found.result(2, always).inheritedBytes).toBe(0);
    expect(found.result(3, always).inheritedBytes).toBe(10);
  });

  it('are those that were there when the name was made', () => {
    // layer 1 makes b a name of the old a, and replaces a
    expect(told(lost(['a 10'], ['b =a', 'a 20']))).toEqual([]);
    expect(told(lost(['a 10'], ['a 20', 'b =a']))).toEqual(['a 10 0->1 replaced']);
  });

  it('are nothing where the other name is not there', () => {
    expect(told(lost(['b =a', 'a 10', 'c =c']))).toEqual([]);
  });
});

describe('copies with the same content', () => {
  const chmod: readonly Lines[] = [['f 10', 'g 10', 'h 10', 'i 10'], ['f 10', 'g 11', '.wh.h', 'i >f'], []];

  it('are asked for only where as many bytes are seen at the same path', () => {
    expect(search(chmod).questions).toMatchObject([
      { hidden: { layer: 0, index: 0 }, visible: { layer: 1, index: 0 } },
    ]);
  });

  it('are metadata alone: mode, owner or time were changed', () => {
    const { files, ...sums } = search(chmod).result(0, always);
    expect(sums).toEqual({ bytes: 40, metadataOnlyBytes: 10, unclearBytes: 0, inheritedBytes: 0 });
    expect(files.filter(({ metadataOnly }) => metadataOnly).map(({ path }) => path)).toEqual(['f']);
  });

  it('are not claimed where nobody could compare them', () => {
    const { files, ...sums } = search(chmod).result(0, () => undefined);
    expect(sums).toEqual({ bytes: 40, metadataOnlyBytes: 0, unclearBytes: 10, inheritedBytes: 0 });
    expect(files.map(({ path, metadataOnly }) => [path, metadataOnly])).toContainEqual(['f', undefined]);
  });

  it('are compared with the copy that is seen in the end', () => {
    const found = search([['f 10'], ['f 20'], ['f 10']]);
    expect(found.questions.map(({ hidden, visible }) => [hidden.layer, visible.layer])).toEqual([[0, 2]]);
  });

  it('are compared with the content behind a name', () => {
    const found = search([['f 10'], ['x 10', 'f =x']]);
    expect(found.questions).toMatchObject([{ hidden: { layer: 0, index: 0 }, visible: { layer: 1, index: 0 } }]);
  });
});

describe('what the base image brought', () => {
  it('is inherited when the base hid it as well', () => {
    const found = search([
      ['f 10', 'g 1', 'h 2'],
      ['f 10', '.wh.g'],
      ['.wh.f', '.wh.h'],
    ]);
    const inherited = (baseLayers: number): number => found.result(baseLayers, always).inheritedBytes;
    expect([0, 1, 2, 3].map(inherited)).toEqual([0, 0, 11, 23]);
  });
});

describe('random images', () => {
  it.each(Array.from({ length: 40 }, (_, number) => number))('lose what is nowhere to be seen (%i)', (number) => {
    const random = new Random(`shadowed ${number}`);
    for (let run = 0; run < 25; run++) {
      const stack = randomStack(random, { links: true });
      const layers = stack.map((lines) => layer(...lines));
      const what = JSON.stringify(stack);
      const wanted = losses(layers);
      const found = new ShadowedSearch(layers);
      const nameOf = ({ layer: from, index }: EntryPlace): string => `${from}:${index}`;

      const questions = found.questions.map(({ hidden, visible }) => `${nameOf(hidden)} ${nameOf(visible)}`);
      const asked = wanted.flatMap((one) => (one.rival === undefined ? [] : [`${nameOf(one)} ${one.rival}`]));
      expect(questions.sort(), what).toEqual(asked.sort());

      // every third pair has the same content, every third is not known
      const isSame: SameContent = (a, b) => [true, false, undefined][(a.index + b.index) % 3];
      const baseLayers = random.int(0, layers.length);
      const { files, ...sums } = found.result(baseLayers, isSame);
      const lines = files.map((one) => `${one.path} ${nameOf(one)} ${one.bytes} ${one.by}`);
      expect(lines.sort(), what).toEqual(
        wanted.map((one) => `${one.path} ${nameOf(one)} ${one.bytes} ${one.by}`).sort(),
      );

      const same = (one: (typeof wanted)[number]): boolean | undefined =>
        one.rival === undefined ? false : isSame(one, { layer: 0, index: Number(one.rival.split(':')[1]) });
      const sum = (counts: (one: (typeof wanted)[number]) => boolean): number =>
        wanted.reduce((bytes, one) => bytes + (counts(one) ? one.bytes : 0), 0);
      expect(sums, what).toEqual({
        bytes: sum(() => true),
        metadataOnlyBytes: sum((one) => same(one) === true),
        unclearBytes: sum((one) => same(one) === undefined),
        inheritedBytes: sum(({ by }) => by < baseLayers),
      });
    }
  });

  it.each(Array.from({ length: 10 }, (_, number) => number))('say how each copy went out of sight (%i)', (number) => {
    const random = new Random(`how ${number}`);
    for (let run = 0; run < 25; run++) {
      const stack = randomStack(random, { links: false });
      const layers = stack.map((lines) => layer(...lines));
      for (const one of new ShadowedSearch(layers).result(0, always).files) {
        const by = layers[one.by];
        const isDeleted = by !== undefined && isWhitedOut(one.path, by);
        const how = one.layer === one.by ? 'repeated' : isDeleted ? 'deleted' : 'replaced';
        expect(one, JSON.stringify(stack)).toMatchObject({ how });
      }
    }
  });
});
