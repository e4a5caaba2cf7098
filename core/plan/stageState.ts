import { Environment, splitVariable } from './environment';
import type { ImageInfo } from './graph';
import type { State } from './vertices';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the instructions of a stage change as they are lowered one after the other. */
export class StageState {
  state: State;
  /** Environment of RUN: ENV and ARG. */
  readonly environment: Environment;
  /** Environment of the image's configuration: ENV only, in first-set order. */
  readonly imageEnvironment: Map<string, string>;
  cwd: string;
  workingDir: string;
  user: string;
  shell: readonly string[];
  /** Why the stage's RUN steps are not known exactly. */
  uncovered: string | undefined;

  private constructor(from: StageState | undefined, image: Map<string, string>) {
    this.state = from?.state;
    this.environment = new Environment(from?.environment);
    this.imageEnvironment = image;
    this.cwd = from?.cwd ?? '/';
    this.workingDir = from?.workingDir ?? '';
    this.user = from?.user ?? '';
    this.shell = from?.shell ?? [];
    this.uncovered = from?.uncovered;
  }

  /** A stage on an image; without `info` the image's configuration is not known. */
  static onImage(vertex: State, info: ImageInfo | undefined): StageState {
    const state = new StageState(undefined, new Map(info?.env.map(splitVariable)));
    state.state = vertex;
    state.user = info?.user ?? '';
    state.shell = info?.shell ?? [];
    state.applyImage(info?.workingDir ?? '');
    return state;
  }

  static onScratch(): StageState {
    const state = new StageState(undefined, new Map());
    state.applyImage('/');
    return state;
  }

  /** A stage on another stage: its ENV and ARG stay, and its ENV are set once more, which moves them behind the ARG. */
  static onStage(base: StageState): StageState {
    const state = new StageState(base, new Map(base.imageEnvironment));
    state.applyImage(base.workingDir);
    return state;
  }

  private applyImage(workingDir: string): void {
    if (!this.imageEnvironment.has('PATH')) this.imageEnvironment.set('PATH', DEFAULT_PATH);
    for (const [name, value] of this.imageEnvironment) this.environment.set(name, value);
    if (workingDir === '') return;
    this.workingDir = workingDir;
    this.cwd = workingDir;
  }
}
