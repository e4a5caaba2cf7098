import type { CopyAction, LlbOp } from './op';

/** One path that an operation selects from an input. */
export interface Selector {
  /** Absolute in the input. */
  readonly path: string;
  readonly wildcard: boolean;
  readonly followSymlink: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** How an operation depends on one of its inputs. */
export interface InputUse {
  /** True when equal content of the selected paths is enough for a hit; otherwise only the input's own key counts. */
  readonly byContent: boolean;
  readonly selectors: readonly Selector[];
}

/** How an operation uses each of its inputs (solver/llbsolver/ops/{exec,file}.go CacheMap). */
export function inputUses(op: LlbOp, inputCount: number): InputUse[] {
  const selectors: Selector[][] = Array.from({ length: inputCount }, () => []);
  const byContent = new Array<boolean>(inputCount).fill(false);

  if (op.kind === 'file') {
    const bases = new Set(op.actions.map((action) => action.input));
    for (const { action, secondaryInput } of op.actions) {
      if (action.kind !== 'copy' || secondaryInput < 0) continue;
      selectors[secondaryInput]?.push(copySelector(action));
      // an input that is also written to has no content key
      byContent[secondaryInput] = !bases.has(secondaryInput);
    }
  } else if (op.kind === 'exec') {
    for (const mount of op.mounts) {
      if (mount.input < 0 || mount.type === 'secret' || mount.type === 'ssh' || mount.type === 'tmpfs') continue;
      selectors[mount.input]?.push(plainSelector(mount.selector));
      // the last mount of an input decides, so a bind of the root's own input makes the root content-based
      byContent[mount.input] = mount.output === -1 || mount.readonly;
    }
  }
  return selectors.map((paths, index) => ({ byContent: byContent[index] ?? false, selectors: paths }));
}

function copySelector(action: CopyAction): Selector {
  return {
    path: action.src,
    wildcard: action.allowWildcard,
    followSymlink: action.followSymlink,
    include: action.include,
    exclude: action.exclude,
  };
}

function plainSelector(path: string): Selector {
  return {
    path: path.startsWith('/') ? path : `/${path}`,
    wildcard: false,
    followSymlink: true,
    include: [],
    exclude: [],
  };
}
