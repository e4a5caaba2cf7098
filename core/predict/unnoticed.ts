import type { FileChange, Problem } from '../model';

/** Why the builder does not notice a change, and what makes it notice. */
const EXPLANATIONS: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  content: ['it kept its size and time', 'Touch it to have it copied'],
  mode: [
    'it compares only files with what it still has of this context',
    'Remove its copy with "docker buildx prune --filter type=source.local"',
  ],
  added: [
    'for wildcards and --exclude it compares names without their folders',
    'Name the folder without a wildcard, or build this stage once with --no-cache-filter',
  ],
};

/** A diagnostic for a step that is cached although files of it changed. */
export function unnoticedProblem(hidden: readonly FileChange[], line: number): Problem {
  const [first] = hidden;
  const [why, remedy] = EXPLANATIONS[first?.change ?? 'content'] ?? ['', ''];
  const more = hidden.length > 1 ? ` (and ${hidden.length - 1} more)` : '';
  const message = `${first?.path ?? ''} changed${more}, but the builder will not notice: ${why}. ${remedy}.`;
  return { code: 'change-unnoticed', message, line };
}
