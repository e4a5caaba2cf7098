import { parseDockerfile } from '../../core/dockerfile/dockerfile.js';
import type { Prediction } from '../../core/model/index.js';
import { Random } from '../generator/random.js';
import { BuildahFiles, BuildahStore } from '../unit/support/buildah.js';
import { ClassicEngine, Files } from '../unit/support/classic.js';
import { Engine, project } from '../unit/support/evidence.js';
import { Folder } from '../unit/support/folder.js';
import { mutatedDockerfile } from './mutate.js';

/** Milliseconds of the processor that one input may take. */
const LIMIT = 250;

/** What a run found. */
export interface FuzzResult {
  readonly cases: number;
  /** Cases that fail, each with the seed that repeats it. */
  readonly findings: readonly string[];
  /** The most that one input took, in milliseconds of the processor. */
  readonly slowest: number;
  /** Inputs of which nothing was found wrong. */
  readonly accepted: number;
}

const BUILT = [
  'FROM busybox:1 AS base',
  'RUN echo "$A"',
  'COPY . .',
  'FROM base AS next',
  'ARG V=1',
  'RUN make',
  'COPY --from=base /x /',
  '',
].join('\n');

const FILES = [
  'a 644 @100 =a',
  'a.tar 644 @100 =tar',
  'b/ 755 @100',
  'b/c 644 @900 ?c',
  'l 777 @100 >b',
  'm 777 @100 >m',
];

/** What each builder with builds of the same instructions would do, on a context. */
function predictors(): ((text: string, target: string) => Prediction)[] {
  const args = { V: '1.2.3', 'a b': 'c' };
  const folder = new Folder();
  // a name with a blank cannot be written in such a listing
  folder.look(100, ...FILES);
  const engine = new Engine()
    .build({ text: BUILT, at: 1000, target: 'next' })
    .build({ text: BUILT, at: 5000, cached: 'all' });
  const [classicFiles, buildahFiles] = [new Files(...FILES), new BuildahFiles(...FILES)];
  const classic = new ClassicEngine().build(BUILT, { files: classicFiles });
  const buildah = new BuildahStore().build(BUILT, { files: buildahFiles });
  return [
    (text, target) => project(engine, text, { tree: folder.tree, args, target }).prediction,
    (text, target) => classic.predict(text, { files: classicFiles, args, target }),
    (text, target) => buildah.predict(text, { files: buildahFiles, args, target }),
  ];
}

/** Predicts so many damaged Dockerfiles; each follows from the seed and its number. */
export function fuzz(seed: string, cases: number, onProgress?: (done: number) => void): FuzzResult {
  const builders = predictors();
  const findings: string[] = [];
  let slowest = 0;
  let accepted = 0;
  const predict = (text: string, target: string): number => {
    const lines = parseDockerfile(text).value.instructions.length;
    const times = builders.map((builder) => {
      const started = process.cpuUsage();
      const { builder: of, steps, problems } = builder(text, target);
      const { user } = process.cpuUsage(started);
      const own = steps.filter(({ origin }) => origin === undefined);
      if (own.length !== lines) throw new Error(`${of.kind}: ${own.length} steps for ${lines} instructions`);
      if (of.kind === 'buildkit' && problems.length === 0) accepted++;
      return user / 1000;
    });
    return Math.max(...times);
  };
  for (let index = 0; index < cases && findings.length < 20; index++) {
    const text = mutatedDockerfile(new Random(`${seed}/${index}`));
    const target = index % 3 === 0 ? 'first' : '';
    const told = `${seed}/${index}`;
    try {
      let took = predict(text, target);
      // memory may have been tidied up meanwhile
      if (took > LIMIT) took = Math.min(predict(text, target), predict(text, target));
      slowest = Math.max(slowest, took);
      if (took > LIMIT) findings.push(`${told} takes ${Math.round(took)} ms: ${shown(text)}`);
    } catch (error) {
      findings.push(
        `${told}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}: ${shown(text)}`,
      );
    }
    if (index % 1000 === 999) onProgress?.(index + 1);
  }
  return { cases, findings, slowest, accepted };
}

function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 2000 ? `${quoted.slice(0, 2000)}…` : quoted;
}
