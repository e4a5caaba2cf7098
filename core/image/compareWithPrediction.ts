import type { PredictedStep, SizeBasis, Verdict } from '../model';
import { align } from './alignment';
import { fits } from './attribute';
import type { ComparedCopy } from './compareCopies';

/** A step of an image, as far as it is compared. */
export interface BuiltStep {
  readonly createdBy: string;
  /** Bytes of its layer; undefined for a step without one. */
  readonly bytes: number | undefined;
  /** 0-based place of that layer in the image; undefined where it has none, or it is not clear which one. */
  readonly layer?: number | undefined;
}

/** The files of a step: compared, or why they cannot be. */
export type StepFiles =
  ({ readonly kind: 'compared' } & ComparedCopy) | { readonly kind: 'unknown'; readonly why: string };

/** A step of an image beside the instruction of the Dockerfile that stands in its place. */
export interface StepPair {
  readonly kind: 'same' | 'added' | 'removed';
  readonly built: BuiltStep | undefined;
  readonly planned: PlannedStep | undefined;
  /** Undefined where there is nothing to be said of files. */
  readonly files?: StepFiles | undefined;
}

/** Files of one step that the table lists. */
const MAX_FILES = 20;
const SIGNS = { added: '+', removed: '-', grown: '~', shrunk: '~', changed: '~' } as const;

export type PlannedStep = Pick<PredictedStep, 'line' | 'instruction' | 'text' | 'verdict' | 'size'>;

/**
 * An image beside what its Dockerfile would give now: steps and instructions of the same words are counterparts, in their
 * order; instructions that changed are one that goes and one that comes.
 */
export function compareWithPrediction<P extends PlannedStep>(
  built: readonly BuiltStep[],
  planned: readonly P[],
): (StepPair & { readonly planned: P | undefined })[] {
  const isSame = (i: number, j: number): boolean => {
    const [step, plan] = [built[i], planned[j]];
    if (step === undefined || plan === undefined) return false;
    return fits(step.createdBy, { ...plan, line: plan.line.start });
  };
  return align(built.length, planned.length, isSame).map(({ before, after }) => ({
    kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'same',
    built: before === undefined ? undefined : built[before],
    planned: after === undefined ? undefined : planned[after],
  }));
}

/** The comparison as text, one line for each step. */
export function renderStepPairs(
  image: string,
  dockerfile: string,
  pairs: readonly StepPair[],
  write: (bytes: number) => string,
): string {
  const lines = [
    `${image} → ${dockerfile} as it would be built now`,
    '',
    '     before        now     change  what becomes of it',
  ];
  let [before, now, isOpen] = [0, 0, false];
  for (const { kind, built, planned, files } of pairs) {
    const [from, to] = [built?.bytes, planned?.size.bytes ?? undefined];
    before += from ?? 0;
    now += to ?? 0;
    const hasLayer = planned !== undefined && planned.verdict !== 'no-layer';
    if (hasLayer && to === undefined) isOpen = true;
    const change = kind === 'removed' ? -(from ?? 0) : to === undefined ? undefined : to - (from ?? 0);
    lines.push(
      [
        (from === undefined ? '' : write(from)).padStart(11),
        (to === undefined ? (hasLayer ? '?' : '') : basis(planned?.size.basis) + write(to)).padStart(11),
        (change === undefined || change === 0 ? '' : `${change > 0 ? '+' : ''}${write(change)}`).padStart(11),
        `${`  ${words(kind, planned?.verdict)}`.padEnd(13)} `,
        planned === undefined ? `(was) ${built?.createdBy ?? ''}` : `${planned.line.start}: ${planned.text}`,
      ].join(''),
      ...(files === undefined ? [] : fileLines(files, write)),
    );
  }
  const sum = `${write(before)} → ${isOpen ? 'at least ' : ''}${write(now)} in the layers of these instructions`;
  return [...lines, '', sum, ''].join('\n');
}

/** What becomes of the files of a step, below its own line. */
function fileLines(files: StepFiles, write: (bytes: number) => string): string[] {
  const indent = ' '.repeat(33);
  if (files.kind === 'unknown') return [`${indent}  (files: ${files.why})`];
  const { differences, unclear } = files;
  const lines = differences.slice(0, MAX_FILES).map(({ path, change, before, after }) => {
    const grown = after - before;
    const size = grown === 0 ? '' : `${grown > 0 ? '+' : ''}${write(grown)}`;
    return `${size.padStart(33)}  ${SIGNS[change]} /${path}${change === 'changed' ? ' (other content)' : ''}`;
  });
  if (differences.length > MAX_FILES) {
    lines.push(`${indent}  … and ${differences.length - MAX_FILES} more`);
  }
  if (unclear > 0) lines.push(`${indent}  (${unclear} of equal size, whose contents were not compared)`);
  return lines;
}

function basis(of: SizeBasis | undefined): string {
  return of === 'estimate' ? '≈' : '';
}

function words(kind: StepPair['kind'], verdict: Verdict | undefined): string {
  if (kind === 'removed') return 'goes';
  const is = verdict === 'no-layer' ? 'no layer' : (verdict ?? '');
  return kind === 'added' ? `new, ${is}` : is;
}
