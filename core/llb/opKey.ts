import { base } from '../context/goPath';
import type { CopyAction, ExecOp, FileOp, LlbOp, MountOp } from './op';

/**
 * The text that decides whether two operations have the same cache digest, inputs apart. Two operations have equal
 * digests in BuildKit exactly when their keys here are equal.
 */
export function opKey(op: LlbOp): string {
  switch (op.kind) {
    case 'exec':
      return execKey(op);
    case 'file':
      return fileKey(op);
    case 'image':
      return JSON.stringify(['image', op.ref, op.platform]);
    case 'local':
      return JSON.stringify(['local', op.name]);
    case 'merge':
      // solver/llbsolver/ops/merge.go: only the number of inputs counts, and that is compared apart
      return JSON.stringify(['merge']);
    case 'remote':
      return JSON.stringify(['remote', op.url, op.filename, op.checksum]);
    case 'opaque':
      return JSON.stringify(['opaque', op.text]);
  }
}

/** BuildKit solver/llbsolver/ops/exec.go CacheMap: selectors, proxies and addresses are not in the digest. */
function execKey(op: ExecOp): string {
  return JSON.stringify([
    'exec',
    op.args,
    op.env,
    op.cwd,
    op.user,
    op.hostname,
    op.cgroupParent,
    op.extraHosts,
    op.ulimits,
    op.network,
    op.security,
    mountsKey(op.mounts),
    op.secretEnv,
    op.devices,
    op.platform,
  ]);
}

/** What of the mounts is in the digest. */
export function mountsKey(mounts: readonly MountOp[]): unknown {
  return isPlainRoot(mounts) ? null : mounts.map(mountKey);
}

/** One plain root mount is left out, for compatibility with old caches. */
export function isPlainRoot(mounts: readonly MountOp[]): boolean {
  const [only] = mounts;
  return mounts.length === 1 && only?.dest === '/' && only.selector === '' && !only.readonly && only.type === 'bind';
}

function mountKey(mount: MountOp): unknown[] {
  const keepsOptions = keepsCacheOptions(mount);
  return [
    mount.dest,
    mount.input,
    mount.output,
    mount.readonly,
    mount.type,
    keepsOptions ? mount.cacheId : '',
    keepsOptions ? mount.cacheSharing : 0,
    mount.tmpfsSize,
    mount.grant,
  ];
}

/**
 * Id and sharing of a cache mount count only when they are the defaults: the id (after its namespace) is the target and
 * the sharing is `shared` (solver/llbsolver/ops/exec.go checkShouldClearCacheOpts).
 */
export function keepsCacheOptions(mount: MountOp): boolean {
  if (mount.type !== 'cache') return false;
  if (mount.cacheSharing !== 0) return false;
  const slash = mount.cacheId.indexOf('/');
  // an id with the target's name is `/name` without a namespace and so looks like the target itself
  return mount.cacheId === mount.dest || (slash >= 0 && mount.cacheId.slice(slash + 1) === mount.dest);
}

/** BuildKit solver/llbsolver/ops/file.go CacheMap: only the last element of a copied path is in the digest. */
function fileKey(op: FileOp): string {
  const actions = op.actions.map(({ action, secondaryInput }) =>
    action.kind === 'copy' ? copyKey(action, secondaryInput) : action,
  );
  const indexes = op.actions.map((action) => [action.input, action.secondaryInput, action.output]);
  return JSON.stringify(['file', actions, indexes]);
}

function copyKey(action: CopyAction, secondaryInput: number): CopyAction {
  return secondaryInput === -1 ? action : { ...action, src: base(action.src) };
}
