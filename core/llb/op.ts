/** A mount of a RUN, as far as it decides the cache. */
export interface MountOp {
  readonly dest: string;
  /** Index into the vertex' inputs; -1 for none. */
  readonly input: number;
  /** Index of the output; -1 when the mount has none. */
  readonly output: number;
  readonly selector: string;
  readonly readonly: boolean;
  readonly type: MountKind;
  readonly cacheId: string;
  readonly cacheSharing: number;
  /** Bytes; 0 for no limit. */
  readonly tmpfsSize: number;
  /** {@link grantText} of a secret or ssh mount; else empty. */
  readonly grant: string;
}

/** What a secret or ssh mount hands out, and how. */
export interface Grant {
  readonly id: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly optional: boolean;
}

/** The options of a secret or ssh mount as one text that decides the cache; a secret's value is not among them. */
export function grantText({ id, uid, gid, mode, optional }: Grant): string {
  return JSON.stringify([id, uid, gid, mode, optional]);
}

/** Mount types by their number in BuildKit's API (solver/pb/ops.proto MountType). */
export const MOUNT_KINDS = ['bind', 'secret', 'ssh', 'cache', 'tmpfs'] as const;
export type MountKind = (typeof MOUNT_KINDS)[number];

/** RUN. */
export interface ExecOp {
  readonly kind: 'exec';
  readonly args: readonly string[];
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly hostname: string;
  readonly cgroupParent: string;
  /** Names only: addresses are not in the key. */
  readonly extraHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly network: number;
  readonly security: number;
  readonly mounts: readonly MountOp[];
  /** JSON of id, variable and whether it may be absent. */
  readonly secretEnv: readonly string[];
  /** JSON of name and whether it may be absent. */
  readonly devices: readonly string[];
  /** `os/arch[/variant]`. */
  readonly platform: string;
}

/** The owner of a copied or made file: a number, or a name that the parent's /etc/passwd resolves. */
export interface OwnerOp {
  readonly user: string | number | undefined;
  readonly group: string | number | undefined;
}

export interface CopyAction {
  readonly kind: 'copy';
  /** Absolute in its input. */
  readonly src: string;
  readonly dest: string;
  readonly owner: OwnerOp | undefined;
  /** -1 when not given. */
  readonly mode: number;
  readonly modeText: string;
  readonly followSymlink: boolean;
  readonly dirCopyContents: boolean;
  readonly attemptUnpack: boolean;
  readonly createDestPath: boolean;
  readonly allowWildcard: boolean;
  readonly allowEmptyWildcard: boolean;
  readonly timestamp: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface MkdirAction {
  readonly kind: 'mkdir';
  readonly path: string;
  readonly mode: number;
  readonly makeParents: boolean;
  readonly owner: OwnerOp | undefined;
  readonly timestamp: string;
}

export interface MkfileAction {
  readonly kind: 'mkfile';
  readonly path: string;
  readonly mode: number;
  /** The file's text. */
  readonly data: string;
  readonly owner: OwnerOp | undefined;
  readonly timestamp: string;
}

/** An action that this version does not know; its text takes part in the key so that it equals only itself. */
export interface OtherAction {
  readonly kind: 'other';
  readonly text: string;
}

/** One action of a file vertex with its inputs (-1 for none). */
export interface FileAction {
  readonly input: number;
  readonly secondaryInput: number;
  readonly output: number;
  readonly action: CopyAction | MkdirAction | MkfileAction | OtherAction;
}

/** COPY, ADD, WORKDIR, inline documents. */
export interface FileOp {
  readonly kind: 'file';
  readonly actions: readonly FileAction[];
}

/** A base image or an image that files are copied from. */
export interface ImageOp {
  readonly kind: 'image';
  /** `docker.io/library/busybox:1`. */
  readonly ref: string;
  readonly platform: string;
}

/** A local source: the build context. */
export interface LocalOp {
  readonly kind: 'local';
  readonly name: string;
  /** The ignore patterns that the build used. */
  readonly exclude: readonly string[];
}

/** A source that every build fetches anew, unless a checksum says what it is: ADD of a URL or of a commit. */
export interface RemoteOp {
  readonly kind: 'remote';
  readonly url: string;
  /** The name that the file gets; of a repository, `.git` where that folder is kept. */
  readonly filename: string;
  /** `sha256:…`, or the name of a commit; empty when none was given: then only the network knows the content. */
  readonly checksum: string;
}

/** Reads a {@link grantText}. */
export function parseGrant(text: string): Grant {
  const [id, uid, gid, mode, optional] = JSON.parse(text) as [string, number, number, number, boolean];
  return { id, uid, gid, mode, optional };
}

/** Lays one input over another: `--link` where the engine can merge. */
export interface MergeOp {
  readonly kind: 'merge';
}

/** Reads one of {@link ExecOp.ulimits}. */
export function parseUlimit(text: string): { readonly name: string; readonly soft: number; readonly hard: number } {
  const [, name = '', soft = '', hard = ''] = /^(.*)=(-?\d+):(-?\d+)$/.exec(text) ?? [];
  return { name, soft: Number(soft), hard: Number(hard) };
}

/** A source or operation that is not predicted: git, diff and what later versions bring. */
export interface OpaqueOp {
  readonly kind: 'opaque';
  readonly text: string;
  /** Set for a git repository by a name that the server may move: a branch, a tag, or its default branch. */
  readonly git?: GitReference;
}

/** A name in a git repository. */
export interface GitReference {
  /** With its protocol, without `#`; undefined where only the past build knew it. */
  readonly url?: string;
  /** Empty for the default branch. */
  readonly ref: string;
  /** Only this folder is taken. */
  readonly folder?: string;
  readonly keepGitDir: boolean;
  /** What `--checksum` wants the commit to begin with. */
  readonly checksum: string;
}

export type LlbOp = ExecOp | FileOp | ImageOp | LocalOp | MergeOp | RemoteOp | OpaqueOp;
