import { isCertainClass } from './verdictClass';
import type { LedgerEntry, Mismatch, Score } from './ledger';
import { RULES } from './rules';

/** Builds that the accuracy is told of. */
export const ACCURACY_BUILDS = 200;

/** One class of verdicts over the last builds. */
export interface ClassAccuracy {
  readonly class: string;
  readonly right: number;
  readonly wrong: number;
  /** A certain verdict of it was wrong under the rules of now: it is not given any more. */
  readonly downgraded: boolean;
}

/** A mistake with the build that showed it. */
export interface Mistake extends Mismatch {
  readonly ref: string;
  readonly at: number;
  readonly dockerfile: string;
  readonly rules: number;
}

/** How often we were right. */
export interface Accuracy {
  /** Builds that could be compared. */
  readonly builds: number;
  readonly certain: { readonly right: number; readonly total: number };
  readonly likely: { readonly right: number; readonly total: number };
  readonly classes: readonly ClassAccuracy[];
  /** Newest first. */
  readonly mistakes: readonly Mistake[];
}

/** Adds up what the last builds say. */
export function accuracyOf(entries: readonly LedgerEntry[]): Accuracy {
  const newest = newestFirst(entries).slice(0, ACCURACY_BUILDS);
  const scores = new Map<string, [number, number]>();
  for (const { classes } of newest) {
    for (const [name, [right, wrong]] of Object.entries(classes)) {
      const known = scores.get(name) ?? [0, 0];
      scores.set(name, [known[0] + right, known[1] + wrong]);
    }
  }
  const downgraded = downgradesOf(entries);
  const classes = [...scores].sort(([a], [b]) => (a < b ? -1 : 1));
  const add = (isCertain: boolean): { right: number; total: number } => {
    const counted = classes.filter(([name]) => isCertainClass(name) === isCertain).map(([, score]) => score);
    const sum = (place: 0 | 1): number => counted.reduce((total, score: Score) => total + score[place], 0);
    return { right: sum(0), total: sum(0) + sum(1) };
  };
  return {
    builds: newest.filter(({ classes: judged }) => Object.keys(judged).length > 0).length,
    certain: add(true),
    likely: add(false),
    classes: classes.map(([name, [right, wrong]]) => ({
      ...{ class: name, right, wrong, downgraded: downgraded.has(name) },
    })),
    mistakes: newest.flatMap(({ mismatches, ref, at, dockerfile, rules }) =>
      mismatches.map((one) => ({ ...one, ref, at, dockerfile, rules })),
    ),
  };
}

/** `certain verdicts: 412 of 412 right over 57 builds`; undefined before anything was judged. */
export function accuracyInWords({ certain, builds }: Pick<Accuracy, 'certain' | 'builds'>): string | undefined {
  if (certain.total === 0) return undefined;
  return `certain verdicts: ${certain.right} of ${certain.total} right over ${builds} ${builds === 1 ? 'build' : 'builds'}`;
}

/** Classes of verdicts that are not given any more, each with the sentence that says why. */
export type Downgrades = ReadonlyMap<string, string>;

/** The classes that were wrong under the rules of now. Likely verdicts may be wrong; what follows from a mistake is none. */
export function downgradesOf(entries: readonly LedgerEntry[]): Downgrades {
  const downgrades = new Map<string, string>();
  for (const entry of newestFirst(entries)) {
    if (entry.rules !== RULES) continue;
    for (const mismatch of entry.mismatches) {
      if (mismatch.follows || !isCertainClass(mismatch.class) || downgrades.has(mismatch.class)) continue;
      downgrades.set(mismatch.class, whyDoubted(entry, mismatch));
    }
  }
  return downgrades;
}

/** Mistakes stay for as long as their rules do, whatever was built since. */
export function keptEntries(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return newestFirst(entries).filter(
    ({ mismatches, rules }, index) => index < ACCURACY_BUILDS || (mismatches.length > 0 && rules === RULES),
  );
}

function whyDoubted({ ref, at }: LedgerEntry, { line, instruction, actual, class: name }: Mismatch): string {
  const said = name.split(' ')[2] ?? '';
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return (
    `a verdict of this kind was wrong: build ${ref.slice(0, 8)} (${when} UTC) ` +
    `${actual === 'cached' ? 'had a cached result for' : 'executed'} ${instruction} of line ${line}, which was said to be ${said}`
  );
}

function newestFirst(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return [...entries].sort((a, b) => b.at - a.at);
}
