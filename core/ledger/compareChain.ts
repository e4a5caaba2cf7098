import type { KeptImage } from '../chain/basis';
import type { Sha256 } from '../evidence/facts';
import type { BuilderKind } from '../model';
import type { ChainGraph } from './chainGraph';
import { FollowedChains, type SeenStep } from './followChain';
import type { Comparison } from './ledger';
import { JudgedChains, type Beginning, type PathStep } from './judgeChain';
import { shortPlace, type NotedChain } from './notedChain';

/** What is known when builds are looked for. */
export interface ChainFacts {
  readonly builder: BuilderKind;
  /** The id of the engine; empty where it has none. */
  readonly engine: string;
  /** The images that are there now. */
  readonly graph: ChainGraph;
  /** Engine clock minus this machine's clock, and how far that may be off; milliseconds. */
  readonly clockOffset: number;
  readonly clockMargin: number;
  readonly sha256: Sha256;
}

/** A build as its images tell of it, and what it says of a prediction. */
export interface ChainBuild {
  /** The id of the first image that it made: its last one is another as long as it runs. */
  readonly ref: string;
  /** When that was made and when the last one was, in milliseconds since the epoch by the engine's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly noted: NotedChain;
  readonly comparison: Comparison;
  /** The steps of which an image was found; undefined in what was kept by a version that did not look. */
  readonly seen?: readonly SeenStep[];
}

/**
 * Looks for the builds that predictions were followed by. A build is told by its new images: the first of them on a known
 * one that the prediction knew, with the text that was expected, or that text with another content. What a build does
 * without making an image leaves no trace. Each build is compared with the last prediction that was made before it.
 */
export function chainBuilds(noted: readonly NotedChain[], facts: ChainFacts): ChainBuild[] {
  const told = new Set<string>();
  const builds: ChainBuild[] = [];
  for (const one of [...noted].sort((a, b) => b.madeAt - a.madeAt)) {
    if (one.builder.kind !== facts.builder || one.engine !== facts.engine) continue;
    const build = buildAfter(one, facts, told);
    if (build !== undefined) builds.push(build);
  }
  return builds;
}

function buildAfter(noted: NotedChain, facts: ChainFacts, told: Set<string>): ChainBuild | undefined {
  const { graph, clockOffset, clockMargin } = facts;
  const finder = new Finder(noted, graph, noted.madeAt + clockOffset - clockMargin);
  const beginnings = noted.stages.flatMap((_, stage) => {
    const first = earliest(finder.beginnings(pathOf(noted, stage)));
    return first === undefined ? [] : [first];
  });
  const firsts = beginnings.map(firstOf);
  const isTold = firsts.some(({ id }) => told.has(id));
  for (const { id } of firsts) told.add(id);
  const [first] = [...firsts].sort((a, b) => a.created - b.created);
  if (first === undefined || isTold || beginnings.some((one) => looksUncached(one, graph))) return undefined;
  const judged = new JudgedChains(noted, graph, (image) => finder.isNew(image));
  for (const one of beginnings) judged.add(one);
  const comparison = judged.comparison();
  const followed = new FollowedChains(graph, (image) => finder.isNew(image), facts.sha256);
  for (const one of beginnings) followed.add(one);
  const { id: ref, created: startedAt } = first;
  const { endedAt } = judged;
  return { ref: ref.replace(/^sha256:/, ''), startedAt, endedAt, noted, comparison, seen: followed.steps };
}

/**
 * Was the very first step executed although it was said to be a hit? So it is with `--no-cache`, with caches from
 * elsewhere and with other formats, which nothing tells of afterwards. With other files there was no result to be found.
 */
function looksUncached({ path, images }: Beginning, graph: ChainGraph): boolean {
  const [step, image] = [path[0]?.step, images[0]];
  if (images.length !== 1 || step?.image === undefined || image === undefined) return false;
  return graph.match(image, step) === 'same';
}

function firstOf({ images }: Beginning): KeptImage {
  const last = images.at(-1);
  if (last === undefined) throw new Error('a build without images');
  return last;
}

function earliest(beginnings: readonly Beginning[]): Beginning | undefined {
  const [first] = [...beginnings].sort((a, b) => firstOf(a).created - firstOf(b).created);
  return first;
}

/** The steps of a stage after those of the stages that it stands on. */
function pathOf(
  { stages }: Pick<NotedChain, 'stages'>,
  index: number,
): { base: string; steps: readonly PathStep[] } | undefined {
  const stage = stages[index];
  if (stage === undefined || stage === null || stage.base === undefined) return undefined;
  const own = stage.steps.map((step, position) => ({ stage: index, index: position, step }));
  if (typeof stage.base === 'string') return { base: stage.base, steps: own };
  const under = stage.base.stage < index ? pathOf({ stages }, stage.base.stage) : undefined;
  return under && { base: under.base, steps: [...under.steps, ...own] };
}

class Finder {
  private readonly known: ReadonlySet<string>;

  constructor(
    noted: NotedChain,
    private readonly graph: ChainGraph,
    /** By the engine's clock. */
    private readonly since: number,
  ) {
    this.known = new Set(noted.known);
  }

  isNew({ place }: KeptImage): boolean {
    return !this.known.has(shortPlace(place));
  }

  beginnings(path: { base: string; steps: readonly PathStep[] } | undefined): Beginning[] {
    const found: Beginning[] = [];
    if (path !== undefined) this.find(path.base, path.steps, [], found);
    return found;
  }

  private find(place: string, path: readonly PathStep[], images: readonly KeptImage[], found: Beginning[]): void {
    const step = path[images.length]?.step;
    if (step === undefined) return;
    for (const image of this.graph.of(place)) {
      if (this.graph.match(image, step) === 'other') continue;
      const until = [...images, image];
      if (!this.isNew(image)) this.find(image.place, path, until, found);
      // what is new but older was loaded, or made while the prediction was
      else if (image.created >= this.since) found.push({ path, images: until });
    }
  }
}
