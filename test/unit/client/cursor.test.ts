import { describe, expect, it } from 'vitest';
import { isWithin, rowOfLine } from '../../../client/views/layers/cursor';
import type { LayerRow } from '../../../client/views/layers/node';

interface Node {
  readonly id: string;
  readonly line?: number;
  readonly children?: readonly Node[];
}

function row({ id, line, children = [] }: Node, parent?: LayerRow): LayerRow {
  const rows: LayerRow[] = [];
  const made = { node: { id, line }, parent, children: rows } as unknown as LayerRow;
  rows.push(...children.map((child) => row(child, made)));
  return made;
}

const stages = [
  row({
    id: 'one',
    line: 2,
    children: [
      { id: 'FROM', line: 2 },
      { id: 'COPY', line: 4, children: [{ id: 'cause', line: 4 }] },
    ],
  }),
  row({ id: 'two', line: 8, children: [{ id: 'RUN', line: 9 }] }),
];
const find = (line: number, open = true) => rowOfLine(stages, line, () => open)?.node.id;

describe('the row of a line', () => {
  it('is that of the instruction that the line belongs to', () => {
    expect([0, 2, 3, 4, 6, 9, 50].map((line) => find(line))).toEqual([
      undefined,
      'FROM',
      'FROM',
      'COPY',
      'COPY',
      'RUN',
      'RUN',
    ]);
  });

  it('is the stage where that is folded away', () => {
    expect(find(4, false)).toBe('one');
  });

  it('is kept while something below it is selected', () => {
    const copy = stages[0]?.children[1];
    expect(copy && isWithin(copy.children[0], copy)).toBe(true);
    expect(copy && isWithin(stages[1], copy)).toBe(false);
    expect(copy && isWithin(undefined, copy)).toBe(false);
  });
});
