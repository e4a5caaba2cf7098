import type { DockerfileLines, InstructionLines, StageLines } from './dockerfileLines.js';
import type { Vertex } from './progress.js';

/**
 * A failed build has no provenance, so its vertices are mapped to lines by what their names say: `[STAGE n/m] TEXT`,
 * where n counts the steps of the stage (an external FROM is the first; `WORKDIR /` makes no step and takes no number,
 * but is counted in m). What cannot be mapped exactly is left out.
 */

interface NamedVertex {
  readonly vertex: Vertex;
  readonly stage: string;
  readonly number: number;
  readonly total: number;
  readonly keyword: string;
}

const STEP_KEYWORDS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

function parseName(vertex: Vertex): NamedVertex | undefined {
  // `[linux/amd64 build 2/4] COPY …`, `[build 2/4] COPY …`, `[2/4] COPY …`
  const match = /^\[(?:\S+\/\S+ (?=\S))?(?:(\S+) )?(\d+)\/(\d+)\] (\S+)/.exec(vertex.name);
  if (!match) return undefined;
  return {
    vertex,
    stage: (match[1] ?? '').toLowerCase(),
    number: Number(match[2]),
    total: Number(match[3]),
    keyword: (match[4] ?? '').toUpperCase(),
  };
}

/** The vertices of a stage by step number. A vertex shared with another stage has that stage's name: follow the chain. */
function numbered(named: readonly NamedVertex[], vertices: ReadonlyMap<string, Vertex>): Map<number, NamedVertex> {
  const byDigest = new Map<string, NamedVertex>();
  for (const vertex of vertices.values()) {
    const parsed = parseName(vertex);
    if (parsed) byDigest.set(vertex.digest, parsed);
  }
  const steps = new Map(named.map((one) => [one.number, one]));
  for (let number = Math.max(0, ...steps.keys()); number > 1; number--) {
    const parent = steps.get(number)?.vertex.inputs[0];
    const found = parent === undefined ? undefined : byDigest.get(parent);
    if (found && !steps.has(number - 1)) steps.set(number - 1, found);
  }
  return steps;
}

function resolvesToRoot(instruction: InstructionLines): boolean | undefined {
  const path = instruction.rest.trim();
  if (path.includes('$') || path.includes('..') || /["'\\]/.test(path)) return undefined;
  if (/^(?:\/|\/?\.)+$/.test(path) && path.startsWith('/')) return true;
  return path.startsWith('/') ? false : undefined;
}

/** The stage's instructions that have a vertex, in order, or undefined when that cannot be told. */
function stepInstructions(stage: StageLines, named: readonly NamedVertex[]): InstructionLines[] | undefined {
  const candidates = stage.instructions.filter((one) => STEP_KEYWORDS.has(one.keyword));
  const total = named[0]?.total ?? 0;
  const counted = total - candidates.length;
  if (counted !== 0 && counted !== 1) return undefined; // ONBUILD triggers or something else that is not in the text
  const first = named.find((one) => one.number === 1);
  if (first && (first.keyword === 'FROM') !== (counted === 1)) return undefined; // a trigger that makes no step
  const highest = Math.max(...named.map((one) => one.number));
  const roots = candidates.filter((one) => one.keyword === 'WORKDIR' && resolvesToRoot(one) === true);
  const open = candidates.filter((one) => one.keyword === 'WORKDIR' && resolvesToRoot(one) === undefined);
  if (open.length > 0 && total - highest !== roots.length) return undefined;
  return candidates.filter((one) => !roots.includes(one));
}

/** Instruction to vertex, or to `no-step`, for as many instructions as can be mapped exactly. */
export function mapByName(
  file: DockerfileLines,
  vertices: ReadonlyMap<string, Vertex>,
): ReadonlyMap<InstructionLines, Vertex | 'no-step'> {
  const mapped = new Map<InstructionLines, Vertex | 'no-step'>();
  const all = [...vertices.values()].flatMap((vertex) => parseName(vertex) ?? []);
  for (const stage of file.stages) {
    const labels = new Set([stage.name ?? `stage-${stage.index}`, ...(file.stages.length === 1 ? [''] : [])]);
    const named = all.filter((one) => labels.has(one.stage));
    if (named.length === 0) continue;
    const steps = stepInstructions(stage, named);
    if (!steps) continue;
    const candidates = stage.instructions.filter((one) => STEP_KEYWORDS.has(one.keyword));
    const offset = (named[0]?.total ?? 0) - candidates.length + 1;
    for (const one of candidates) if (!steps.includes(one)) mapped.set(one, 'no-step');
    const byNumber = numbered(named, vertices);
    for (const [index, instruction] of steps.entries()) {
      const found = byNumber.get(index + offset);
      if (found?.keyword === instruction.keyword) mapped.set(instruction, found.vertex);
    }
  }
  return mapped;
}
