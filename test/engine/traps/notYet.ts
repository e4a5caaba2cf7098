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
const CACHE_FROM: NotYet = { kind: 'open', why: '--cache-from of the classic builder compares histories' };
const PODMAN_OPTION: NotYet = { kind: 'open', why: 'what this option of Podman does is not predicted' };
const ATTRIBUTES: NotYet = {
  kind: 'open',
  why: 'a changed owner looks like a changed attribute, which Buildah counts',
};
const notYet: Readonly<Partial<Record<string, NotYet>>> = {
  ...{ L6: CACHE_FROM, L7: CACHE_FROM, L8: CACHE_FROM },
  ...{ BL3: PODMAN_OPTION, BL4: PODMAN_OPTION, BL5: PODMAN_OPTION, BL6: PODMAN_OPTION },
  ...{ B9: ATTRIBUTES, B10: ATTRIBUTES },
};

/** What the product cannot do yet for a row; its number is what its title starts with, as in `T33: chmod of ...`. */
export function shortcoming(title: string): Shortcoming | undefined {
  return notYet[title.split(':')[0] ?? '']?.kind;
}
