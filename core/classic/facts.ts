import { holdsVariable, type FactWriter, pairOf, type StepFacts } from '../chain/facts';
import type { ChainStep } from '../chain/step';
import { splitArguments } from './causes';
import type { ClassicProbe, CopyProbe } from './probe';

/**
 * What a step is made of, as the classic builder compares it: words of the command, and the configuration (moby
 * image/cache/compare.go).
 *
 * @param placeOf which image a name stands for
 */
export function classicFacts(
  step: ChainStep<ClassicProbe>,
  probe: ClassicProbe,
  writer: FactWriter,
  placeOf: (name: string) => string | undefined,
): StepFacts {
  const { config, command, copy, declares, document } = probe;
  if (copy !== undefined) return copyFacts(step, copy, writer, placeOf);
  switch (step.instruction) {
    case 'RUN': {
      const { values, rest } = splitArguments(command);
      const documents = document === undefined ? {} : { document };
      return { parts: writer.parts({ args: rest, ...documents }), args: writer.named(values.map(pairOf)) };
    }
    case 'ARG':
      return { parts: {}, args: writer.named(declares ?? [], step.text) };
    case 'ENV':
      return { parts: {}, env: writer.variables(config.env, step) };
    case 'LABEL':
      return { parts: {}, labels: writer.named(Object.entries(config.labels), step.text) };
    case 'WORKDIR':
      return { parts: writer.parts({ path: config.workingDir }) };
    case 'USER':
      return { parts: writer.parts({ user: config.user }) };
    case 'HEALTHCHECK':
      // of its text only the beginning is compared
      return { parts: writer.parts({ healthcheck: config.healthcheck }) };
    default:
      return { parts: {} };
  }
}

function copyFacts(
  step: ChainStep<ClassicProbe>,
  { head, sources, destination, from }: CopyProbe,
  writer: FactWriter,
  placeOf: (name: string) => string | undefined,
): StepFacts {
  const image = from.kind === 'image' ? { image: placeOf(from.name) } : {};
  const parts = writer.parts({ owner: head, destination, sources, from, ...image });
  if (from.kind !== 'context') return { parts };
  return { parts, takes: { sources, isWritten: !holdsVariable(step) } };
}
