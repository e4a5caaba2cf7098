import { asArray, asObject, asText, type Json } from '../llb/decode';
import type { SecretSource } from '../model';

/** One target of a bake or compose file, as `docker buildx bake --print` resolves it. */
export interface BakeTarget {
  readonly name: string;
  /** As the file says: relative to the folder in which bake ran, or the address of something remote. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** The Dockerfile is in the file itself. */
  readonly isInline: boolean;
  /** Name of a stage; empty: the last one. */
  readonly target: string;
  readonly args: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Empty: the builder's own, or several. */
  readonly platform: string;
  readonly secrets: readonly SecretSource[];
  /** As `--ssh` takes them. */
  readonly ssh: readonly string[];
  /** What else the file says, by the names of bake, which a build of ours would be without. */
  readonly leftOut: readonly string[];
}

/** What a profile says as well, and what says nothing of the build itself. */
const TAKEN = ['context', 'dockerfile', 'dockerfile-inline', 'target', 'args', 'tags', 'platforms', 'secret', 'ssh'];
const WITHOUT_EFFECT = ['name', 'description', 'matrix', 'inherits', 'output', 'call', 'attest', 'cache-to'];

/** The targets of a file from what bake prints; those that make no sense are left out. */
export function readBakeTargets(printed: unknown): readonly BakeTarget[] {
  return Object.entries(asObject(asObject(printed)['target'])).map(([name, one]) => readTarget(name, asObject(one)));
}

/** The names that can be asked for, from `bake --list=type=targets,format=json`; groups only repeat others. */
export function readBakeNames(listed: unknown): readonly string[] {
  return asArray(listed)
    .map(asObject)
    .filter((one) => one['group'] !== true)
    .map((one) => asText(one['name']))
    .filter((name) => /^\w[\w.-]*$/.test(name));
}

function readTarget(name: string, json: Json): BakeTarget {
  const platforms = asArray(json['platforms']).map(asText);
  const others = Object.keys(json).filter((key) => !TAKEN.includes(key) && !WITHOUT_EFFECT.includes(key));
  const args = Object.entries(asObject(json['args'])).flatMap(([arg, value]): [string, string][] =>
    typeof value === 'string' ? [[arg, value]] : [],
  );
  return {
    ...{ name, context: asText(json['context']) || '.', dockerfile: asText(json['dockerfile']) || 'Dockerfile' },
    isInline: typeof json['dockerfile-inline'] === 'string',
    ...{ target: asText(json['target']), args: Object.fromEntries(args), tags: asArray(json['tags']).map(asText) },
    platform: platforms.length === 1 ? (platforms[0] ?? '') : '',
    secrets: asArray(json['secret']).flatMap(readSecret),
    ssh: asArray(json['ssh']).flatMap(readSsh),
    leftOut: [...(platforms.length > 1 ? ['platforms'] : []), ...others],
  };
}

/** An object since buildx 0.20, before that as `--secret` takes it. */
function readSecret(entry: unknown): SecretSource[] {
  const fields = typeof entry === 'string' ? fieldsOf(entry) : asObject(entry);
  const [id, file, variable] = [asText(fields['id']), asText(fields['src']), asText(fields['env'])];
  if (file !== '') return [{ id: id || file, file }];
  if (id === '') return [];
  return [{ id, variable: variable || id }];
}

function fieldsOf(text: string): Json {
  return Object.fromEntries(text.split(',').map((field) => field.split('=', 2) as [string, string]));
}

function readSsh(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  const { id, paths } = asObject(entry);
  const from = asArray(paths).map(asText).join(',');
  return asText(id) === '' ? [] : [from === '' ? asText(id) : `${asText(id)}=${from}`];
}
