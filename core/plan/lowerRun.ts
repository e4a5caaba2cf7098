import { clean, join } from '../context/goPath';
import { expandWord } from '../dockerfile/expand';
import { heredocBody, parseHeredocStart } from '../dockerfile/heredoc';
import type { RunInstruction } from '../dockerfile/instruction';
import type { ExecOp, MountOp } from '../llb/op';
import { contextVertex } from './lowerCopy';
import type { Lowered, LoweringScope } from './lower';
import { parseMount, type RunMount } from './mounts';
import type { StageState } from './stageState';
import { platformOf, type ResolvedStage } from './stages';
import type { State, VertexStore } from './vertices';

const DEFAULT_SHELL = ['/bin/sh', '-c'];
const NETWORKS: Readonly<Record<string, number>> = { default: 0, host: 1, none: 2 };
const SHARING: Readonly<Record<string, number>> = { shared: 0, private: 1, locked: 2 };

/** A mount with the state that it shows. */
interface BoundMount {
  readonly dest: string;
  readonly from: State;
  readonly mount: Omit<MountOp, 'dest' | 'input' | 'output'>;
  readonly hasOutput: boolean;
}

/** Lowers RUN (dockerfile2llb/convert.go dispatchRun, client/llb/exec.go Marshal). */
export class RunLowering {
  constructor(
    private readonly stage: ResolvedStage,
    private readonly state: StageState,
    private readonly store: VertexStore,
    private readonly scope: LoweringScope,
    private readonly ignoreCache: boolean,
  ) {}

  lower(instruction: RunInstruction): Lowered {
    const { state } = this;
    const mounts: BoundMount[] = [
      {
        dest: '/',
        from: state.state,
        hasOutput: true,
        mount: plainMount({ type: 'bind', readonly: false }),
      },
    ];
    let uncovered = state.uncovered;
    if (instruction.security !== '' || instruction.devices.length > 0) {
      uncovered ??= '--security and --device are not predicted yet';
    }
    const command = this.command(instruction);
    if (command.args.length === 0) return { failure: 'arguments are required' };
    if (command.file !== undefined) mounts.push(command.file);
    for (const text of instruction.mounts) {
      const bound = this.bindMount(text);
      if (bound.failure !== undefined) return { failure: bound.failure };
      uncovered ??= bound.uncovered;
      if (bound.mount !== undefined) mounts.push(bound.mount);
    }
    const { inputs, ops } = arrangeMounts(mounts);
    const { options } = this.scope;
    const ownNetwork = NETWORKS[instruction.network] ?? 0;
    const op: ExecOp = {
      kind: 'exec',
      args: command.args,
      env: state.environment.list(),
      cwd: state.cwd,
      user: state.user,
      hostname: options.buildArgs.get('BUILDKIT_SANDBOX_HOSTNAME') ?? '',
      cgroupParent: '',
      extraHosts: options.addHosts.map((host) => host.toLowerCase()),
      ulimits: [],
      network: ownNetwork !== 0 ? ownNetwork : (NETWORKS[options.network] ?? 0),
      security: 0,
      mounts: ops,
      secretEnv: [],
      devices: [],
      platform: platformOf(this.stage),
    };
    const vertex = this.store.add(op, inputs, {
      ignoreCache: this.ignoreCache,
      ...(uncovered === undefined ? {} : { uncovered }),
    });
    state.state = vertex;
    return { vertex };
  }

  /** The arguments, with heredocs put where the builder puts them. */
  private command(instruction: RunInstruction): { args: readonly string[]; file?: BoundMount } {
    if (instruction.exec !== undefined) return { args: instruction.exec };
    const shell = this.state.shell.length > 0 ? this.state.shell : DEFAULT_SHELL;
    const [first] = instruction.heredocs;
    if (first === undefined) return { args: [...shell, instruction.shell] };
    if (parseHeredocStart(instruction.shell) === undefined) {
      const bodies = instruction.heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('');
      return { args: [...shell, instruction.shell + bodies] };
    }
    // the builder looks for `#!` before it removes tabs
    if (!first.content.startsWith('#!')) return { args: [...shell, heredocBody(first)] };
    const path = join('/', first.name);
    const from = this.store.document({
      kind: 'mkfile',
      path,
      mode: 0o755,
      data: heredocBody(first),
      owner: undefined,
      timestamp: '-1',
    });
    return {
      args: [...shell, join('/dev/pipes', first.name)],
      file: {
        dest: '/dev/pipes/',
        from,
        hasOutput: false,
        mount: { ...plainMount({ type: 'bind', readonly: true }), selector: '/' },
      },
    };
  }

  private bindMount(text: string): { mount?: BoundMount; failure?: string; uncovered?: string } {
    const expand = (value: string) => expandWord(value, this.state.environment.map, { escape: this.scope.file.escape });
    const { mount, error } = parseMount(text, expand);
    if (mount === undefined) return { failure: error ?? 'bad mount' };
    if (mount.type === 'secret' || mount.type === 'ssh') {
      return { uncovered: `${mount.type} mounts are not predicted yet` };
    }
    if (mount.hasOwner) return { uncovered: 'cache mounts with an owner or mode are not predicted yet' };
    const absolute = clean(mount.target).startsWith('/');
    // no target at all is the working directory
    const dest = absolute ? mount.target : join('/', this.state.cwd, mount.target);
    if (dest === '/') return { failure: `invalid mount target "${dest}"` };
    const source = this.mountState(mount);
    if (source.failure !== undefined) return { failure: source.failure };
    const namespace = this.scope.options.buildArgs.get('BUILDKIT_CACHE_MOUNT_NS') ?? '';
    const selector = join('/', mount.source);
    const isCache = mount.type === 'cache';
    return {
      mount: {
        dest,
        from: source.state,
        // a bind that may be written to has no output: what is written is dropped
        hasOutput: false,
        mount: {
          ...plainMount({ type: mount.type, readonly: mount.readonly }),
          selector: selector === '/' ? '' : selector,
          cacheId: isCache ? `${namespace}/${mount.id === '' ? clean(mount.target) : mount.id}` : '',
          cacheSharing: isCache ? (SHARING[mount.sharing] ?? 0) : 0,
          tmpfsSize: mount.type === 'tmpfs' ? mount.size : 0,
        },
      },
    };
  }

  private mountState(mount: RunMount): { state: State; failure?: string } {
    if (mount.type === 'tmpfs') return { state: undefined };
    if (mount.from === '') {
      return { state: mount.type === 'cache' ? undefined : contextVertex(this.store) };
    }
    const source = this.scope.graph.namedSource(mount.from, this.stage);
    if (source.kind === 'invalid') return { state: undefined, failure: source.error };
    if (source.kind === 'scratch') return { state: undefined };
    return {
      state: source.kind === 'image' ? this.scope.imageState(source.reference) : this.scope.stageState(source.stage),
    };
  }
}

function plainMount(mount: Pick<MountOp, 'type' | 'readonly'>): Omit<MountOp, 'dest' | 'input' | 'output'> {
  return { selector: '', cacheId: '', cacheSharing: 0, tmpfsSize: 0, grant: '', ...mount };
}

/** Mounts in the order of their targets, equal inputs numbered once, outputs counted (client/llb/exec.go Marshal). */
function arrangeMounts(mounts: readonly BoundMount[]): { inputs: number[]; ops: MountOp[] } {
  const sorted = [...mounts].sort((a, b) => (a.dest < b.dest ? -1 : a.dest > b.dest ? 1 : 0));
  const inputs: number[] = [];
  let outputs = 0;
  const ops = sorted.map(({ dest, from, mount, hasOutput }): MountOp => {
    let input = -1;
    if (from !== undefined) {
      const known = inputs.indexOf(from);
      input = known >= 0 ? known : inputs.push(from) - 1;
    }
    return { ...mount, dest, input, output: hasOutput ? outputs++ : -1 };
  });
  return { inputs, ops };
}
