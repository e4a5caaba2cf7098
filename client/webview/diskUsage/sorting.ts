import type { Row } from './rows';

/** By which column rows are sorted, and whether the largest comes first. */
export interface Sorting {
  readonly column: number;
  readonly isDescending: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows whose text contains every word, sorted; what has no value comes last either way. The given array stays as it is. */
export function arranged(rows: readonly Row[], filter: string, { column, isDescending }: Sorting): readonly Row[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? rows : rows.filter((row) => words.every((word) => row.search().includes(word)));
  const sign = isDescending ? -1 : 1;
  const keyed = found.map((row) => ({ row, value: row.value(column) }));
  keyed.sort((one, other) => compare(one.value, other.value, sign));
  return keyed.map(({ row }) => row);
}

function compare(one: Value, other: Value, sign: number): number {
  const isMissing = one === null;
  const isOtherMissing = other === null;
  if (isMissing || isOtherMissing) return Number(isMissing) - Number(isOtherMissing);
  if (typeof one === 'number' && typeof other === 'number') return sign * (one - other);
  return sign * collator.compare(String(one), String(other));
}

type Value = string | number | null;
