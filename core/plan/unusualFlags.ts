import type { StageInstruction } from '../dockerfile/instruction';
import type { LoweringScope } from './lower';

/**
 * What becomes of a flag that only newer frontends know (`since`; undefined: no stable one). The frontend of an older
 * release refuses the file; what a later one makes of it was not verified.
 */
export function unusualFlag(
  name: string,
  { options, file }: Pick<LoweringScope, 'options' | 'file'>,
  since: readonly [number, number] | undefined,
): { failure?: string; uncovered?: string } {
  const { frontend } = options;
  // another frontend image decides
  const isOwn = file.directives.syntax === undefined && !options.buildArgs.has('BUILDKIT_SYNTAX');
  if (isOwn && frontend !== undefined && (since === undefined || isBefore(frontend, since))) {
    return { failure: `unknown flag: --${name}` };
  }
  return { uncovered: `--${name} was not verified on a builder` };
}

/** Why the frontend refuses an instruction for a flag it does not know, in whatever stage it is. */
export function unusualFlagFailure(
  instruction: StageInstruction,
  scope: Pick<LoweringScope, 'options' | 'file'>,
): string | undefined {
  if (instruction.kind === 'copy' && instruction.parents) return unusualFlag('parents', scope, [0, 26]).failure;
  if (instruction.kind !== 'run') return undefined;
  if (instruction.security !== '') return unusualFlag('security', scope, [0, 26]).failure;
  return instruction.devices.length > 0 ? unusualFlag('device', scope, undefined).failure : undefined;
}

function isBefore(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}
