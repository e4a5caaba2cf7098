import type { ChainWords } from '../chain/verdicts';
import { chainVerdicts } from '../chain/verdicts';
import type { StepPlace } from '../chain/step';
import type { ChainPrediction } from '../chain/basis';
import type { StepOutcome } from '../chain/walk';
import type { Downgrades } from '../ledger/accuracy';
import type { ContextTree } from '../context/tree';
import { UNKNOWN_SIZE, type Prediction, type Problem, type Reason, type StepSize } from '../model';
import { missReason } from './causes';
import type { ContextSums } from './contextSums';
import { hasCommand, ImageChildren, type ClassicEvidence } from './imageStore';
import { ClassicLookup } from './lookup';
import type { ClassicPlan } from './plan';
import type { ClassicProbe } from './probe';
import { unnoticedChanges } from './unnoticed';

/** What a prediction for the classic builder is made from. */
export interface ClassicInput {
  readonly dockerfile: string;
  readonly contextPath: string;
  readonly plan: ClassicPlan;
  readonly noCache: boolean;
  /** `--pull`, `--cache-from` and the like: why no verdict is certain. */
  readonly uncovered: string | undefined;
  /** Why the engine could not be asked: then the evidence is empty. */
  readonly unasked?: Reason | undefined;
  readonly evidence: ClassicEvidence;
  readonly tree: ContextTree | undefined;
  readonly sums: ContextSums | undefined;
  readonly baseline: string;
  readonly problems: readonly Problem[];
  /** Classes of verdicts that were wrong and are not given. */
  readonly downgrades?: Downgrades | undefined;
}

const NO_BYTES: StepSize = { bytes: 0, basis: 'exact' };

/** Predicts what the classic builder will do, instruction by instruction. A pure function of its input. */
export function predictClassic(input: ClassicInput): ChainPrediction {
  const { plan, evidence, noCache, uncovered, unasked, sums } = input;
  const children = new ImageChildren(evidence);
  const { globals, stages, target } = plan;
  const { outcomes, ...verdicts } = chainVerdicts({
    ...{ builder: evidence.builder.kind, downgrades: input.downgrades },
    ...{ globals, stages, target, noCache, uncovered, unasked },
    problems: [...input.problems, ...plan.problems],
    lookup: new ClassicLookup(evidence, children, sums),
    words: new ClassicWords(input, children),
  });
  const prediction: Prediction = {
    schemaVersion: 1,
    dockerfile: input.dockerfile,
    context: input.contextPath,
    target,
    platform: evidence.platform,
    builder: evidence.builder,
    baseline: input.baseline,
    ...verdicts,
  };
  return { prediction, outcomes };
}

class ClassicWords implements ChainWords<ClassicProbe> {
  constructor(
    private readonly input: ClassicInput,
    private readonly children: ImageChildren,
  ) {}

  imageBytes(name: string): number | undefined {
    return this.input.evidence.named.get(name)?.bytes;
  }

  notNeeded(target: string): string {
    return `target ${target} is built before this stage`;
  }

  missed(line: number, probe: ClassicProbe | undefined, parents: readonly string[]): Reason {
    const { evidence, tree } = this.input;
    return missReason(line, probe, parents, { children: this.children, evidence, tree });
  }

  /** Images of metadata have no layer of their own; the engine tells of each image how large all its layers are. */
  size({ instruction }: StepPlace, probe: ClassicProbe, outcome: StepOutcome): StepSize {
    const { copy } = probe;
    const { evidence, sums } = this.input;
    if (copy === undefined && instruction !== 'RUN' && instruction !== 'WORKDIR') return NO_BYTES;
    const exact = copy?.from.kind === 'context' ? sums?.bytes(copy.sources, copy.isAdd) : undefined;
    const kept = evidence.store === 'graphdriver' && outcome.kind === 'hit' ? this.layerOf(outcome.id) : undefined;
    // what is kept may be another content than the files have now: there are changes that this builder does not notice
    if (exact !== undefined && (kept === undefined || kept === exact.files + exact.links)) {
      const { files, links } = exact;
      // of a layer that this builder copies the engine counts the texts of links as well
      const counted = evidence.store === 'graphdriver' && links > 0 ? { engineBytes: files + links } : {};
      return { bytes: files, basis: 'exact', ...counted };
    }
    if (evidence.store !== 'graphdriver') return UNKNOWN_SIZE;
    if (kept !== undefined) return { bytes: kept, basis: 'measured' };
    for (const image of this.children.all()) {
      const bytes = hasCommand(image, probe, undefined) ? this.layerOf(image.id) : undefined;
      if (bytes !== undefined) return { bytes, basis: 'estimate', from: 'the same instruction in an earlier build' };
    }
    return UNKNOWN_SIZE;
  }

  unnoticed(line: number, probe: ClassicProbe, id: string): readonly Problem[] {
    const { evidence, tree, sums } = this.input;
    const image = this.children.image(id);
    return image === undefined ? [] : unnoticedChanges(line, probe, image, { evidence, tree, sums });
  }

  private layerOf(id: string): number | undefined {
    const image = this.children.image(id);
    if (image?.bytes === undefined) return undefined;
    const parent = image.parent === '' ? 0 : this.children.image(image.parent)?.bytes;
    return parent === undefined ? undefined : image.bytes - parent;
  }
}
