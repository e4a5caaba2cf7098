/** Places in two lists that belong together; undefined where only the other list has something. */
export interface AlignedPlaces {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** Puts two lists beside each other so that most places have their counterpart, in the order of both. */
export function align(
  before: number,
  after: number,
  isCounterpart: (before: number, after: number) => boolean,
): AlignedPlaces[] {
  const lengths = longestFromEach(before, after, isCounterpart);
  const pairs: AlignedPlaces[] = [];
  let [i, j] = [0, 0];
  while (i < before || j < after) {
    // taking a counterpart at once never makes the rest worse
    if (i < before && j < after && isCounterpart(i, j)) pairs.push({ before: i++, after: j++ });
    else if (j >= after || (i < before && at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      pairs.push({ before: i++, after: undefined });
    } else pairs.push({ before: undefined, after: j++ });
  }
  return pairs;
}

/** Lengths of the longest common sequences from each place on. */
function longestFromEach(rows: number, columns: number, fits: (i: number, j: number) => boolean): number[][] {
  const lengths = Array.from({ length: rows + 1 }, () => new Array<number>(columns + 1).fill(0));
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row === undefined) continue;
      row[j] = fits(i, j) ? at(lengths, i + 1, j + 1) + 1 : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
