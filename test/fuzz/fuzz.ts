import { parseDockerfile } from '../../core/dockerfile/dockerfile.js';
import { Random } from '../generator/random.js';
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

/** An engine with builds of the same instructions, and a context. */
function surroundings() {
  const folder = new Folder();
  // a name with a blank cannot be written in such a listing
  folder.look(
    100,
    ...['a 644 @100 =a', 'a.tar 644 @100 =tar', 'b/ 755 @100', 'b/c 644 @900 ?c', 'l 777 @100 >b', 'm 777 @100 >m'],
  );
  const engine = new Engine()
    .build({ text: BUILT, at: 1000, target: 'next' })
    .build({ text: BUILT, at: 5000, cached: 'all' });
  return { engine, tree: folder.tree };
}

/** Predicts so many damaged Dockerfiles; each follows from the seed and its number. */
export function fuzz(seed: string, cases: number, onProgress?: (done: number) => void): FuzzResult {
  const { engine, tree } = surroundings();
  const findings: string[] = [];
  let slowest = 0;
  let accepted = 0;
  const predict = (text: string, target: string): number => {
    const started = process.cpuUsage();
    const { prediction } = project(engine, text, { tree, args: { V: '1.2.3', 'a b': 'c' }, target });
    const { user } = process.cpuUsage(started);
    const own = prediction.steps.filter(({ origin }) => origin === undefined);
    const lines = parseDockerfile(text).value.instructions.length;
    if (own.length !== lines) throw new Error(`${own.length} steps for ${lines} instructions`);
    if (prediction.problems.length === 0) accepted++;
    return user / 1000;
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
