import { MOUNT_PART } from '../evidence/facts';
import type { OpFacts, PastStep } from '../evidence/pastBuild';
import { PART_NAMES } from '../predict/causes';

/** What kind of thing differs. */
export type DifferingField =
  | 'instruction'
  | 'command'
  | 'argument'
  | 'environment'
  | 'file'
  | 'base-image'
  | 'base-digest'
  | 'mount'
  | 'flag'
  | 'sources'
  | 'destination'
  | 'from'
  | 'directory'
  | 'user'
  | 'platform';

/** What differs between two steps, in words and for programs. */
export interface FoundField {
  readonly field: DifferingField;
  /** Name of the argument, variable or flag. */
  readonly name?: string;
  readonly message: string;
}

type Parts = OpFacts['parts'];

const PART_FIELDS: Readonly<Record<string, readonly [field: DifferingField, flag?: string]>> = {
  args: ['command'],
  cwd: ['directory'],
  user: ['user'],
  network: ['flag', '--network'],
  hosts: ['flag', '--add-host'],
  platform: ['platform'],
  ulimits: ['flag', '--ulimit'],
  cgroup: ['flag', '--cgroup-parent'],
  security: ['flag', '--security'],
  devices: ['flag', '--device'],
  hostname: ['environment'],
  secretEnv: ['mount', '--mount=type=secret'],
  sources: ['sources'],
  destination: ['destination'],
  owner: ['flag', '--chown'],
  mode: ['flag', '--chmod'],
  exclude: ['flag', '--exclude'],
  path: ['directory'],
};

/** What a part of an operation (`OpFacts.parts`) is called. */
export function partFound(part: string, now: PastStep, then: PastStep): FoundField {
  if (part === 'mounts' || part.startsWith(MOUNT_PART)) return mountFound(now.facts.parts, then.facts.parts);
  const [field, name] = PART_FIELDS[part] ?? ['instruction'];
  return { field, ...(name === undefined ? {} : { name }), message: PART_NAMES[part] ?? 'the instruction changed' };
}

/** Which of the mounts of a RUN it is, by the parts that stand for one each; their targets are not noted. */
export function mountFound(now: Parts, then: Parts): FoundField {
  const names = (parts: Parts): string[] => Object.keys(parts).filter((part) => part.startsWith(MOUNT_PART));
  const [ours, theirs] = [names(now), names(then)];
  if (ours.length > theirs.length) return { field: 'mount', name: '--mount', message: 'a --mount was added' };
  if (ours.length < theirs.length) return { field: 'mount', name: '--mount', message: 'a --mount was removed' };
  const changed = ours.find((part) => now[part] !== then[part]);
  const which = changed === undefined || ours.length === 1 ? '' : ` (number ${changed.slice(MOUNT_PART.length)})`;
  return { field: 'mount', name: '--mount', message: `its --mount${which} changed` };
}
