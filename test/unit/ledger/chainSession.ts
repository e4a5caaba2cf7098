import { buildahChain } from '../../../core/buildah/chainBasis';
import type { ChainBasis } from '../../../core/chain/basis';
import { classicChain } from '../../../core/classic/chainBasis';
import { ChainGraph } from '../../../core/ledger/chainGraph';
import { chainBuilds, type ChainBuild, type ChainFacts } from '../../../core/ledger/compareChain';
import type { LedgerEntry } from '../../../core/ledger/ledger';
import { noteChain } from '../../../core/ledger/noteChain';
import type { NotedChain } from '../../../core/ledger/notedChain';
import { RULES } from '../../../core/ledger/rules';
import type { Prediction } from '../../../core/model';
import { sha256 } from '../../../core/node/sha256';
import { BuildahFiles, BuildahStore } from '../support/buildah';
import { ClassicEngine, Files } from '../support/classic';

/** What both builders are asked for. */
export interface Asked {
  readonly files?: readonly string[];
  readonly ignore?: readonly string[];
  readonly args?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  readonly target?: string;
}

/** A builder whose images are its cache, and what was predicted for it. */
export interface ChainHost {
  readonly kind: 'classic' | 'buildah';
  readonly now: number;
  later(seconds: number): unknown;
  build(text: string, asked?: Asked): void;
  project(text: string, asked?: Asked): { readonly prediction: Prediction; readonly chain: () => ChainBasis };
  graph(): ChainGraph;
  /** Removes the newest image. */
  removeNewest(): void;
  readonly images: readonly { readonly id: string }[];
}

/** The two of them, new. */
export const HOSTS: readonly [readonly [string, () => ChainHost], ...(readonly [string, () => ChainHost])[]] = [
  ['the classic builder', classicHost],
  ['Buildah', buildahHost],
];

function classicHost(): ChainHost {
  const engine = new ClassicEngine().later(1);
  const filled = ({ files, ...rest }: Asked = {}) => ({ ...rest, ...(files && { files: new Files(...files) }) });
  return {
    kind: 'classic',
    get now() {
      return engine.now;
    },
    get images() {
      return engine.images;
    },
    later: (seconds) => engine.later(seconds),
    build: (text, asked) => void engine.build(text, filled(asked)),
    project: (text, asked) => engine.project(text, filled(asked)),
    graph: () => new ChainGraph(classicChain(engine.evidence()), sha256),
    removeNewest: () => void engine.images.pop(),
  };
}

function buildahHost(): ChainHost {
  const store = new BuildahStore().later(1);
  const filled = ({ files, ...rest }: Asked = {}) => ({ ...rest, ...(files && { files: new BuildahFiles(...files) }) });
  return {
    kind: 'buildah',
    get now() {
      return store.now;
    },
    get images() {
      return store.images;
    },
    later: (seconds) => store.later(seconds),
    build: (text, asked) => void store.build(text, filled(asked)),
    project: (text, asked) => store.project(text, filled(asked)),
    graph: () => new ChainGraph(buildahChain(store.evidence(), sha256), sha256),
    removeNewest: () => void store.images.pop(),
  };
}

/** What is predicted now, as it is noted. */
export function notedOrNot(host: ChainHost, text: string, asked: Asked = {}): NotedChain | undefined {
  const { prediction, chain } = host.project(text, asked);
  host.later(1);
  return noteChain({ prediction, basis: chain(), patterns: [], madeAt: host.now }, sha256);
}

/** The same, which has to be. */
export function noted(host: ChainHost, text: string, asked: Asked = {}): NotedChain {
  const one = notedOrNot(host, text, asked);
  if (one === undefined) throw new Error('nothing was noted');
  return one;
}

/** The builds that are told by the images of now. */
export function builds(
  host: ChainHost,
  notes: readonly NotedChain[],
  changes: Partial<ChainFacts> = {},
): readonly ChainBuild[] {
  const clock = { clockOffset: 0, clockMargin: 0 };
  return chainBuilds(notes, { builder: host.kind, engine: '', graph: host.graph(), ...clock, sha256, ...changes });
}

/** `2 right, 1 wrong, 1 other-files` of each build. */
export function inWords(found: readonly ChainBuild[]): string[] {
  return found.map(({ comparison }) => {
    const scores = Object.values(comparison.classes);
    const sum = (place: 0 | 1): number => scores.reduce((total, score) => total + score[place], 0);
    const skipped = Object.entries(comparison.notJudged).map(([why, count]) => `${count} ${why}`);
    return [`${sum(0)} right`, `${sum(1)} wrong`, ...skipped].join(', ');
  });
}

/** The same prediction, but another verdict on the step of a line. */
export function falsified(
  note: NotedChain,
  line: number,
  change: { readonly verdict: 'cached' | 'rebuild'; readonly image?: string },
): NotedChain {
  const stages = note.stages.map(
    (stage) =>
      stage && {
        ...stage,
        steps: stage.steps.map((step) => {
          if (step.line !== line) return step;
          const { line: at, instruction, certainty, code, texts, shape } = step;
          return {
            ...{ line: at, instruction, certainty, texts, ...(shape === undefined ? {} : { shape }) },
            ...{ ...change, code: change.verdict === 'cached' ? ('same-as-build' as const) : code },
          };
        }),
      },
  );
  return { ...note, stages };
}

/** The entry of a build in the record. */
export function entryOf({ ref, endedAt, noted: { dockerfile }, comparison }: ChainBuild): LedgerEntry {
  return { ref, at: endedAt, rules: RULES, dockerfile, ...comparison };
}
