import type { AskedContext, ProjectPrediction } from '../core/predict/project';
import type { CommitBaseline } from './commitBaseline';
import type { ContextSession, ContextSessions } from './contexts';

/** Most rounds of reading: what was read may show that more is wanted, and a file may change all the time. */
const ROUNDS = 8;
/** Milliseconds after an answer before files are read ahead, and after the first of answers that come all the time. */
const AHEAD_AFTER = 300;
const AHEAD_LATEST = 1000;

/** What is predicted at the moment, and where its files are. */
export interface ReadingState {
  readonly context: ContextSession;
  /** A commit that counts as the last build. */
  readonly baseline: CommitBaseline | undefined;
  readonly project: ProjectPrediction;
}

/** Reads the files of a build context whose content makes predictions for one Dockerfile certain. */
export class WantedFiles {
  /** Rounds that read something so far: what is predicted stands on them. */
  reads = 0;
  private reading: Promise<void> | undefined;
  /** Another round is due. */
  private isAsked = false;
  private timer: NodeJS.Timeout | undefined;
  /** What the latest round was asked for. */
  private last: ReadonlySet<string> = new Set();
  /** Until when reading ahead may be put off. */
  private latest: number | undefined;

  /**
   * @param now undefined where nothing is predicted, or nobody wants to know any more
   * @param changed something was read: there is another prediction
   */
  constructor(
    private readonly contexts: ContextSessions,
    private readonly now: () => ReadingState | undefined,
    private readonly changed: () => void,
  ) {}

  /**
   * Reads what would make the answer certain, and has it predicted again. Who asks while a round is under way gets
   * another one: that round may have passed by what it knows of. Never rejects.
   */
  read(): Promise<void> {
    this.isAsked = true;
    return (this.reading ??= this.readRounds());
  }

  private async readRounds(): Promise<void> {
    this.last = new Set();
    try {
      for (let round = 0; round < ROUNDS && this.isAsked; round++) {
        this.isAsked = false;
        if (!(await this.readRound())) continue;
        this.isAsked = true;
        this.changed();
      }
    } catch {
      // aborted: the context was closed
    } finally {
      this.reading = undefined;
    }
  }

  /** Whether there was anything to read that the round before did not try already. */
  private async readRound(): Promise<boolean> {
    const { context, baseline, project } = this.now() ?? {};
    const made = project?.context;
    if (context === undefined || made === undefined) return false;
    const news = await this.contexts.others.load(made.wantedContexts);
    const wanted = namesOf(made);
    const isNew = [...wanted].some((one) => !this.last.has(one));
    this.last = wanted;
    if (!isNew && !news) return false;
    if (baseline !== undefined) await baseline.read(made.wanted, context);
    else await context.read(made.wanted, made.headers, made.digests);
    this.reads++;
    return true;
  }

  /** Reads what the build takes, so that the next change is known at once; not before the hints are asked for again. */
  readAheadSoon(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    this.latest ??= now + AHEAD_LATEST;
    this.timer = setTimeout(() => void this.readAhead(), Math.min(AHEAD_AFTER, Math.max(0, this.latest - now)));
  }

  private async readAhead(): Promise<void> {
    this.latest = undefined;
    const { context, project } = this.now() ?? {};
    await context?.readAhead(project?.context?.taken() ?? []);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.latest = undefined;
  }
}

/** What is wanted, each file with the state that is known of it. */
function namesOf({ wanted, headers, digests }: AskedContext): Set<string> {
  const files = [...wanted].map((node) => JSON.stringify([node.path, node.entry?.ctime, headers.get(node)]));
  return new Set([...files, ...digests.map(({ key }) => key)]);
}
