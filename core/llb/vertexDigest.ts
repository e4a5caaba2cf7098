import {
  MOUNT_KINDS,
  parseGrant,
  parseUlimit,
  type CopyAction,
  type ExecOp,
  type FileAction,
  type FileOp,
  type ImageOp,
  type LlbOp,
  type MkdirAction,
  type MkfileAction,
  type MountOp,
  type OwnerOp,
} from './op';
import { bytesField, flagField, messageField, numberField, textField, textsField, type Encoded } from './protobuf';
import { utf8 } from './utf8';

/**
 * The digest of a vertex in a build's log: that of the operation with its inputs' digests, as the frontend sends it
 * (BuildKit solver/pb/ops.proto, client/llb/marshal.go). Equal digests are equal operations on equal inputs, where
 * sources are known by their names. Undefined for what cannot be written again from what is kept of an operation:
 * sources, addresses of hosts, operations of later versions.
 *
 * @param inputs digests of the vertices that it takes as inputs, in order
 */
export function vertexDigest(
  op: LlbOp,
  inputs: readonly string[],
  sha256: (data: Uint8Array) => string,
): string | undefined {
  const body = opField(op, inputs.length);
  if (body === undefined) return undefined;
  const platform = op.kind === 'exec' ? platformMessage(op.platform) : undefined;
  const message = [
    ...inputs.flatMap((digest) => bytesField(1, textField(1, digest))),
    ...messageField(10, platform),
    // no constraints, but their message is there
    ...bytesField(11, []),
    // members of a choice come last, whatever their number is (vtprotobuf)
    ...body,
  ];
  return `sha256:${sha256(Uint8Array.from(message))}`;
}

/** How an image is looked for: the value of `image.resolvemode`; empty: not said. */
export const IMAGE_MODES = ['local', '', 'pull'] as const;

/** The digest of the vertex of an image (client/llb/source.go Image). It says the image's name, not its content. */
export function imageVertexDigest(
  { ref, platform }: ImageOp,
  mode: (typeof IMAGE_MODES)[number],
  sha256: (data: Uint8Array) => string,
): string {
  const attribute = [...textField(1, 'image.resolvemode'), ...textField(2, mode)];
  const message = [
    ...bytesField(10, platformMessage(platform)),
    ...bytesField(11, []),
    ...bytesField(3, [...textField(1, `docker-image://${ref}`), ...(mode === '' ? [] : bytesField(2, attribute))]),
  ];
  return `sha256:${sha256(Uint8Array.from(message))}`;
}

function opField(op: LlbOp, inputs: number): Encoded | undefined {
  switch (op.kind) {
    case 'exec':
      // addresses are not kept
      return op.extraHosts.length > 0 ? undefined : bytesField(2, execMessage(op));
    case 'file':
      return fileField(op);
    case 'merge':
      return bytesField(6, Array.from({ length: inputs }, (_, index) => bytesField(1, numberField(1, index))).flat());
    case 'image':
    case 'local':
    case 'remote':
    case 'opaque':
      return undefined;
  }
}

function platformMessage(platform: string): Encoded {
  const [os = '', architecture = '', variant = ''] = platform.split('/');
  return [...textField(1, architecture), ...textField(2, os), ...textField(3, variant)];
}

function execMessage(op: ExecOp): Encoded {
  const meta = [
    ...textsField(1, op.args),
    ...textsField(2, op.env),
    ...textField(3, op.cwd),
    ...textField(4, op.user),
    ...textField(7, op.hostname),
    ...op.ulimits.flatMap((text) => bytesField(9, ulimitMessage(text))),
    ...textField(10, op.cgroupParent),
    ...flagField(11, true),
  ];
  return [
    ...bytesField(1, meta),
    ...op.mounts.flatMap((mount) => bytesField(2, mountMessage(mount))),
    ...numberField(3, op.network),
    ...numberField(4, op.security),
    ...op.secretEnv.flatMap((text) => {
      const [id, name, optional] = JSON.parse(text) as [string, string, boolean];
      return bytesField(5, [...textField(1, id), ...textField(2, name), ...flagField(3, optional)]);
    }),
    ...op.devices.flatMap((text) => {
      const [name, optional] = JSON.parse(text) as [string, boolean];
      return bytesField(6, [...textField(1, name), ...flagField(2, optional)]);
    }),
  ];
}

function ulimitMessage(text: string): Encoded {
  const { name, soft, hard } = parseUlimit(text);
  return [...textField(1, name), ...numberField(2, soft), ...numberField(3, hard)];
}

function mountMessage(mount: MountOp): Encoded {
  return [
    ...numberField(1, mount.input),
    ...textField(2, mount.selector),
    ...textField(3, mount.dest),
    ...numberField(4, mount.output),
    ...flagField(5, mount.readonly),
    ...numberField(6, MOUNT_KINDS.indexOf(mount.type)),
    ...messageField(19, mount.type === 'tmpfs' ? numberField(1, mount.tmpfsSize) : undefined),
    ...messageField(
      20,
      mount.type === 'cache' ? [...textField(1, mount.cacheId), ...numberField(2, mount.cacheSharing)] : undefined,
    ),
    ...messageField(21, mount.type === 'secret' ? grantMessage(mount.grant) : undefined),
    ...messageField(22, mount.type === 'ssh' ? grantMessage(mount.grant) : undefined),
  ];
}

function grantMessage(text: string): Encoded {
  const { id, uid, gid, mode, optional } = parseGrant(text);
  return [
    ...textField(1, id),
    ...numberField(2, uid),
    ...numberField(3, gid),
    ...numberField(4, mode),
    ...flagField(5, optional),
  ];
}

function fileField(op: FileOp): Encoded | undefined {
  const actions: Encoded[] = [];
  for (const action of op.actions) {
    const message = actionMessage(action);
    if (message === undefined) return undefined;
    actions.push(bytesField(2, message));
  }
  return bytesField(4, actions.flat());
}

function actionMessage({ input, secondaryInput, output, action }: FileAction): Encoded | undefined {
  if (action.kind === 'other') return undefined;
  const indexes = [...numberField(1, input), ...numberField(2, secondaryInput), ...numberField(3, output)];
  switch (action.kind) {
    case 'copy':
      return [...indexes, ...bytesField(4, copyMessage(action, input))];
    case 'mkfile':
      return [...indexes, ...bytesField(5, mkfileMessage(action, input))];
    case 'mkdir':
      return [...indexes, ...bytesField(6, mkdirMessage(action, input))];
  }
}

function copyMessage(copy: CopyAction, input: number): Encoded {
  return [
    ...textField(1, copy.src),
    ...textField(2, copy.dest),
    ...messageField(3, ownerMessage(copy.owner, input)),
    ...numberField(4, copy.mode),
    ...flagField(5, copy.followSymlink),
    ...flagField(6, copy.dirCopyContents),
    ...flagField(7, copy.attemptUnpack),
    ...flagField(8, copy.createDestPath),
    ...flagField(9, copy.allowWildcard),
    ...flagField(10, copy.allowEmptyWildcard),
    ...numberField(11, Number(copy.timestamp)),
    ...textsField(12, copy.include),
    ...textsField(13, copy.exclude),
    ...textField(15, copy.modeText),
  ];
}

function mkfileMessage(mkfile: MkfileAction, input: number): Encoded {
  return [
    ...textField(1, mkfile.path),
    ...numberField(2, mkfile.mode),
    ...(mkfile.data === '' ? [] : bytesField(3, utf8(mkfile.data))),
    ...messageField(4, ownerMessage(mkfile.owner, input)),
    ...numberField(5, Number(mkfile.timestamp)),
  ];
}

function mkdirMessage(mkdir: MkdirAction, input: number): Encoded {
  return [
    ...textField(1, mkdir.path),
    ...numberField(2, mkdir.mode),
    ...flagField(3, mkdir.makeParents),
    ...messageField(4, ownerMessage(mkdir.owner, input)),
    ...numberField(5, Number(mkdir.timestamp)),
  ];
}

function ownerMessage(owner: OwnerOp | undefined, input: number): Encoded | undefined {
  return (
    owner && [...messageField(1, userMessage(owner.user, input)), ...messageField(2, userMessage(owner.group, input))]
  );
}

/** A name is looked up in the files of an input. */
function userMessage(user: string | number | undefined, input: number): Encoded | undefined {
  if (user === undefined) return undefined;
  return typeof user === 'string'
    ? bytesField(1, [...textField(1, user), ...numberField(2, input)])
    : numberField(2, user, true);
}
