import type { StepTexts } from '../chain/basis';
import type { ChainLookup, Found, OpenWhy } from '../chain/walk';
import { NO_IMAGE } from '../chain/walk';
import type { ContextSum, ContextSums } from './contextSums';
import { fits, type ClassicEvidence, type ClassicImage, type ImageChildren } from './imageStore';
import type { ClassicProbe, CopyProbe } from './probe';
import { sameConfig, sameList } from './stepConfig';

const URL_SOURCE = /^https?:\/\//;
const HASH = '[0-9a-f]{64}';
/** Stands for a hash that is not known. */
const ANY_SUM = 'file:'.padEnd('file:'.length + 64, '0');

/** What the classic builder finds among an engine's images. */
export class ClassicLookup implements ChainLookup<ClassicProbe> {
  constructor(
    private readonly evidence: ClassicEvidence,
    private readonly children: ImageChildren,
    /** Undefined when nobody looked at the build context. */
    private readonly sums: ContextSums | undefined,
  ) {}

  failure({ copy }: ClassicProbe): OpenWhy | undefined {
    if (copy === undefined) return undefined;
    if (!copy.isAdd && copy.sources.some((source) => URL_SOURCE.test(source))) {
      return { code: 'bad-instruction', message: "source can't be a URL for COPY" };
    }
    const sum = this.sumOf(copy);
    if (sum?.kind !== 'failure') return undefined;
    return { code: sum.code === 'missing' ? 'source-missing' : 'bad-instruction', message: sum.message };
  }

  image(name: string): string | undefined {
    return this.evidence.named.get(name)?.id;
  }

  find(parent: string, probe: ClassicProbe): Found {
    const { copy } = probe;
    const siblings = this.children.of(parent);
    const sum = copy === undefined ? undefined : this.sumOf(copy);
    if (sum?.kind === 'never') return { kind: 'none' };
    const known = copy === undefined ? undefined : sum?.kind === 'sum' ? sum.sum : shapeOf(copy);
    const fitting = siblings.filter((image) => fits(image, probe, known));
    const [newest] = fitting;
    if (newest === undefined) return { kind: 'none' };
    if (copy !== undefined && sum?.kind !== 'sum') {
      return { kind: 'maybe', ids: fitting.map(({ id }) => id), why: whyOpen(copy, sum) };
    }
    if (parent === NO_IMAGE && this.mayBeForeign(newest)) {
      const message =
        'an image like this is here, but only one that was built here counts, and the engine does not tell';
      return { kind: 'maybe', ids: [newest.id], why: { code: 'record-unexplained', message } };
    }
    return { kind: 'hit', id: newest.id };
  }

  isSame(made: ClassicProbe, wanted: ClassicProbe): boolean | undefined {
    if (!sameConfig(made.config, wanted.config) || !sameList(made.command, wanted.command)) return false;
    const [a, b] = [made.copy, wanted.copy];
    if (a === undefined || b === undefined) return a === b;
    if (a.head !== b.head || a.destination !== b.destination) return false;
    const [left, right] = [this.sumOf(a), this.sumOf(b)];
    if (left?.kind === 'sum' && right?.kind === 'sum') return left.sum === right.sum;
    const isAlike = sameList(a.sources, b.sources) && JSON.stringify(a.from) === JSON.stringify(b.from);
    // a stage holds the same for both; what the network serves may change in between
    return isAlike && a.from.kind !== 'context' ? true : undefined;
  }

  /** What an image of the step has in its history. */
  texts({ command, copy, isHealthcheck }: ClassicProbe): StepTexts {
    const text = (sum: string): string =>
      [...command, ...(copy === undefined ? [] : [`#(nop) ${copy.head}${sum} in ${copy.destination} `])].join(' ');
    const sum = copy && this.sumOf(copy);
    const isExact = copy === undefined ? isHealthcheck !== true : sum?.kind === 'sum';
    return { exact: isExact ? [text(sum?.kind === 'sum' ? sum.sum : '')] : [], shaped: text(ANY_SUM) };
  }

  /** What is known of the hash of a copy; undefined for what is not in the build context. */
  private sumOf(copy: CopyProbe): ContextSum | undefined {
    if (copy.from.kind !== 'context' || copy.sources.some((source) => URL_SOURCE.test(source))) return undefined;
    if (this.sums === undefined) return { kind: 'unknown', message: 'the build context was not looked at' };
    const { sources, destination, isAdd } = copy;
    return this.sums.sum(sources, isAdd ? 'ADD' : 'COPY', destination.endsWith('/'));
  }

  /**
   * An image without a parent counts only if it was built here (image/cache/cache.go builtLocally), which one with
   * images on it was: the API does not tell it of the others.
   */
  private mayBeForeign(image: ClassicImage): boolean {
    return image.isPulled || (image.isTagged && this.children.of(image.id).length === 0);
  }
}

/** What the hash of a copy looks like when nobody knows it. */
function shapeOf({ sources }: CopyProbe): RegExp {
  const hasUrl = sources.some((source) => URL_SOURCE.test(source));
  const hasPattern = sources.some((source) => !URL_SOURCE.test(source) && /[*?[\\]/.test(source));
  // patterns may find nothing: of several sources a single one is left then
  if (sources.length > 1 && !hasPattern) return new RegExp(`^multi:${HASH}$`);
  if (hasPattern) return new RegExp(`^(?:(?:file|dir|multi):)${hasUrl ? '?' : ''}${HASH}$`);
  return hasUrl ? new RegExp(`^${HASH}$`) : new RegExp(`^(?:file|dir):${HASH}$`);
}

function whyOpen({ from, sources }: CopyProbe, sum: ContextSum | undefined): OpenWhy {
  if (sum?.kind === 'unread') return { code: 'content-unknown', message: 'its files were not read yet' };
  if (sum?.kind === 'unknown') return { code: 'content-unknown', message: sum.message };
  if (from.kind === 'context') {
    return {
      code: 'network-dependent',
      message: `what ${sources.find((one) => URL_SOURCE.test(one)) ?? ''} holds is asked at the build`,
    };
  }
  const where = from.kind === 'stage' ? `stage ${from.index}` : from.name;
  return { code: 'depends-on-output', message: `what ${where} holds decides: the classic builder compares the files` };
}
