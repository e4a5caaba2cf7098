import type { ContextTree } from '../context/tree';
import type { Problem } from '../model';
import type { ContextSums } from './contextSums';
import type { ClassicEvidence, ClassicImage } from './imageStore';
import type { ClassicProbe } from './probe';

interface Scope {
  readonly evidence: ClassicEvidence;
  readonly tree: ContextTree | undefined;
  readonly sums: ContextSums | undefined;
}

/**
 * What changed although the classic builder will say that it did not: links in copied folders count as what they lead
 * to, the second name of a hard link counts without its content, and a here-document of RUN is not read at all.
 */
export function unnoticedChanges(line: number, probe: ClassicProbe, image: ClassicImage, scope: Scope): Problem[] {
  if (probe.ignoresDocument === true) {
    const message =
      'the classic builder does not run this here-document, and will not notice when it changes: build with DOCKER_BUILDKIT=1, or write the commands on the line of RUN.';
    return [{ code: 'change-unnoticed', message, line }];
  }
  const { copy } = probe;
  if (copy?.from.kind !== 'context' || scope.sums === undefined) return [];
  const made = Number(image.created / 1_000_000n) - scope.evidence.clockOffset;
  const margin = scope.evidence.clockMargin;
  const problems: Problem[] = [];
  for (const { node, isSecondName } of scope.sums.blindSpots(copy.sources)) {
    const { entry } = node;
    if (entry === undefined || entry.ctime <= made + margin) continue;
    const before = node.versions.findLast(({ ctime, seenTo }) => ctime < made - margin && seenTo >= made - margin);
    if (before === undefined) continue;
    const isOther = isSecondName
      ? before.size !== entry.size || before.mtime !== entry.mtime
      : before.type === 'symlink' && before.target !== entry.target;
    if (!isOther) continue;
    const why = isSecondName ? 'it is a second name of another file' : 'it compares what links lead to, not the links';
    const remedy = isSecondName ? 'Copy the file, or use BuildKit' : 'Build with --no-cache, or use BuildKit';
    const message = `${node.path} changed, but the builder will not notice: ${why}. ${remedy}.`;
    problems.push({ code: 'change-unnoticed', message, line });
  }
  return problems;
}
