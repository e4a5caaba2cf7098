import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { efficiencyOf, type Efficiency } from '../../../core/image/efficiency';
import { openArchive } from '../../../core/node/image/archiveImage';
import { Random } from '../../generator/random';
import { layer, randomStack } from '../support/layers';
import { restated } from '../support/restatedDive';

const of = (...layers: readonly (readonly string[])[]): Efficiency =>
  efficiencyOf(layers.map((lines) => layer(...lines)));

interface Row {
  readonly what: string;
  readonly layers: readonly (readonly string[])[];
  readonly score: number;
  readonly wasted: number;
  readonly percent: number;
}

const ROWS: readonly Row[] = [
  { what: 'a file stored twice', layers: [['f 10'], ['f 10']], score: 0.5, wasted: 20, percent: 2 },
  { what: 'a file that grew', layers: [['f 2000'], ['f 5000']], score: 2 / 7, wasted: 7000, percent: 1.4 },
  { what: 'a file that shrank', layers: [['f 5000'], ['f 2000']], score: 2 / 7, wasted: 7000, percent: 3.5 },
  {
    ...{ what: 'a file that was removed', layers: [['keep 90', 'f 10'], ['.wh.f']] },
    ...{ score: 0.9, wasted: 10, percent: Infinity },
  },
  {
    what: 'a folder that was removed, which dive does not see',
    layers: [['keep 80', 'd/', 'd/a 10', 'd/b 10'], ['.wh.d']],
    ...{ score: 1, wasted: 0, percent: NaN },
  },
  {
    what: 'a folder that was removed and added again',
    layers: [['keep 80', 'd/', 'd/a 10'], ['.wh.d'], ['d/', 'd/a 10']],
    ...{ score: 100 / 110, wasted: 20, percent: 2 },
  },
  {
    what: 'a folder that a marker emptied, which dive does not see',
    layers: [
      ['d/', 'd/a 10'],
      ['d/', 'd/.wh..wh..opq', 'd/b 10'],
    ],
    ...{ score: 1, wasted: 0, percent: 0 },
  },
  {
    what: 'files stored again by chmod -R',
    layers: [
      ['keep 80', 'd/', 'd/a 5', 'd/b 5'],
      ['d/', 'd/a 5', 'd/b 5'],
    ],
    ...{ score: 0.9, wasted: 20, percent: 2 },
  },
  {
    what: 'a removal of what never was, after which dive looks no further',
    layers: [['f 10'], ['.wh.a', 'f 10']],
    ...{ score: 0.9, wasted: 0, percent: 0 },
  },
  { what: 'the same without that removal', layers: [['f 10'], ['f 10']], score: 0.5, wasted: 20, percent: 2 },
  { what: 'a single layer', layers: [['f 10', 'g 20']], score: 1, wasted: 0, percent: NaN },
  {
    what: 'a file that was removed and added again',
    layers: [['keep 70', 'f 10'], ['.wh.f'], ['f 10']],
    ...{ score: 7 / 9, wasted: 20, percent: 2 },
  },
];

describe("dive's figures, case by case", () => {
  it.each(ROWS)('$what', ({ layers, score, wasted, percent }) => {
    const { wastedBytes, userWastedPercent, ...figures } = of(...layers);
    expect([figures.score, wastedBytes, userWastedPercent]).toEqual([score, wasted, percent]);
  });

  it('counts entries and bytes of a path, removals too, most bytes first', () => {
    const { inefficient } = of(['a 1', 'b 7'], ['a 2', '.wh.b'], ['a 3', 'b 8']);
    expect(inefficient).toEqual([
      { path: '/b', count: 3, bytes: 15 },
      { path: '/a', count: 3, bytes: 6 },
    ]);
  });

  it('takes one of the bytes away for each removal of what never was and is not there later either', () => {
    expect(of(['f 10'], ['.wh.x']).score).toBe(0.9);
    expect(of(['f 10'], ['.wh.x'], ['x 10']).score).toBe(1);
    expect(of(['f 10'], ['.wh.x'], ['.wh.x'], ['.wh.y']).score).toBe(0.8);
  });

  it('takes notes of old file systems for removals, as dive does', () => {
    // dive leaves out only what begins with `.wh..wh..`
    expect(of(['f 10'], ['.wh..wh.plnk/', 'f 10']).wastedBytes).toBe(0);
    expect(of(['f 10'], ['.wh..wh..opq', 'f 10']).wastedBytes).toBe(20);
  });

  it('counts both sizes of a path that comes twice in one layer, and the last alone as its size', () => {
    expect(of(['f 10', 'f 3'], ['f 3'])).toMatchObject({ sizeBytes: 16, userSizeBytes: 3, wastedBytes: 6, score: 0.5 });
  });

  it('visits names in the order of their bytes', () => {
    // U+FFFD is before U+1F600 in UTF-8 and behind it in UTF-16
    expect(of(['\ufffd 10'], ['😀/.wh.c', '\ufffd 10']).wastedBytes).toBe(20);
    // `a.b/…` sorts before `a/b` as text, and behind it in a tree
    expect(of(['a/b 10'], ['a.b/.wh.c', 'a/b 10']).wastedBytes).toBe(20);
    expect(of(['b 10'], ['a/.wh.c', 'b 10']).wastedBytes).toBe(0);
    expect(of(['a 10'], ['b/.wh.c', 'a 10']).wastedBytes).toBe(20);
  });

  it('may have folders as deep as names may be long', () => {
    const deep = `${'d/'.repeat(4095)}f`;
    expect(of([`${deep} 10`], [`${deep} 10`], ['.wh.d'])).toMatchObject({ score: 0.5, wastedBytes: 20 });
  });

  it('has figures for an image without layers', () => {
    expect(of()).toMatchObject({ score: 1, wastedBytes: 0, sizeBytes: 0, userSizeBytes: 0, inefficient: [] });
  });
});

describe("dive's figures of random images", () => {
  const byPath = (list: Efficiency['inefficient']): unknown => [...list].sort((a, b) => (a.path < b.path ? -1 : 1));

  it.each(Array.from({ length: 40 }, (_, number) => number))('are what its definitions say (%i)', (number) => {
    const random = new Random(`efficiency ${number}`);
    for (let run = 0; run < 25; run++) {
      const stack = randomStack(random, { links: true });
      const layers = stack.map((lines) => layer(...lines));
      const { inefficient, ...figures } = efficiencyOf(layers);
      const { inefficient: wanted, ...wantedFigures } = restated(layers);
      const what = JSON.stringify(stack);
      expect(figures, what).toEqual(wantedFigures);
      expect(byPath(inefficient), what).toEqual(byPath(wanted));
      const bytes = inefficient.map((one) => one.bytes);
      expect(bytes).toEqual([...bytes].sort((a, b) => b - a));
    }
  });
});

const DIVE_ARCHIVE = process.env['LAYER_INSIGHT_DIVE_ARCHIVE'] ?? '/work/shared/vectors/dive-test-docker-image.tar';

describe("dive's own test image", () => {
  it.skipIf(!existsSync(DIVE_ARCHIVE))('has the figures that dive expects of it, bit for bit', async () => {
    const { layers } = await openArchive(DIVE_ARCHIVE);
    expect(layers).toHaveLength(14);
    expect(efficiencyOf(layers.map(({ entries }) => entries))).toMatchObject({
      ...{ score: 0.9844212134184309, wastedBytes: 32025, sizeBytes: 1220598, userSizeBytes: 66237 },
      userWastedPercent: 0.4834911001404049,
    });
  });
});
