import { predictAgainstCommit, type CommitProjectInput } from '../core/baseline/commitProject';
import type { ContextNode } from '../core/context/tree';
import type { Problem, Reason } from '../core/model';
import { commitId, GitCommit } from '../core/node/git/commit';
import type { ProjectPrediction } from '../core/predict/project';
import type { ContextSession } from './contexts';

/** Milliseconds between looks whether a name still means the same commit. */
const CHECK = 2000;
const NO_HEADERS: ReadonlyMap<ContextNode, string> = new Map();
const NO_CONTEXTS: ReadonlySet<string> = new Set();

/** A git commit in the place of past builds, for one Dockerfile; read in the background. */
export class CommitBaseline {
  /** Another object whenever there is news: the commit was read, moved, or cannot be read. */
  state: { readonly commit: GitCommit } | { readonly failure: string } | undefined;
  private opened: string | undefined;
  private lastCheck = 0;
  private checking: Promise<boolean> | undefined;

  constructor(
    /** As the user wrote it. */
    readonly ref: string,
    private readonly dockerfile: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /**
   * Reads the commit if its name means another one than before; true when there is news. `refresh`: also when it was
   * looked at a moment ago. Never rejects.
   */
  async check(context: string, refresh = false): Promise<boolean> {
    if (this.checking !== undefined) {
      const news = await this.checking;
      return refresh ? (await this.check(context, true)) || news : news;
    }
    const now = Date.now();
    if (!refresh && now - this.lastCheck < CHECK) return false;
    this.lastCheck = now;
    this.checking = this.open(context).finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async open(context: string): Promise<boolean> {
    try {
      // where there is none, opening it says so in words
      const id = await commitId(this.ref, context, this.env).catch(() => undefined);
      if (id !== undefined && id === this.opened) return false;
      this.state = { commit: await GitCommit.open(this.ref, context, this.dockerfile, this.env) };
      this.opened = id;
      return true;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      const isNews = this.state === undefined || !('failure' in this.state) || this.state.failure !== failure;
      this.opened = undefined;
      if (isNews) this.state = { failure };
      return isNews;
    }
  }

  /** The prediction against the commit; undefined as long as it is not read. Reads nothing itself. */
  predict(input: Omit<CommitProjectInput, 'commit'>): ProjectPrediction | undefined {
    const { state } = this;
    if (state === undefined || 'failure' in state) return undefined;
    const { prediction, wanted, costOf, copied, taken } = predictAgainstCommit({ ...input, commit: state.commit });
    const context = { wanted, headers: NO_HEADERS, digests: [], wantedContexts: NO_CONTEXTS, taken };
    return { prediction, images: [], context, costOf, copied };
  }

  /** Why there is no prediction. */
  get reason(): Reason {
    const { ref, state } = this;
    const why = state !== undefined && 'failure' in state ? state.failure : 'it is being read';
    return { code: 'no-evidence', message: `compared with git:${ref}: ${why}` };
  }

  /** What the user should know of it. */
  get problems(): readonly Problem[] {
    const { ref, state } = this;
    if (state === undefined || !('failure' in state)) return [];
    return [{ code: 'baseline-unreadable', message: `The baseline git:${ref} cannot be read: ${state.failure}` }];
  }

  /** Reads files of either side whose content would make the answer certain. */
  async read(nodes: ReadonlySet<ContextNode>, context: ContextSession): Promise<void> {
    const { state } = this;
    await Promise.all([
      state !== undefined && 'commit' in state ? state.commit.read(nodes) : undefined,
      context.read(context.index.own(nodes)),
    ]);
  }
}
