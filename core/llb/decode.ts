import { gitSource } from './gitSource';
import {
  grantText,
  MOUNT_KINDS,
  type CopyAction,
  type ExecOp,
  type FileAction,
  type LlbOp,
  type MkdirAction,
  type MkfileAction,
  type MountOp,
  type OtherAction,
  type OwnerOp,
} from './op';

/** A JSON object of unknown shape. */
export type Json = Readonly<Record<string, unknown>>;

/** Decodes base64 to text; enters as a function because pure core has no platform. */
export type Base64Decoder = (text: string) => string;

/** Reads an object; anything else is an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Reads an array; anything else is an empty one. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Reads a string; anything else is empty. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asTexts(value: unknown): string[] {
  return asArray(value).map(asText);
}

function asNumber(value: unknown, missing = 0): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : missing;
}

/** A property by any of its spellings: BuildKit's JSON uses Go names in some versions and proto names in others. */
function pick(object: Json, ...names: string[]): unknown {
  for (const name of names) if (object[name] !== undefined) return object[name];
  return undefined;
}

/** Decodes one step's `op` of BuildKit's provenance (`buildConfig.llbDefinition[].op`). */
export function decodeOp(json: unknown, base64: Base64Decoder): LlbOp {
  const outer = asObject(json);
  const op = asObject(pick(outer, 'Op', 'op'));
  const platform = platformText(asObject(outer['platform']));
  if (op['exec'] !== undefined) return decodeExec(asObject(op['exec']), platform);
  if (op['file'] !== undefined) {
    const actions = asArray(asObject(op['file'])['actions']).map((action) => decodeAction(asObject(action), base64));
    return { kind: 'file', actions };
  }
  if (op['merge'] !== undefined) return { kind: 'merge' };
  if (op['source'] !== undefined) return decodeSource(asObject(op['source']), platform);
  return { kind: 'opaque', text: JSON.stringify(op) };
}

/** `os/arch[/variant]` of a platform object in either spelling. */
export function platformText(platform: Json): string {
  const parts = [pick(platform, 'OS', 'os'), pick(platform, 'Architecture', 'architecture')].map(asText);
  const variant = asText(pick(platform, 'Variant', 'variant'));
  return [...parts, ...(variant === '' ? [] : [variant])].join('/');
}

function decodeSource(source: Json, platform: string): LlbOp {
  const identifier = asText(source['identifier']);
  const attributes = asObject(source['attrs']);
  if (identifier.startsWith('docker-image://')) {
    return { kind: 'image', ref: identifier.slice('docker-image://'.length), platform };
  }
  if (identifier.startsWith('local://')) {
    const exclude = parseTexts(asText(attributes['local.excludepatterns']));
    return { kind: 'local', name: identifier.slice('local://'.length), exclude };
  }
  if (/^https?:\/\//.test(identifier)) {
    const [filename, checksum] = [attributes['http.filename'], attributes['http.checksum']].map(asText);
    return { kind: 'remote', url: identifier, filename: filename ?? '', checksum: checksum ?? '' };
  }
  if (identifier.startsWith('git://') && asText(attributes['git.skipsubmodules']) === '') {
    const keepGitDir = asText(attributes['git.keepgitdir']) === 'true';
    return gitSource(identifier, keepGitDir, asText(attributes['git.checksum']));
  }
  return { kind: 'opaque', text: identifier };
}

function parseTexts(text: string): string[] {
  if (text === '') return [];
  try {
    return asTexts(JSON.parse(text));
  } catch {
    return [text];
  }
}

function decodeExec(exec: Json, platform: string): ExecOp {
  const meta = asObject(exec['meta']);
  return {
    kind: 'exec',
    args: asTexts(meta['args']),
    env: asTexts(meta['env']),
    cwd: asText(meta['cwd']),
    user: asText(meta['user']),
    hostname: asText(meta['hostname']),
    cgroupParent: asText(pick(meta, 'cgroupParent', 'cgroup_parent')),
    extraHosts: asArray(pick(meta, 'extraHosts', 'extra_hosts')).map((host) =>
      asText(pick(asObject(host), 'Host', 'host')),
    ),
    ulimits: asArray(meta['ulimit']).map((limit) => {
      const { Name, Soft, Hard, name, soft, hard } = asObject(limit);
      return `${asText(Name ?? name)}=${asNumber(Soft ?? soft)}:${asNumber(Hard ?? hard)}`;
    }),
    network: asNumber(exec['network']),
    security: asNumber(exec['security']),
    mounts: asArray(exec['mounts']).map((mount) => decodeMount(asObject(mount))),
    secretEnv: asArray(pick(exec, 'secretenv', 'secretEnv')).map((one) => {
      const secret = asObject(one);
      return JSON.stringify([asText(pick(secret, 'ID', 'id')), asText(secret['name']), secret['optional'] === true]);
    }),
    devices: asArray(pick(exec, 'cdiDevices', 'cdi_devices')).map((one) => {
      const device = asObject(one);
      return JSON.stringify([asText(device['name']), device['optional'] === true]);
    }),
    platform,
  };
}

function decodeMount(mount: Json): MountOp {
  const cache = asObject(mount['cacheOpt']);
  const type = MOUNT_KINDS[asNumber(mount['mountType'])] ?? 'bind';
  const grant = type === 'secret' ? mount['secretOpt'] : type === 'ssh' ? pick(mount, 'SSHOpt', 'sshOpt') : undefined;
  return {
    dest: asText(mount['dest']),
    input: asNumber(mount['input']),
    output: asNumber(mount['output']),
    selector: asText(mount['selector']),
    readonly: mount['readonly'] === true,
    type,
    cacheId: asText(pick(cache, 'ID', 'id')),
    cacheSharing: asNumber(pick(cache, 'sharing', 'Sharing')),
    tmpfsSize: asNumber(pick(asObject(pick(mount, 'TmpfsOpt', 'tmpfsOpt')), 'size', 'Size')),
    grant: grant === undefined ? '' : decodeGrant(asObject(grant)),
  };
}

function decodeGrant(grant: Json): string {
  return grantText({
    id: asText(pick(grant, 'ID', 'id')),
    uid: asNumber(grant['uid']),
    gid: asNumber(grant['gid']),
    mode: asNumber(grant['mode']),
    optional: grant['optional'] === true,
  });
}

function decodeAction(json: Json, base64: Base64Decoder): FileAction {
  return {
    input: asNumber(json['input']),
    secondaryInput: asNumber(json['secondaryInput']),
    output: asNumber(json['output']),
    action: decodeActionBody(asObject(pick(json, 'Action', 'action')), base64),
  };
}

function decodeActionBody(action: Json, base64: Base64Decoder): CopyAction | MkdirAction | MkfileAction | OtherAction {
  if (action['copy'] !== undefined) return decodeCopy(asObject(action['copy']));
  if (action['mkdir'] !== undefined) {
    const mkdir = asObject(action['mkdir']);
    return {
      kind: 'mkdir',
      path: asText(mkdir['path']),
      mode: asNumber(mkdir['mode']),
      makeParents: mkdir['makeParents'] === true,
      owner: decodeOwner(mkdir['owner']),
      timestamp: timestampText(mkdir['timestamp']),
    };
  }
  if (action['mkfile'] !== undefined) {
    const mkfile = asObject(action['mkfile']);
    return {
      kind: 'mkfile',
      path: asText(mkfile['path']),
      mode: asNumber(mkfile['mode']),
      data: base64(asText(mkfile['data'])),
      owner: decodeOwner(mkfile['owner']),
      timestamp: timestampText(mkfile['timestamp']),
    };
  }
  return { kind: 'other', text: JSON.stringify(action) };
}

function decodeCopy(copy: Json): CopyAction {
  return {
    kind: 'copy',
    src: asText(copy['src']),
    dest: asText(copy['dest']),
    owner: decodeOwner(copy['owner']),
    mode: asNumber(copy['mode']),
    modeText: asText(pick(copy, 'modeStr', 'mode_str')),
    followSymlink: copy['followSymlink'] === true,
    dirCopyContents: copy['dirCopyContents'] === true,
    attemptUnpack: copy['attemptUnpackDockerCompatibility'] === true,
    createDestPath: copy['createDestPath'] === true,
    allowWildcard: copy['allowWildcard'] === true,
    allowEmptyWildcard: copy['allowEmptyWildcard'] === true,
    timestamp: timestampText(copy['timestamp']),
    include: asTexts(pick(copy, 'includePatterns', 'include_patterns')),
    exclude: asTexts(pick(copy, 'excludePatterns', 'exclude_patterns')),
  };
}

/** Nanoseconds are beyond what a number holds exactly. */
function timestampText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '0';
}

function decodeOwner(value: unknown): OwnerOp | undefined {
  if (value === undefined || value === null) return undefined;
  const owner = asObject(value);
  return { user: decodeUser(owner['user']), group: decodeUser(owner['group']) };
}

function decodeUser(value: unknown): string | number | undefined {
  if (value === undefined || value === null) return undefined;
  const user = asObject(asObject(value)['User'] ?? value);
  const name = asObject(user['byName'])['name'];
  return typeof name === 'string' ? name : asNumber(pick(user, 'byId', 'byID'));
}
