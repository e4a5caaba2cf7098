import type { ChainStage, ChainStep } from '../chain/step';
import type { ChainDoubts, ChainLookup, StepOutcome } from '../chain/walk';
import type { BuildahProbe } from './probe';

type Stage = ChainStage<BuildahProbe>;
type Step = ChainStep<BuildahProbe>;

/** A step that would be executed or found, with all that it stands on. */
interface Standing {
  readonly stage: Stage;
  readonly step: Step;
  /** Its place in the stage. */
  readonly place: number;
  readonly root: string;
  /** From the first step on the root to itself. */
  readonly probes: readonly BuildahProbe[];
}

/**
 * Steps that two stages would make alike, where nobody knows which stage comes first: a stage that waits for another one
 * lets later stages pass (imagebuildah executor.go waitForStage gives its turn away while it waits). Whichever comes
 * second finds what the first has made.
 */
export function contestedSteps(
  stages: readonly Stage[],
  outcomes: readonly (readonly StepOutcome[])[],
  lookup: Pick<ChainLookup<BuildahProbe>, 'image' | 'isSame'>,
): ChainDoubts<BuildahProbe> {
  const doubts = new Map<Step, { readonly code: 'depends-on-output'; readonly message: string }>();
  const all = stages.filter(({ needed }) => needed).flatMap((stage) => standings(stage, stages, lookup));
  for (const first of all) {
    // what is kept already is found by both
    if (outcomes[first.stage.index]?.[first.place]?.kind === 'hit' || !waits(first.stage, first.place)) continue;
    for (const second of all) {
      if (second.stage.index <= first.stage.index || isAfter(second, first.stage, stages)) continue;
      if (!isAlike(first, second, lookup)) continue;
      const say = (one: Standing, other: Standing): void => {
        const message = `stage ${other.stage.label} may make the same first: Podman does not always build stages in their order`;
        doubts.set(one.step, { code: 'depends-on-output', message: `${message} (line ${other.step.line.start})` });
      };
      say(first, second);
      say(second, first);
    }
  }
  return doubts;
}

/** The steps of a stage up to the first of which it is not known what it is looked up by. */
function standings(
  stage: Stage,
  stages: readonly Stage[],
  lookup: Pick<ChainLookup<BuildahProbe>, 'image'>,
): Standing[] {
  const below = rootOf(stage, stages, lookup);
  if (below === undefined) return [];
  const probes = [...below.probes];
  const list: Standing[] = [];
  for (const [place, step] of stage.steps.entries()) {
    if (step.kind !== 'step') break;
    probes.push(step.probe);
    list.push({ stage, step, place, root: below.root, probes: [...probes] });
  }
  return list;
}

function rootOf(
  { base }: Stage,
  stages: readonly Stage[],
  lookup: Pick<ChainLookup<BuildahProbe>, 'image'>,
): Pick<Standing, 'root' | 'probes'> | undefined {
  if (base.kind === 'scratch') return { root: '', probes: [] };
  if (base.kind === 'image') return { root: lookup.image(base.name) ?? base.name, probes: [] };
  const below = base.kind === 'stage' ? stages[base.index] : undefined;
  const root = below === undefined ? undefined : rootOf(below, stages, lookup);
  if (below === undefined || root === undefined) return undefined;
  const probes = below.steps.flatMap((step) => (step.kind === 'step' ? [step.probe] : []));
  return probes.length < below.steps.length ? undefined : { root: root.root, probes: [...root.probes, ...probes] };
}

/** Does the stage wait for another one before this step of it is looked up? */
function waits(stage: Stage, place: number): boolean {
  return waitedFor(stage, place).length > 0;
}

/** Stages that have ended before a step of a stage is looked up, without those that they waited for. */
function waitedFor({ base, steps }: Stage, place: number): number[] {
  const waited = base.kind === 'stage' ? [base.index] : [];
  for (const step of steps.slice(0, place + 1)) {
    if (step.kind !== 'step') continue;
    const { copy, stages } = step.probe;
    if (copy?.from.kind === 'stage') waited.push(copy.from.index);
    waited.push(...stages);
  }
  return waited;
}

/** Has a stage certainly ended when a step is looked up? */
function isAfter({ stage, place }: Standing, earlier: Stage, stages: readonly Stage[]): boolean {
  const seen = new Set<number>();
  const queue = waitedFor(stage, place);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === earlier.index) return true;
    const one = stages[next];
    if (one === undefined || seen.has(next)) continue;
    seen.add(next);
    queue.push(...waitedFor(one, one.steps.length));
  }
  return false;
}

function isAlike(a: Standing, b: Standing, lookup: Pick<ChainLookup<BuildahProbe>, 'isSame'>): boolean {
  return (
    a.root === b.root &&
    a.probes.length === b.probes.length &&
    a.probes.every((probe, index) => {
      const other = b.probes[index];
      return other !== undefined && (probe === other || lookup.isSame(probe, other) !== false);
    })
  );
}
