import { base } from '../context/goPath';
import type { CacheRecord } from '../evidence/pastBuild';
import { withoutPrefix } from '../evidence/provenance';
import type { FileOp } from '../llb/op';
import type { ReasonCode } from '../model';
import type { Vertex } from '../plan/graph';
import type { ContentComparison } from './content';

/** Why a hit is possible although none is proven. */
export interface Open {
  readonly code: ReasonCode;
  readonly message: string;
  /** Files were changed on disk, so that a rebuild is likely. */
  readonly likely: boolean;
  /** Only a build of another folder may have had the same content. */
  readonly foreign?: boolean;
  /** The input (a vertex) that this follows from. */
  readonly from?: number;
}

/** What no evidence tells: what the network or a named build context holds. */
export function opaque({ uncovered }: Vertex): Open {
  return uncovered === undefined
    ? { code: 'network-dependent', message: 'what the network serves decides', likely: false }
    : { code: 'content-unknown', message: uncovered, likely: false };
}

/** Whether the content of the build context is that of a past build. */
export function matchContent(comparison: ContentComparison): 'yes' | 'no' | Open {
  if (comparison.result === 'same') return 'yes';
  if (comparison.unnoticed) {
    const [doubtful] = comparison.changes;
    const what = doubtful === undefined ? 'a file' : doubtful.path;
    const message = `the builder may keep ${what} as it received it before: it cannot tell the difference`;
    return { code: 'content-unknown', message, likely: false };
  }
  if (comparison.result === 'different') return 'no';
  if (comparison.foreign === true) {
    const message = 'a build of another folder may have had the same files';
    return { code: 'content-unknown', message, likely: false, foreign: true };
  }
  const [first] = comparison.changes;
  const likely = comparison.changes.some((one) => one.change !== 'removed');
  const message =
    first === undefined
      ? comparison.listing === undefined
        ? 'what the build context held at the earlier build is not known'
        : `entries of ${comparison.listing || 'the build context'} were added or removed since the earlier build`
      : `${first.path} was written since the earlier build; what it held then is not known`;
  return { code: likely ? 'files-touched' : 'content-unknown', message, likely };
}

/** Could this record's description be that of the vertex? Names and numbering of the executing build do not count. */
export function describes(record: CacheRecord, vertex: Vertex): boolean {
  const { op } = vertex;
  if (op.kind === 'merge') return /^LINK (?:COPY|ADD) /i.test(withoutPrefix(record.description));
  if (op.kind === 'exec') return record.description === `mount / from exec ${op.args.join(' ')}`;
  if (op.kind !== 'file') return false;
  const text = withoutPrefix(record.description);
  const action = op.actions[0]?.action;
  if (action?.kind === 'copy') {
    if (!/^(?:COPY|ADD) /i.test(text) || !mayEndIn(text, action.dest)) return false;
    return !standsOnNothing(op) || record.parents.length === 0;
  }
  if (action?.kind === 'mkdir') return /^WORKDIR /i.test(text) && mayEndIn(text, action.path);
  return text.startsWith('[internal]') || record.description.startsWith('[internal]');
}

/**
 * Could the last word of an instruction be this path, which is the last word behind the working directory and without
 * `.` and `..`? Anything is possible of words that are more than letters (quotes, variables, JSON, inline documents).
 */
function mayEndIn(text: string, path: string): boolean {
  if (/["'`\\$<[]|[^ -~]/.test(text) || /[^!-~]/.test(path)) return true;
  const word = text.trimEnd().split(' ').at(-1) ?? '';
  const last = base(word);
  return last === '.' || last === '..' || last === '/' || last === base(path);
}

/** A copy onto an empty root: its record has no parent. */
function standsOnNothing(op: FileOp): boolean {
  return op.actions[0]?.input === -1;
}
