import type { BadInput } from './input.js';

/** What a builder or a prediction says of a Dockerfile. */
export interface Answer {
  readonly refused: boolean;
  /** Lines that it names; none where it only says that it refuses. */
  readonly lines: readonly number[];
}

/** Problems with which the build does not come to its first step, and one that the builder has no line for. */
const STOPPING = ['bad-instruction', 'missing-stage', 'ignore-pattern-invalid', 'ignore-file-unreadable'];

/** What a prediction says, from its problems and from the lines of its steps that fail. */
export function predictedAnswer(
  problems: readonly { readonly code: string; readonly line?: number | undefined }[],
  failing: readonly number[],
): Answer {
  const stopping = problems.filter(({ code }) => STOPPING.includes(code));
  // whether such bytes stop the build depends on where they are, so that they are said without a verdict
  const bytes = problems.filter(({ code }) => code === 'not-utf8');
  const lines = [...stopping, ...bytes].flatMap(({ line }) => (line === undefined ? [] : [line]));
  return { refused: stopping.length + failing.length > 0, lines: [...lines, ...failing] };
}

/** How a prediction differs from what the builder did; undefined when it does not. */
export function difference(input: BadInput, builder: Answer, predicted: Answer): string | undefined {
  if (input.open !== undefined) return undefined;
  if (!builder.refused) return predicted.refused ? `${input.name}: the builder accepts it` : undefined;
  const isSaid = predicted.refused || predicted.lines.length > 0;
  if (!isSaid) return `${input.name}: the builder refuses it`;
  const expected = input.line === undefined ? builder.lines : [input.line];
  if (expected.length === 0 || expected.some((line) => predicted.lines.includes(line))) return undefined;
  return `${input.name}: line ${expected.join(', ')}, not ${predicted.lines.join(', ')}`;
}

/** What a build printed (`--progress=plain`): the lines of its excerpt, and the one in its message. */
export function builderAnswer(code: number | null, output: string): Answer {
  const excerpt = [...output.matchAll(/^ *(\d+) \| >>>/gm)].map(([, line]) => Number(line));
  const named = /parse error on line (\d+)/.exec(output)?.[1];
  const lines = named === undefined ? excerpt : [...excerpt, Number(named)];
  return { refused: code !== 0, lines: [...new Set(lines)] };
}

/** The Dockerfile as it is written to disk. */
export function bytesOf({ dockerfile }: BadInput, baseImage: string): Buffer {
  if (typeof dockerfile === 'string') return Buffer.from(dockerfile.replaceAll('BASE', baseImage));
  return Buffer.from(dockerfile.toString('latin1').replaceAll('BASE', baseImage), 'latin1');
}
