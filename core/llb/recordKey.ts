import { base } from '../context/goPath';
import { encodeBase64 } from './base64';
import { isPlainRoot, keepsCacheOptions } from './opKey';
import {
  MOUNT_KINDS,
  parseGrant,
  parseUlimit,
  type CopyAction,
  type ExecOp,
  type FileAction,
  type FileOp,
  type LlbOp,
} from './op';
import type { MountOp, OwnerOp } from './op';

/** A value as Go's encoding/json would see it; undefined stands for what `omitempty` leaves out. */
type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json | undefined };

/**
 * The digest under which an exported cache lists the result of an operation (BuildKit
 * solver/llbsolver/ops/{exec,file}.go CacheMap, solver/cachemanager.go rootKey). Undefined for other operations, and for
 * actions that this version does not know.
 */
export function recordKey(op: LlbOp, sha256: (text: string) => string): string | undefined {
  const json = op.kind === 'exec' ? execJson(op) : op.kind === 'file' ? fileJson(op) : undefined;
  if (json === undefined) return undefined;
  return `sha256:${sha256(`sha256:${sha256(goJson(json))}@0`)}`;
}

/** Go escapes what could end a script in a page (encoding/json HTMLEscape). */
function goJson(value: Json): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function some<T extends Json>(value: T): T | undefined {
  if (value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0)) return undefined;
  return value;
}

function execJson(op: ExecOp): Json {
  const [os = '', architecture = '', variant = ''] = op.platform.split('/');
  return {
    Type: 'buildkit.exec.v0',
    Exec: {
      meta: {
        args: some(op.args),
        env: some(op.env),
        cwd: some(op.cwd),
        user: some(op.user),
        extraHosts: some(op.extraHosts.map((host) => ({ Host: host }))),
        hostname: some(op.hostname),
        ulimit: some(op.ulimits.map(ulimitJson)),
        cgroupParent: some(op.cgroupParent),
        removeMountStubsRecursive: true,
      },
      mounts: isPlainRoot(op.mounts) ? undefined : op.mounts.map(mountJson),
      network: some(op.network),
      security: some(op.security),
      secretenv: some(op.secretEnv.map((text) => named(text, ['ID', 'name', 'optional']))),
      cdiDevices: some(op.devices.map((text) => named(text, ['name', 'optional']))),
    },
    OS: os,
    Arch: architecture,
    Variant: some(variant),
  };
}

function ulimitJson(text: string): Json {
  const { name, soft, hard } = parseUlimit(text);
  return { Name: some(name), Soft: some(soft), Hard: some(hard) };
}

/** The members of a JSON array under their names. */
function named(text: string, names: readonly string[]): Json {
  const values = JSON.parse(text) as readonly Json[];
  return Object.fromEntries(names.map((name, index) => [name, some(values[index] ?? '')]));
}

function mountJson(mount: MountOp): Json {
  const { type } = mount;
  const options = keepsCacheOptions(mount);
  const grant = mount.grant === '' ? undefined : parseGrant(mount.grant);
  const grantJson = grant && {
    ID: some(grant.id),
    uid: some(grant.uid),
    gid: some(grant.gid),
    mode: some(grant.mode),
    optional: some(grant.optional),
  };
  return {
    input: some(mount.input),
    dest: some(mount.dest),
    output: some(mount.output),
    readonly: some(mount.readonly),
    mountType: some(MOUNT_KINDS.indexOf(type)),
    TmpfsOpt: type === 'tmpfs' ? { size: some(mount.tmpfsSize) } : undefined,
    cacheOpt:
      type === 'cache'
        ? { ID: some(options ? mount.cacheId : ''), sharing: some(options ? mount.cacheSharing : 0) }
        : undefined,
    secretOpt: type === 'secret' ? grantJson : undefined,
    SSHOpt: type === 'ssh' ? grantJson : undefined,
  };
}

function fileJson(op: FileOp): Json | undefined {
  const actions: string[] = [];
  for (const action of op.actions) {
    // where a named owner is looked up is only known for a single action
    if (op.actions.length > 1 && hasNamedOwner(action)) return undefined;
    const json = actionJson(action);
    if (json === undefined) return undefined;
    actions.push(encodeBase64(goJson(json)));
  }
  const indexes = op.actions.map(({ input, secondaryInput, output }) => [input, secondaryInput, output]);
  return { Type: 'buildkit.file.v0', Actions: actions, indexes: isDefault(indexes) ? undefined : indexes };
}

/** The commonest arrangement is left out, for compatibility with old caches (ops/file.go isDefaultIndexes). */
function isDefault(indexes: readonly (readonly number[])[]): boolean {
  const last = indexes.length - 1;
  return indexes.every(
    ([input, secondary, output], index) =>
      input === (index === 0 ? 0 : last + index) &&
      (secondary === -1 || secondary === 1) &&
      output === (index === last ? 0 : -1),
  );
}

function hasNamedOwner({ action }: FileAction): boolean {
  if (action.kind === 'other') return true;
  return [action.owner?.user, action.owner?.group].some((one) => typeof one === 'string');
}

function actionJson({ action, input, secondaryInput }: FileAction): Json | undefined {
  if (action.kind === 'other' || !Number.isSafeInteger(Number(action.timestamp))) return undefined;
  const owner = ownerJson(action.owner, input);
  const timestamp = some(Number(action.timestamp));
  switch (action.kind) {
    case 'copy':
      return copyJson(action, secondaryInput, { owner, timestamp });
    case 'mkdir':
      return {
        path: some(action.path),
        mode: some(action.mode),
        makeParents: some(action.makeParents),
        owner,
        timestamp,
      };
    case 'mkfile':
      return {
        path: some(action.path),
        mode: some(action.mode),
        data: some(encodeBase64(action.data)),
        owner,
        timestamp,
      };
  }
}

function copyJson(
  copy: CopyAction,
  secondaryInput: number,
  { owner, timestamp }: { owner: Json | undefined; timestamp: Json | undefined },
): Json {
  return {
    src: some(secondaryInput === -1 ? copy.src : base(copy.src)),
    dest: some(copy.dest),
    owner,
    mode: some(copy.mode),
    followSymlink: some(copy.followSymlink),
    dirCopyContents: some(copy.dirCopyContents),
    attemptUnpackDockerCompatibility: some(copy.attemptUnpack),
    createDestPath: some(copy.createDestPath),
    allowWildcard: some(copy.allowWildcard),
    allowEmptyWildcard: some(copy.allowEmptyWildcard),
    timestamp,
    include_patterns: some(copy.include),
    exclude_patterns: some(copy.exclude),
    modeStr: some(copy.modeText),
  };
}

function ownerJson(owner: OwnerOp | undefined, input: number): Json | undefined {
  return owner && { user: userJson(owner.user, input), group: userJson(owner.group, input) };
}

/** A name is looked up in the files of an input. */
function userJson(user: string | number | undefined, input: number): Json | undefined {
  if (user === undefined) return undefined;
  return { User: typeof user === 'string' ? { byName: { name: user, input: some(input) } } : { byId: some(user) } };
}
