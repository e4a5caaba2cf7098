import type {
  DiskReport,
  ReclaimItem,
  ReclaimOutcome,
  ReclaimPlan,
  ReclaimProgress,
  UnusedKind,
} from '../../core/model';
import { planReclaim } from '../../core/disk/reclaim';
import { unusedItems } from '../../core/disk/unusedItems';
import type { DiskAccess } from '../../core/node/disk/diskAccess';
import type { EngineDiskOptions } from '../../core/node/disk/engineDisk';
import { executeReclaim } from '../../core/node/disk/executeReclaim';
import { ImageError } from '../../core/node/image/openImage';
import { EngineNews } from '../engineNews';
import type { DockerfileSettings } from '../settings';

/** Milliseconds after an engine event before the client is told, so that a burst becomes one message. */
const SETTLE = 400;
/** Plans that are kept: somebody who looks at a plan has made it a moment ago. */
const KEPT_PLANS = 8;

/** Opens the engine that the settings mean, as the Images view does. */
export type OpenDiskAccess = (options: EngineDiskOptions) => Promise<DiskAccess>;

/** What a session tells. */
export interface DiskListener {
  changed(): void;
  progress(text: string): void;
  log(message: string): void;
}

interface KeptPlan {
  readonly plan: ReclaimPlan;
  readonly report: DiskReport;
  readonly access: DiskAccess;
}

/** The bytes of the engine that the settings mean; asked only when somebody looks. Plans are kept here, frozen. */
export class DiskSession {
  private access: DiskAccess | undefined;
  private key = '';
  private report: DiskReport | undefined;
  private readonly plans = new Map<string, KeptPlan>();
  private planned = 0;
  private readonly news: EngineNews;

  constructor(
    private readonly open: OpenDiskAccess,
    private readonly env: NodeJS.ProcessEnv,
    private readonly listener: DiskListener,
  ) {
    this.news = new EngineNews(SETTLE, 'Engine events', listener);
  }

  /** The report that plans are made from; undefined before the first one. */
  get last(): DiskReport | undefined {
    return this.report;
  }

  /** Measures everything; from here on changes are told. Fails with a sentence. */
  async measure(settings: DockerfileSettings, signal: AbortSignal): Promise<DiskReport> {
    const access = await this.accessFor(settings);
    return this.measureWith(access, signal);
  }

  /** The engine of the settings, for questions about one thing. */
  async accessFor({ engineKind, dockerPath }: DockerfileSettings): Promise<DiskAccess> {
    const key = JSON.stringify([engineKind, dockerPath]);
    if (this.access === undefined || key !== this.key) {
      this.news.stop();
      this.report = undefined;
      this.plans.clear();
      this.access = await this.open({ wanted: engineKind, program: dockerPath, env: this.env });
      this.key = key;
    }
    return this.access;
  }

  /** Plans a removal from the last report, and keeps the plan as it is under an id by which it is carried out. */
  plan(
    wanted: readonly ReclaimItem[] | UnusedKind,
    kept: ReadonlySet<string>,
    costOf: (item: ReclaimItem) => number | null,
  ): KeptPlan & { readonly id: string } {
    const { access, report } = this;
    if (access === undefined || report === undefined)
      throw new ImageError('Measure first: a plan is made from a report.');
    const items = typeof wanted === 'string' ? unusedItems(report, kept)[wanted] : wanted;
    const plan = planReclaim(report, items, kept, costOf);
    const id = String(++this.planned);
    this.plans.set(id, { plan, report, access });
    const [oldest] = this.plans.keys();
    if (this.plans.size > KEPT_PLANS && oldest !== undefined) this.plans.delete(oldest);
    return { id, plan, report, access };
  }

  /** Carries out a plan, once: exactly its items in their order. Then measures, unless that is not waited for. */
  async carryOut(id: string, signal: AbortSignal): Promise<{ outcome: ReclaimOutcome; after: DiskReport | undefined }> {
    const kept = this.plans.get(id);
    if (kept === undefined) throw new ImageError('This plan was carried out already, or is too old: plan again.');
    this.plans.delete(id);
    const { plan, report, access } = kept;
    let after: DiskReport | undefined;
    const measured: Pick<DiskAccess, 'remove' | 'measure'> = {
      remove: (item, ending) => access.remove(item, ending),
      measure: async (ending) => (after = await this.measureWith(access, ending)),
    };
    const tell = ({ done, total, what }: ReclaimProgress): void =>
      this.listener.progress(`${what} (${Math.min(done + 1, total)} of ${total})`);
    try {
      const outcome = await executeReclaim(plan, measured, signal, tell, report.totals.bytes);
      return { outcome, after };
    } finally {
      this.listener.progress('');
    }
  }

  dispose(): void {
    this.news.dispose();
  }

  private async measureWith(access: DiskAccess, signal: AbortSignal): Promise<DiskReport> {
    // what happened until now will be in the report
    this.news.drop();
    try {
      const report = await access.measure(signal, (what) => this.listener.progress(what));
      if (access === this.access) {
        this.report = report;
        this.news.listen(access);
      }
      return report;
    } finally {
      this.listener.progress('');
    }
  }
}
