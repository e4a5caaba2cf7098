/**
 * - `open`: the outcome can be known, but the product only says `may-hit` or `rebuild likely`;
 * - `unnamed`: the verdict is right, but the problem that a person should hear of is missing;
 * - `wrong`: a certain verdict is wrong, which is a bug.
 */
export type Shortcoming = 'open' | 'unnamed' | 'wrong';

interface NotYet {
  readonly kind: Shortcoming;
  readonly why: string;
}

/**
 * Rows of which the product does not say yet all that can be known. Their tests hold what holds today, and fail as soon
 * as it says more: then the row must leave this list.
 */
const notYet: Readonly<Partial<Record<string, NotYet>>> = {
  T41: {
    kind: 'wrong',
    why: 'what was taken then is looked for in the present tree: a source that is gone counts as never taken',
  },
  N8: {
    kind: 'open',
    why: 'that the builder has no copy of the context any more is not used as a proof that it compares everything',
  },
  S03: {
    kind: 'unnamed',
    why: 'the file of this context is not read, for its content does not change the verdict',
  },
};

/** What the product cannot do yet for a row; its number is what its title starts with, as in `T33: chmod of ...`. */
export function shortcoming(title: string): Shortcoming | undefined {
  return notYet[title.split(':')[0] ?? '']?.kind;
}
