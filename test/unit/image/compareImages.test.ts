import { describe, expect, it } from 'vitest';
import { ImageComparison, pairLayers, type ComparedImage } from '../../../core/image/compareImages';
import { layer } from '../support/layers';

type Layers = readonly (readonly [diffId: string, createdBy: string, lines: readonly string[]])[];

const image = (layers: Layers): ComparedImage => ({
  layers: layers.map(([diffId, createdBy, lines]) => ({ diffId, createdBy, entries: layer(...lines) })),
});
const files = (before: Layers, after: Layers, isSame: () => boolean | undefined = () => false): string[] =>
  new ImageComparison(image(before), image(after))
    .result(isSame)
    .files.map(({ path, change, before: from, after: to }) => `${path} ${change} ${from}->${to}`);

const BASE = ['base', 'ADD', ['etc/', 'etc/a 10', 'etc/b 20']] as const;

describe('the files of two images', () => {
  it('are the same where the layers are', () => {
    expect(files([BASE], [BASE], () => undefined)).toEqual([]);
  });

  it('are added, removed and changed as a container sees them', () => {
    const after: Layers = [BASE, ['x', 'RUN', ['etc/.wh.b', 'etc/a 12', 'new 1']]];
    expect(files([BASE], after)).toEqual(['etc/a modified 10->12', 'etc/b removed 20->0', 'new added 0->1']);
  });

  it.each([
    ['modified', false],
    ['unclear', undefined],
  ] as const)('of equal size are %s when their contents are compared with the answer %s', (change, answer) => {
    const [before, after]: Layers[] = [[['1', 'COPY', ['f 5']]], [['2', 'COPY', ['f 5']]]];
    expect(files(before ?? [], after ?? [], () => answer)).toEqual([`f ${change} 5->5`]);
    expect(files(before ?? [], after ?? [], () => true)).toEqual([]);
  });

  it('may differ in kind or link only', () => {
    expect(files([['1', 'RUN', ['l >a']]], [['2', 'RUN', ['l >b']]])).toEqual(['l modified 0->0']);
    expect(files([['1', 'RUN', ['d/']]], [['2', 'RUN', ['d 0']]])).toEqual(['d modified 0->0']);
  });

  it('ask for contents only where sizes are equal', () => {
    const comparison = new ImageComparison(image([['1', '', ['f 5', 'g 5']]]), image([['2', '', ['f 6', 'g 5']]]));
    expect(comparison.questions).toEqual([{ hidden: { layer: 0, index: 1 }, visible: { layer: 0, index: 1 } }]);
  });

  it('count what a container sees, other names of a file once', () => {
    const { visibleBefore, visibleAfter } = new ImageComparison(
      image([['1', '', ['f 5', 'g =f']]]),
      image([
        ['1', '', ['f 5', 'g =f']],
        ['2', '', ['.wh.f']],
      ]),
    ).result(() => true);
    expect([visibleBefore, visibleAfter]).toEqual([5, 5]);
  });
});

describe('layers side by side', () => {
  const kinds = (before: readonly string[], after: readonly string[]): string[] => {
    const side = (list: readonly string[]): ComparedImage => image(list.map((one) => [one, one.replace(/\d/, ''), []]));
    return pairLayers(side(before), side(after)).map(
      ({ kind, before: i, after: j }) => `${kind} ${i ?? '-'} ${j ?? '-'}`,
    );
  };

  it.each([
    [
      ['a1', 'b1'],
      ['a1', 'b1'],
      ['same 0 0', 'same 1 1'],
    ],
    [
      ['a1', 'b1'],
      ['a1', 'b2'],
      ['same 0 0', 'changed 1 1'],
    ],
    [
      ['a1', 'b1'],
      ['a1', 'x1', 'b1'],
      ['same 0 0', 'added - 1', 'same 1 2'],
    ],
    [
      ['a1', 'x1', 'b1'],
      ['a1', 'b1'],
      ['same 0 0', 'removed 1 -', 'same 2 1'],
    ],
    [[], ['a1'], ['added - 0']],
  ])('%j and %j', (before, after, expected) => {
    expect(kinds(before, after)).toEqual(expected);
  });
});
