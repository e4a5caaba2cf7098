import { base, clean, join } from '../context/goPath';
import { expandWord } from '../dockerfile/expand';
import { grantText, type MountOp } from '../llb/op';
import { contextVertex, namedContextVertex } from './lowerCopy';
import type { LoweringScope } from './lower';
import { hasOwner, parseMount, type RunMount } from './mounts';
import type { StageState } from './stageState';
import type { ResolvedStage } from './stages';
import type { State, VertexStore } from './vertices';

const SHARING: Readonly<Record<string, number>> = { shared: 0, private: 1, locked: 2 };
const SECRET_MODE = 0o400;
const SSH_MODE = 0o600;

/** A mount with the state that it shows. */
export interface BoundMount {
  readonly dest: string;
  readonly from: State;
  readonly mount: Omit<MountOp, 'dest' | 'input' | 'output'>;
  readonly hasOutput: boolean;
}

/** Lowers the mounts of one RUN (dockerfile2llb/convert_runmount.go, convert_secrets.go, convert_ssh.go). */
export class RunMounts {
  /** Bind, cache and tmpfs mounts, in their order. */
  readonly mounts: BoundMount[] = [];
  /** JSON of each secret that is handed over in a variable. */
  readonly secretEnv: string[] = [];
  private readonly secrets: MountOp[] = [];
  private readonly agents: MountOp[] = [];

  constructor(
    private readonly stage: ResolvedStage,
    private readonly state: StageState,
    private readonly store: VertexStore,
    private readonly scope: LoweringScope,
  ) {}

  /** Secret mounts, then ssh mounts: they follow all others. */
  get grants(): readonly MountOp[] {
    return [...this.secrets, ...this.agents];
  }

  /** Where the first ssh agent is found; undefined without one. */
  get agent(): string | undefined {
    return this.agents[0]?.dest;
  }

  /** Adds `--mount` options as written; returns why the build stops at one. */
  add(texts: readonly string[]): string | undefined {
    const { escape } = this.scope.file;
    const expand = (value: string) => expandWord(value, this.state.environment.map, { escape });
    for (const text of texts) {
      const { mount, error } = parseMount(text, expand);
      if (mount === undefined) return error ?? 'bad mount';
      const failure = this.addMount(mount);
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  private addMount(mount: RunMount): string | undefined {
    switch (mount.type) {
      case 'secret':
        return this.secret(mount);
      case 'ssh':
        return this.ssh(mount);
      default:
        return this.bind(mount);
    }
  }

  private secret(mount: RunMount): string | undefined {
    const id = mount.source || mount.id || base(mount.target);
    const optional = !mount.required;
    if (mount.env !== undefined) this.secretEnv.push(JSON.stringify([id, mount.env, optional]));
    const target = mount.target || (mount.env === undefined ? `/run/secrets/${base(id)}` : '');
    if (target !== '') this.secrets.push(grantMount('secret', target, id, mount, SECRET_MODE));
    return undefined;
  }

  private ssh(mount: RunMount): string | undefined {
    if (mount.source !== '') return 'ssh does not support source';
    const target = mount.target || `/run/buildkit/ssh_agent.${this.agents.length}`;
    this.agents.push(grantMount('ssh', target, mount.id, mount, SSH_MODE));
    return undefined;
  }

  private bind(mount: RunMount): string | undefined {
    const absolute = clean(mount.target).startsWith('/');
    // no target at all is the working directory
    const dest = absolute ? mount.target : join('/', this.state.cwd, mount.target);
    if (dest === '/') return `invalid mount target "${dest}"`;
    const source = this.source(mount);
    if (source.failure !== undefined) return source.failure;
    const namespace = this.scope.options.buildArgs.get('BUILDKIT_CACHE_MOUNT_NS') ?? '';
    const path = join('/', mount.source);
    let { state } = source;
    let selector = path === '/' ? '' : path;
    if (path === '/' && hasOwner(mount)) {
      // an empty folder with that owner is what a new cache begins with
      state = this.store.mkdir(state, {
        kind: 'mkdir',
        path: '/cache',
        // client/llb/fileop.go Mkdir keeps the permission bits alone
        mode: (mount.mode ?? 0o755) & 0o777,
        makeParents: false,
        owner: { user: mount.uid ?? 0, group: mount.gid ?? 0 },
        timestamp: '-1',
      });
      selector = '/cache';
    }
    const isCache = mount.type === 'cache';
    this.mounts.push({
      dest,
      from: state,
      // a bind that may be written to has no output: what is written is dropped
      hasOutput: false,
      mount: {
        ...plainMount({ type: mount.type, readonly: mount.readonly }),
        selector,
        cacheId: isCache ? `${namespace}/${mount.id === '' ? clean(mount.target) : mount.id}` : '',
        cacheSharing: isCache ? (SHARING[mount.sharing] ?? 0) : 0,
        tmpfsSize: mount.type === 'tmpfs' ? mount.size : 0,
      },
    });
    return undefined;
  }

  private source(mount: RunMount): { state: State; failure?: string } {
    if (mount.type === 'tmpfs') return { state: undefined };
    // a cache begins with scratch, which may be the name of a stage (convert_runmount.go dispatchRunMounts)
    const from = mount.from === '' && mount.type === 'cache' ? 'scratch' : mount.from;
    if (from === '') return { state: contextVertex(this.store) };
    const source = this.scope.graph.namedSource(from, this.stage);
    switch (source.kind) {
      case 'invalid':
        return { state: undefined, failure: source.error };
      case 'scratch':
        return { state: undefined };
      case 'image':
        return { state: this.scope.imageState(source.reference) };
      case 'context':
        return { state: namedContextVertex(this.store, source.name) };
      case 'stage':
        return { state: this.scope.stageState(source.stage) };
    }
  }
}

function grantMount(type: 'secret' | 'ssh', dest: string, id: string, mount: RunMount, mode: number): MountOp {
  const { uid = 0, gid = 0, required } = mount;
  const grant = grantText({ id, uid, gid, mode: mount.mode ?? mode, optional: !required });
  // a grant has output 0, as whatever leaves that field alone
  return { ...plainMount({ type, readonly: false }), dest, input: -1, output: 0, grant };
}

/** A mount without any option. */
export function plainMount(mount: Pick<MountOp, 'type' | 'readonly'>): Omit<MountOp, 'dest' | 'input' | 'output'> {
  return { selector: '', cacheId: '', cacheSharing: 0, tmpfsSize: 0, grant: '', ...mount };
}

/** Mounts in the order of their targets, equal inputs numbered once, outputs counted (client/llb/exec.go Marshal). */
export function arrangeMounts(mounts: readonly BoundMount[]): { inputs: number[]; ops: MountOp[] } {
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
