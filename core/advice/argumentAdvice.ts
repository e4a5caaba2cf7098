import type { ArgInstruction, Instruction } from '../dockerfile/instruction';
import type { PredictedStep, Prediction } from '../model';
import type { Advice } from './advice';

/** Milliseconds below which nothing is said. */
const LEAST = 1000;

/**
 * Arguments and variables whose new value makes instructions rebuild that do not name them, with what these took when
 * they were last executed.
 */
export function argumentAdvice(
  { steps }: Pick<Prediction, 'steps'>,
  instructions: readonly Instruction[],
  write: (milliseconds: number) => string,
): Advice[] {
  const advice: Advice[] = [];
  for (const root of steps) {
    const { variable, code } = root.reason;
    const isVariable = code === 'argument-changed' || code === 'environment-changed';
    if (root.verdict !== 'rebuild' || !isVariable || variable?.line === undefined) continue;
    const declared = instructions.find(({ line }) => line.start === variable.line);
    if (declared === undefined || (declared.kind !== 'arg' && declared.kind !== 'env')) continue;
    const stage = steps.filter(({ stageIndex }) => stageIndex === root.stageIndex);
    // an argument before the first FROM is declared again in the stages that use it
    if (!stage.some(({ line }) => line.start === declared.line.start)) continue;
    const isNamed = new RegExp(`\\$(?:${escaped(variable.name)}\\b|\\{${escaped(variable.name)}\\b)`);
    const first = stage.find(({ line, text }) => line.start > declared.line.start && isNamed.test(text));
    const inVain = stage.filter(
      ({ line, verdict, reason }) =>
        verdict === 'rebuild' &&
        line.start > declared.line.start &&
        line.start < (first?.line.start ?? Infinity) &&
        (line.start === root.line.start || reason.causeLine === root.line.start),
    );
    const took = inVain.reduce((sum, { lastDurationMs }) => sum + (lastDurationMs ?? 0), 0);
    if (took < LEAST) continue;
    advice.push({
      ...{ code: 'argument-too-early', line: declared.line, bytes: 0, related: inVain.map(related) },
      message:
        `${variable.name} has another value, so that ${linesOf(inVain)} (${write(took)} last time) although ` +
        `${inVain.length === 1 ? 'it does' : 'they do'} not name it: ` +
        `declare it ${first === undefined ? 'only where it is used' : `later, before line ${first.line.start}`}.`,
      edits: first === undefined || !isAlone(declared) ? [] : [move(declared, first.line.start)],
    });
  }
  return advice;
}

function move({ line, declarations }: ArgInstruction, before: number): Advice['edits'][number] {
  const [declaration] = declarations;
  const title = `Move ARG ${declaration?.name ?? ''} before line ${before} (commands in between do not get it then)`;
  return { kind: 'move', title, line, before };
}

/** ENV is in the image, where its place among others can be seen. */
function isAlone(instruction: Instruction): instruction is ArgInstruction {
  return instruction.kind === 'arg' && instruction.declarations.length === 1;
}

function related({ line }: PredictedStep): Advice['related'][number] {
  return { line, message: 'rebuilds, and does not name it' };
}

function linesOf(steps: readonly PredictedStep[]): string {
  const lines = steps.map(({ line }) => line.start).join(', ');
  return steps.length === 1 ? `line ${lines} rebuilds` : `lines ${lines} rebuild`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
