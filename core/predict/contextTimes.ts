import { TICK } from '../context/entry';
import { KnownTransfers } from '../context/knownTransfers';
import type { ContextTree, TimeSpan } from '../context/tree';
import type { PastBuild } from '../evidence/pastBuild';
import { knownTransfers } from './syncedCopy';

/** A build context and the clock of its builder. */
interface TimedContext {
  readonly tree: ContextTree;
  /** Real absolute path. */
  readonly path: string;
  readonly builds: readonly PastBuild[];
  /** Engine clock minus this machine's clock, and how far that may be off; milliseconds. */
  readonly clockOffset: number;
  readonly clockMargin: number;
}

export type Clock = Pick<TimedContext, 'clockOffset' | 'clockMargin'>;

/** An engine's time by this machine's clock, at the earliest. */
export function localTime({ clockOffset, clockMargin }: Clock, time: number): number {
  return time - clockOffset - clockMargin - TICK;
}

/** A span of an engine's time by this machine's clock, margins included. */
export function localSpan(clock: Clock, { start, end }: TimeSpan): TimeSpan {
  return { start: localTime(clock, start), end: end - clock.clockOffset + clock.clockMargin };
}

/** When a build took its context, by this machine's clock; undefined when it took none, or not all of it. */
export function spanOf({ contextStart, contextEnd }: PastBuild, clock: Clock): TimeSpan | undefined {
  if (contextStart === undefined || contextEnd === undefined) return undefined;
  return localSpan(clock, { start: contextStart, end: contextEnd });
}

/** Did this machine's clock go back since a time of the engine? Then times of files do not tell what was before it. */
export function isYetToCome(time: number, context: Clock & Pick<TimedContext, 'tree'>): boolean {
  return context.tree.root.seenTo < localTime(context, time);
}

/** May another folder have been at this path then? */
export function wasReplaced(tree: ContextTree, span: TimeSpan): boolean {
  const { root } = tree;
  const other = root.versions.some((one) => one.ino !== root.entry?.ino && one.seenTo >= span.start);
  return other || tree.movedAt >= span.start;
}

/** When past builds took this very folder, by this machine's clock, as far as that is told. */
export function timesOfTransfers({ path, builds, ...clock }: Omit<TimedContext, 'tree'>): readonly TimeSpan[] {
  return builds.flatMap((build) => (build.contextPath === path ? (spanOf(build, clock) ?? []) : []));
}

/** The transfers of this very folder, where all that the builder's copy may have come from are known. */
export function transfersTo(context: TimedContext): KnownTransfers | undefined {
  const { tree, path, builds } = context;
  const transfers = knownTransfers(path, builds);
  if (transfers === undefined) return undefined;
  if (transfers.some(({ end }) => isYetToCome(end, context))) return undefined;
  const spans = transfers.map((span) => localSpan(context, span));
  return spans.some((span) => wasReplaced(tree, span)) ? undefined : new KnownTransfers(tree, spans);
}
