/** Rows that are in the document, of all. */
export interface RowWindow {
  readonly first: number;
  /** One after the last. */
  readonly end: number;
  /** Height of what is left out above and below. */
  readonly above: number;
  readonly below: number;
}

/** Rows beyond what is seen on each side, so that a scroll shows no gap before the next frame. */
const MORE = 8;

/** Which rows of equal height have to be there for a place of a scrolled box. */
export function windowOf(count: number, rowHeight: number, scrollTop: number, boxHeight: number): RowWindow {
  const from = Math.floor(Math.max(0, scrollTop) / rowHeight) - MORE;
  const first = Math.max(0, Math.min(from, count - 1));
  const end = Math.min(count, Math.max(first, Math.ceil((scrollTop + boxHeight) / rowHeight) + MORE));
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight };
}

/** Where a box has to be scrolled to so that a row is seen whole; as it is if it is. */
export function scrollTopFor(index: number, rowHeight: number, scrollTop: number, boxHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  return top + rowHeight > scrollTop + boxHeight ? top + rowHeight - boxHeight : scrollTop;
}
