import { holdsVariable, type FactWriter, type NamedDigest, type StepFacts } from '../chain/facts';
import type { ChainStep } from '../chain/step';
import { MOUNT_PART } from '../evidence/facts';
import type { BuildahCopy, BuildahProbe, BuildahRun } from './probe';

/**
 * What a step is made of. Of what is in the configuration Buildah compares nothing (imagebuildah/stage_executor.go
 * getCreatedBy): that it differs is still worth saying.
 *
 * @param placeOf which image a name stands for
 */
export function buildahFacts(
  step: ChainStep<BuildahProbe>,
  probe: BuildahProbe,
  writer: FactWriter,
  placeOf: (name: string) => string | undefined,
): StepFacts {
  const { copy, run, names, makes } = probe;
  if (copy !== undefined) return copyFacts(step, probe.text, copy, writer, placeOf);
  if (run !== undefined) return runFacts(step, probe, run, writer, placeOf);
  // only the names stand in the text of an ARG (getBuildArgsKey)
  if (names !== undefined) return { parts: {}, args: writer.named(names.map((name) => [name, ''])) };
  if (makes === undefined) return { parts: {} };
  switch (step.instruction) {
    case 'ENV':
      return { parts: {}, env: writer.variables(makes.env, step) };
    case 'LABEL':
      return { parts: {}, labels: writer.named(Object.entries(makes.labels), step.text) };
    case 'WORKDIR':
      return { parts: writer.parts({ path: makes.workingDir }) };
    case 'USER':
      return { parts: writer.parts({ user: makes.user }) };
    default:
      return { parts: writer.parts({ ports: makes.ports }) };
  }
}

function copyFacts(
  step: ChainStep<BuildahProbe>,
  text: string,
  { from, chown, rule, excludes, destination, after, sources, documents }: BuildahCopy,
  writer: FactWriter,
  placeOf: (name: string) => string | undefined,
): StepFacts {
  const image = from.kind === 'image' ? { image: placeOf(from.name) } : {};
  const parts = writer.parts({
    ...{ owner: chown, mode: rule.chmod, exclude: excludes, link: text.includes(' --link ') },
    ...{ destination: [destination, after], sources, documents, from, ...image },
  });
  if (from.kind !== 'context') return { parts };
  return { parts, takes: { sources, excludes, isWritten: !holdsVariable(step) } };
}

function runFacts(
  step: ChainStep<BuildahProbe>,
  { mounts, blindMounts = [] }: BuildahProbe,
  { args, flags, command }: BuildahRun,
  writer: FactWriter,
  placeOf: (name: string) => string | undefined,
): StepFacts {
  const isMount = (flag: string): boolean => flag.startsWith('--mount=');
  const flagsOfMounts: NamedDigest[] = flags
    .filter(isMount)
    .map((flag, index) => [`${MOUNT_PART}${index + 1}`, writer.digest(flag)]);
  const paths = mounts.flatMap((one) => (one.kind === 'context' ? [one.path] : []));
  const images = mounts.flatMap((one) => (one.kind === 'image' ? [placeOf(one.name)] : []));
  const parts = {
    ...writer.parts({ mounts: flags.filter(isMount), network: flags.filter((flag) => !isMount(flag)) }),
    ...Object.fromEntries(flagsOfMounts),
    // flags are a part of the command: they are named before
    ...writer.parts({ args: command, ...(images.length === 0 ? {} : { image: images }) }),
  };
  const takes = { mounts: paths, blind: blindMounts, isWritten: !holdsVariable(step) };
  return {
    ...{ parts, args: writer.named(args) },
    ...(paths.length + blindMounts.length === 0 ? {} : { takes }),
  };
}
