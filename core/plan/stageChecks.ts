import type { Dockerfile } from '../dockerfile/dockerfile';
import { expandWord } from '../dockerfile/expand';
import type { StageInstruction } from '../dockerfile/instruction';
import { mountSource } from './mounts';
import type { ResolvedStage, SourceStage } from './stages';

/** Finds what a `--from` names, wherever in the file it is. */
export interface SourceLookUp {
  readonly byNameOrIndex: (name: string) => SourceStage;
  readonly byName: (name: string) => SourceStage;
  /** Told of each source that is no stage of the file. */
  readonly found: (source: SourceStage) => void;
}

/** Another stage or an image that an instruction takes files from, or why it cannot. */
interface Use {
  readonly instruction: StageInstruction;
  readonly source: SourceStage;
}

/**
 * Instructions that the builder refuses in every stage, needed or not, before it looks at what they do: what `--from`
 * names, and stages that need each other (dockerfile2llb/convert.go toCommand, validateCircularDependency).
 */
export function refusedInstructions(
  file: Dockerfile,
  stages: readonly ResolvedStage[],
  lookUp: SourceLookUp,
): ReadonlyMap<StageInstruction, string> {
  const refused = new Map<StageInstruction, string>();
  const needs = new Map<ResolvedStage, Map<ResolvedStage, StageInstruction>>();
  for (const stage of stages) {
    const needed = new Map<ResolvedStage, StageInstruction>();
    needs.set(stage, needed);
    for (const { instruction, onbuild } of stage.instructions) {
      // triggers are looked at later, and only where they are needed
      if (onbuild) continue;
      for (const { source } of usesOf(instruction, file, lookUp)) {
        if (source.kind === 'stage') needed.set(source.stage, instruction);
        else if (source.kind === 'invalid' && !refused.has(instruction)) refused.set(instruction, source.error);
        if (source.kind !== 'stage') lookUp.found(source);
      }
    }
  }
  const circle = findCircle(needs);
  if (circle !== undefined && !refused.has(circle.instruction)) refused.set(circle.instruction, circle.message);
  return refused;
}

function usesOf(instruction: StageInstruction, file: Dockerfile, lookUp: SourceLookUp): Use[] {
  if (instruction.kind === 'copy') {
    const { from } = instruction;
    if (from === '') return [];
    const plain = expandWord(from, new Map(), { escape: file.escape });
    const error = plain.error ?? (plain.value === from ? undefined : NO_VARIABLES);
    return [{ instruction, source: error === undefined ? lookUp.byNameOrIndex(from) : { kind: 'invalid', error } }];
  }
  if (instruction.kind !== 'run') return [];
  // a mount without `from` counts as one from scratch, which may be the name of a stage (convert_runmount.go)
  return instruction.mounts.map((text) => ({ instruction, source: lookUp.byName(mountSource(text) || 'scratch') }));
}

const NO_VARIABLES =
  'variable expansion is not supported for --from: give a stage that name with FROM, where global arguments are expanded';

interface Circle {
  readonly instruction: StageInstruction;
  readonly message: string;
}

/** One way to go from stage to stage, with the edges that were not followed yet. */
interface Visit {
  readonly stage: ResolvedStage;
  readonly left: [ResolvedStage, StageInstruction][];
}

/** Without recursion: a file may have very many stages. */
function findCircle(
  needs: ReadonlyMap<ResolvedStage, ReadonlyMap<ResolvedStage, StageInstruction>>,
): Circle | undefined {
  const visited = new Set<ResolvedStage>();
  const visit = (stage: ResolvedStage): Visit => ({ stage, left: [...(needs.get(stage) ?? [])] });
  for (const first of needs.keys()) {
    if (visited.has(first)) continue;
    const path = [visit(first)];
    const onPath = new Set([first]);
    visited.add(first);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.left.shift();
      if (next === undefined) {
        path.pop();
        onPath.delete(top.stage);
        continue;
      }
      const [stage, instruction] = next;
      if (onPath.has(stage)) {
        const names = path.slice(path.findIndex((one) => one.stage === stage)).map((one) => one.stage.label);
        return { instruction, message: circleMessage(names) };
      }
      if (visited.has(stage)) continue;
      visited.add(stage);
      onPath.add(stage);
      path.push(visit(stage));
    }
  }
  return undefined;
}

function circleMessage(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length === 1) return `circular dependency: stage "${first}" takes files from itself`;
  return `circular dependency: stage ${[...names, first].map((name) => `"${name}"`).join(' needs ')}`;
}
