import type { StepTexts } from '../chain/basis';
import type { ChainStage } from '../chain/step';
import type { ChainLookup, Found, OpenWhy, StageEnd } from '../chain/walk';
import type { ContextCopies } from './contextCopies';
import { lastText, type BuildahEvidence, type BuildahImage, type HistoryIndex } from './imageStore';
import type { BuildahCopy, BuildahProbe } from './probe';
import type { CopySummaries } from './sourceMatches';

const HASH = '[0-9a-f]{64}';
/** Stands for a summary that is not known. */
const ANY_SUM = 'file:'.padEnd('file:'.length + 64, '0');
const MOUNT = '(?::sha256:[0-9a-f]{64})*';

/** The texts that a step may have in the history: these, or one of a shape where something is not known. */
interface Texts {
  readonly exact: readonly string[];
  readonly shape: RegExp | undefined;
  readonly why: OpenWhy | undefined;
}

/** What Buildah finds among the images of its store. */
export class BuildahLookup implements ChainLookup<BuildahProbe> {
  constructor(
    private readonly evidence: BuildahEvidence,
    private readonly index: HistoryIndex,
    /** Undefined when nobody looked at the build context. */
    private readonly copies: ContextCopies | undefined,
    private readonly stages: readonly ChainStage<BuildahProbe>[],
  ) {}

  failure({ copy }: BuildahProbe): OpenWhy | undefined {
    if (copy === undefined) return undefined;
    if (!copy.isAdd && copy.sources.some((source) => /^https?:\/\//.test(source))) {
      return { code: 'bad-instruction', message: "source can't be a URL for COPY" };
    }
    const summary = this.summaryOf(copy);
    return summary?.kind === 'failure' ? { code: 'source-missing', message: summary.message } : undefined;
  }

  image(name: string): string | undefined {
    return this.evidence.named.get(name)?.id;
  }

  find(parent: string, probe: BuildahProbe, ended: (stage: number) => StageEnd | undefined): Found {
    const mounted = this.mounted(probe, ended);
    if (mounted === 'executed') return { kind: 'none' };
    const { exact, shape, why } = this.textsOf(probe);
    const siblings = this.index.of(parent, probe.hasLayer);
    const other = this.otherOwner(probe);
    const found = siblings.filter((image) => {
      const text = lastText(image);
      return exact.includes(text) || (shape?.test(text) === true && !other.includes(text));
    });
    const [newest] = found;
    if (newest === undefined) return { kind: 'none' };
    const open = why ?? mounted ?? this.quietChange(probe, newest);
    if (open !== undefined) return { kind: 'maybe', ids: found.map(({ id }) => id), why: open };
    return { kind: 'hit', id: newest.id };
  }

  /** With a number for the user that is not 0, what belongs to 0 is another result, whatever the group is. */
  private otherOwner({ text, copy }: BuildahProbe): readonly string[] {
    if (copy?.user === undefined || copy.user === 0) return [];
    const plain = { ...copy, rule: { ...copy.rule, owner: undefined } };
    const summary = this.copies?.summaries(plain);
    return summary?.kind === 'known' ? summary.summaries.map((one) => text + one + copy.after) : [];
  }

  /** An attribute of a file counts, and cannot be seen from here. */
  private quietChange({ copy }: BuildahProbe, { created }: BuildahImage): OpenWhy | undefined {
    if (copy === undefined || copy.from.kind !== 'context') return undefined;
    const { clockOffset, clockMargin } = this.evidence;
    const path = this.copies?.changedQuietly(copy, Number(created / 1_000_000n) - clockOffset + clockMargin);
    if (path === undefined) return undefined;
    const message = `${path} changed in its owner, which does not count, or in an attribute, which does`;
    return { code: 'content-unknown', message };
  }

  isSame(made: BuildahProbe, wanted: BuildahProbe): boolean | undefined {
    if (made.hasLayer !== wanted.hasLayer || made.stages.length + wanted.stages.length > 0) {
      return made.hasLayer === wanted.hasLayer ? undefined : false;
    }
    const [a, b] = [this.textsOf(made), this.textsOf(wanted)];
    if (a.why === undefined && b.why === undefined) return a.exact.some((text) => b.exact.includes(text));
    if (made.text !== wanted.text || made.copy?.after !== wanted.copy?.after) return false;
    const isSameSource = JSON.stringify(made.copy) === JSON.stringify(wanted.copy);
    return isSameSource && made.copy !== undefined && made.copy.from.kind !== 'context' ? true : undefined;
  }

  /** What an image of the step has in its history. */
  texts(probe: BuildahProbe): StepTexts {
    const { text, copy } = probe;
    return { exact: this.textsOf(probe).exact, shaped: copy === undefined ? text : text + ANY_SUM + copy.after };
  }

  private textsOf(probe: BuildahProbe): Texts {
    const { text, copy, mounts } = probe;
    if (copy !== undefined) return this.copyTexts(text, copy);
    const digests: string[] = [];
    let why: OpenWhy | undefined;
    for (const one of mounts) {
      if (one.kind === 'image') {
        const image = this.evidence.named.get(one.name);
        if (image === undefined) why ??= { code: 'image-not-local', message: `${one.name} is not in this store` };
        else digests.push(`:${image.digest}`);
        continue;
      }
      const mount = this.copies?.mount(one.path) ?? { unknown: 'the build context was not looked at' };
      if ('unknown' in mount) why ??= { code: 'content-unknown', message: mount.unknown };
      else if (mount.digest === undefined) why ??= UNREAD;
      else digests.push(`:${mount.digest}`);
    }
    if (why === undefined) return { exact: [text + digests.join('')], shape: undefined, why };
    return { exact: [], shape: new RegExp(`^${escaped(text)}${MOUNT}$`), why };
  }

  private copyTexts(text: string, copy: BuildahCopy): Texts {
    const summary = this.summaryOf(copy);
    if (summary?.kind === 'known') {
      const exact = summary.summaries.map((one) => text + one + copy.after);
      return { exact, shape: undefined, why: undefined };
    }
    const shape = new RegExp(`^${escaped(text)}(?:(?:file|dir|multi):)?${HASH}${escaped(copy.after)}$`);
    return { exact: [], shape, why: whyOpen(copy, summary) };
  }

  /** What is known of the summary of a copy; undefined for what is not in the build context. */
  private summaryOf(copy: BuildahCopy): CopySummaries | undefined {
    if (copy.open !== undefined || copy.from.kind !== 'context') return undefined;
    return this.copies?.summaries(copy) ?? { kind: 'unknown', message: 'the build context was not looked at' };
  }

  /**
   * A RUN that mounts a stage does not look for a result when the last step of that stage was executed, which metadata
   * always is (stage_executor.go Execute, avoidLookingCache).
   */
  private mounted(
    probe: BuildahProbe,
    ended: (stage: number) => StageEnd | undefined,
  ): OpenWhy | 'executed' | undefined {
    let open: OpenWhy | undefined;
    for (const index of probe.stages) {
      const last = this.stages[index]?.steps.at(-1);
      const end = ended(index);
      if (last === undefined) continue;
      if (last.kind === 'step' && !last.probe.hasLayer) return 'executed';
      if (end === 'made') return 'executed';
      if (end !== 'kept') {
        open ??= {
          code: 'depends-on-output',
          message: `depends on whether stage ${index}, which it mounts, is executed`,
        };
      }
    }
    return open;
  }
}

const UNREAD: OpenWhy = { code: 'content-unknown', message: 'its files were not read yet' };

function whyOpen({ open, from }: BuildahCopy, summary: CopySummaries | undefined): OpenWhy {
  if (open !== undefined) return { code: 'not-covered', message: open };
  if (summary?.kind === 'unread') return UNREAD;
  if (summary?.kind === 'unknown') return { code: 'content-unknown', message: summary.message };
  const where = from.kind === 'stage' ? `stage ${from.index}` : from.kind === 'image' ? from.name : 'the context';
  return { code: 'depends-on-output', message: `what ${where} holds decides: Buildah compares the files` };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
