import type { OpFacts } from './pastBuild';

/** The first way in which two operations of one kind differ, as far as digests of their parts tell. */
export type FactDifference =
  | { readonly kind: 'part'; readonly part: string }
  | { readonly kind: 'variable'; readonly name: string; readonly how: 'value' | 'added' | 'removed' }
  | { readonly kind: 'order' };

/** Compares parts, then the environment; what both runs on comes last. Undefined when nothing that is noted differs. */
export function compareFacts(now: OpFacts, before: OpFacts): FactDifference | undefined {
  const part = Object.keys(now.parts).find((name) => now.parts[name] !== before.parts[name]);
  if (part !== undefined && part !== 'platform') return { kind: 'part', part };
  const theirs = new Map(before.env);
  const ours = new Map(now.env);
  const changed = now.env.find(([name, digest]) => theirs.has(name) && theirs.get(name) !== digest);
  if (changed !== undefined) return { kind: 'variable', name: changed[0], how: 'value' };
  const added = now.env.find(([name]) => !theirs.has(name));
  if (added !== undefined) return { kind: 'variable', name: added[0], how: 'added' };
  const removed = before.env.find(([name]) => !ours.has(name));
  if (removed !== undefined) return { kind: 'variable', name: removed[0], how: 'removed' };
  if (now.env.some(([name], index) => before.env[index]?.[0] !== name)) return { kind: 'order' };
  return part === undefined ? undefined : { kind: 'part', part };
}
