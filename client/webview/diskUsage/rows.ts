import type { ReclaimItem } from '../../../core/model';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
  /** Share of the width. */
  readonly width: number;
  /** More about it, a sentence. */
  readonly hint?: string;
}

/** What a column has of something. */
export interface ColumnOf<T> extends Column {
  /** What it is sorted by; null: not known. */
  readonly value: (one: T) => string | number | null;
  /** What is shown. */
  readonly text: (one: T) => string;
  /** What a pointer is told beside it. */
  readonly more?: (one: T) => string;
}

/** What a row of a table is asked for by its button. */
export type RowAction = 'changes' | 'measure' | 'remove';

/** One row of a table. Its texts are made when they are shown: a table may have thousands of rows. */
export interface Row {
  readonly key: string;
  readonly name: string;
  /** What it is for a removal; undefined: it goes only with something else. */
  readonly item: ReclaimItem | undefined;
  /** What its action is about: id of the container, path of the bind mount. */
  readonly subject: string;
  /** What it is sorted by in a column; null: not known. */
  readonly value: (column: number) => string | number | null;
  readonly text: (column: number) => string;
  readonly more: (column: number) => string;
  /** Everything that is shown, in lower case. */
  readonly search: () => string;
}

/** One table. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Several rows may be removed at once. */
  readonly isBulk: boolean;
  readonly action: { readonly name: RowAction; readonly title: string } | undefined;
  /** What stands above it. */
  readonly note: string;
}

type Identity = Pick<Row, 'key' | 'name'> & Partial<Pick<Row, 'item' | 'subject'>>;

/** Rows for things by the columns that they are shown in. */
export function rowsOf<T>(
  things: readonly T[],
  columns: readonly ColumnOf<T>[],
  identity: (one: T) => Identity,
): readonly Row[] {
  return things.map((one) => {
    const { key, name, item, subject = '' } = identity(one);
    let search: string | undefined;
    return {
      ...{ key, name, item, subject },
      value: (column) => columns[column]?.value(one) ?? null,
      text: (column) => columns[column]?.text(one) ?? '',
      more: (column) => columns[column]?.more?.(one) ?? '',
      search: () =>
        (search ??= columns
          .map(({ text, more }) => `${text(one)} ${more?.(one) ?? ''}`)
          .join(' ')
          .toLowerCase()),
    };
  });
}
