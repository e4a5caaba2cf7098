import { join } from '../context/goPath';
import { heredocBody, parseHeredocStart } from '../dockerfile/heredoc';
import type { RunInstruction } from '../dockerfile/instruction';
import type { ExecOp } from '../llb/op';
import type { Lowered, LoweringScope } from './lower';
import { arrangeMounts, plainMount, RunMounts, type BoundMount } from './runMounts';
import { Environment } from './environment';
import type { StageState } from './stageState';
import { platformOf, type ResolvedStage } from './stages';
import { unusualFlag } from './unusualFlags';
import type { VertexStore } from './vertices';

const DEFAULT_SHELL = ['/bin/sh', '-c'];
const NETWORKS: Readonly<Record<string, number>> = { default: 0, host: 1, none: 2 };

/** The environment of a step that reaches an ssh agent. */
function withAgent(environment: Environment, agent: string | undefined): Environment {
  if (agent === undefined || environment.has('SSH_AUTH_SOCK')) return environment;
  const own = new Environment(environment);
  own.set('SSH_AUTH_SOCK', agent);
  return own;
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
    const unusual = this.unusualFlags(instruction);
    if (unusual.failure !== undefined) return { failure: unusual.failure };
    uncovered ??= unusual.uncovered;
    const command = this.command(instruction);
    if (command.args.length === 0) return { failure: 'arguments are required' };
    if (command.file !== undefined) mounts.push(command.file);
    const asked = new RunMounts(this.stage, state, this.store, this.scope);
    const failure = asked.add(instruction.mounts);
    if (failure !== undefined) return { failure };
    mounts.push(...asked.mounts);
    const { options } = this.scope;
    if (options.shmSize > 0) {
      const tmpfs = { ...plainMount({ type: 'tmpfs', readonly: false }), tmpfsSize: options.shmSize };
      mounts.push({ dest: '/dev/shm', from: undefined, hasOutput: false, mount: tmpfs });
    }
    const { inputs, ops } = arrangeMounts(mounts);
    const environment = withAgent(state.environment, asked.agent);
    const ownNetwork = NETWORKS[instruction.network] ?? 0;
    const op: ExecOp = {
      kind: 'exec',
      args: command.args,
      env: environment.list(),
      cwd: state.cwd,
      user: state.user,
      hostname: options.buildArgs.get('BUILDKIT_SANDBOX_HOSTNAME') ?? '',
      cgroupParent: options.cgroupParent,
      extraHosts: options.addHosts.map((host) => host.toLowerCase()),
      ulimits: options.ulimits,
      network: ownNetwork !== 0 ? ownNetwork : (NETWORKS[options.network] ?? 0),
      security: 0,
      mounts: [...ops, ...asked.grants],
      secretEnv: asked.secretEnv,
      devices: [],
      platform: platformOf(this.stage),
    };
    const vertex = this.store.add(op, inputs, {
      ignoreCache: this.ignoreCache,
      origins: environment.originMap,
      ...(uncovered === undefined ? {} : { uncovered }),
    });
    state.state = vertex;
    return { vertex };
  }

  /**
   * Flags that only some frontends know: `--security` since BuildKit 0.26, `--device` in the labs channel. Their keys
   * were not verified, so that nothing about them is certain.
   */
  private unusualFlags(instruction: RunInstruction): { failure?: string; uncovered?: string } {
    if (instruction.security !== '') return unusualFlag('security', this.scope, [0, 26]);
    return instruction.devices.length > 0 ? unusualFlag('device', this.scope, undefined) : {};
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
}
