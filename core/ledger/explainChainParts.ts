import type { NamedDigest, StepFacts } from '../chain/facts';
import { compareFacts } from '../evidence/compareFacts';
import { MOUNT_PART } from '../evidence/facts';
import { mountFound, type DifferingField, type FoundField } from './explainParts';

const PARTS: Readonly<Record<string, readonly [field: DifferingField, message: string, name?: string]>> = {
  args: ['command', 'the command changed'],
  document: ['command', 'its here-document changed'],
  network: ['flag', 'the network mode changed', '--network'],
  owner: ['flag', '--chown changed', '--chown'],
  mode: ['flag', '--chmod changed', '--chmod'],
  exclude: ['flag', '--exclude changed', '--exclude'],
  link: ['flag', '--link changed', '--link'],
  destination: ['destination', 'the destination changed'],
  sources: ['sources', 'the sources changed'],
  documents: ['sources', 'its here-documents changed'],
  from: ['from', 'it takes from another stage or image'],
  image: ['from', 'the image that it takes from is another one'],
  path: ['directory', 'the directory changed'],
  user: ['user', 'the user changed'],
  ports: ['instruction', 'the ports changed'],
  healthcheck: ['instruction', 'the health check changed'],
};

const HOW = { value: 'has another value', added: 'is new', removed: 'is gone' } as const;

/** The first in which what two steps are made of differs; undefined when nothing that is noted does. */
export function factsFound(now: StepFacts, then: StepFacts): FoundField | undefined {
  const part = [...Object.keys(now.parts), ...Object.keys(then.parts)].find(
    (name) => now.parts[name] !== then.parts[name],
  );
  if (part !== undefined) return partFound(part, now, then);
  return (
    namedFound('argument', 'build argument', now.args, then.args) ??
    namedFound('environment', 'variable', now.env, then.env) ??
    namedFound('instruction', 'label', now.labels, then.labels)
  );
}

function partFound(part: string, now: StepFacts, then: StepFacts): FoundField {
  if (part === 'mounts' || part.startsWith(MOUNT_PART)) return mountFound(now.parts, then.parts);
  const [field, message, name] = PARTS[part] ?? (['instruction', 'the instruction changed'] as const);
  return { field, ...(name === undefined ? {} : { name }), message };
}

function namedFound(
  field: DifferingField,
  word: string,
  now: readonly NamedDigest[] = [],
  then: readonly NamedDigest[] = [],
): FoundField | undefined {
  const found = compareFacts({ parts: {}, env: now }, { parts: {}, env: then });
  if (found === undefined || found.kind === 'part') return undefined;
  if (found.kind === 'order') return { field, message: `the order of each ${word} changed` };
  return { field, name: found.name, message: `${word} ${found.name} ${HOW[found.how]}` };
}
