import { NO_FLAGS, type Case, type Mutation, type Project } from '../generator/project.js';
import type { CaseFailure } from './differential.js';

/** Plays a candidate; undefined when everything agrees. */
export type Play = (candidate: Case) => Promise<CaseFailure | undefined>;

export interface Shrunk {
  readonly one: Case;
  readonly failure: CaseFailure;
  readonly attempts: number;
}

/**
 * Makes a failing case smaller while a disagreement of the same kind remains: fewer mutations, instructions, files,
 * build arguments.
 *
 * @param limitMs wall clock after which the smallest case so far is returned.
 */
export async function shrink(one: Case, failure: CaseFailure, play: Play, limitMs: number): Promise<Shrunk> {
  const deadline = performance.now() + limitMs;
  const kinds = new Set(failure.disagreements.map((disagreement) => disagreement.kind));
  let best = upTo(one, failure.step);
  let bestFailure = failure;
  let attempts = 0;
  const attempt = async (candidate: Case): Promise<boolean> => {
    if (performance.now() > deadline) return false;
    attempts++;
    const again = await play(candidate);
    if (!again?.disagreements.some((disagreement) => kinds.has(disagreement.kind))) return false;
    best = upTo(candidate, again.step);
    bestFailure = again;
    return true;
  };
  for (let smaller = true; smaller && performance.now() < deadline;) {
    smaller = false;
    for (const propose of [dropMutations, dropParts, dropBlocks, dropFiles, dropOptions, dropFlags]) {
      for (let index = 0; ;) {
        const candidate = propose(best, index);
        if (!candidate || performance.now() > deadline) break;
        if (await attempt(candidate)) smaller = true;
        else index++;
      }
    }
  }
  return { one: best, failure: bestFailure, attempts };
}

/** The case that ends with the build after so many mutations. */
function upTo(one: Case, step: number): Case {
  return { ...one, mutations: one.mutations.slice(0, step), builds: one.builds.slice(0, step + 1) };
}

/** The candidate number `index` of one kind, or undefined past the last. */
type Propose = (one: Case, index: number) => Case | undefined;

const dropMutations: Propose = (one, index) =>
  index < one.mutations.length
    ? { ...one, mutations: one.mutations.toSpliced(index, 1), builds: one.builds.toSpliced(index, 1) }
    : undefined;

/** In every state of the case, so that a revert does not bring the dropped thing back. */
function everywhere(one: Case, change: (project: Project) => Project): Case {
  const mutations = one.mutations.map((mutation): Mutation =>
    mutation.kind === 'revert' ? { ...mutation, to: change(mutation.to) } : mutation,
  );
  return { ...one, initial: change(one.initial), mutations };
}

const dropBlocks: Propose = (one, index) => {
  // From the end: what comes later depends on what comes before.
  // Where images are the cache, a stage without its marker would stand on those of other attempts.
  const kept = (text: string): boolean => one.dialect !== undefined && text.includes(one.marker);
  const block = one.initial.blocks.toReversed().filter((text) => !kept(text))[index];
  if (block === undefined) return undefined;
  return everywhere(one, (project) => {
    const at = project.blocks.lastIndexOf(block);
    return at < 0 ? project : { ...project, blocks: project.blocks.toSpliced(at, 1) };
  });
};

const dropFiles: Propose = (one, index) => {
  const path = Object.keys(one.initial.files)[index];
  if (path === undefined) return undefined;
  return everywhere(one, (project) => ({
    ...project,
    files: Object.fromEntries(Object.entries(project.files).filter(([name]) => name !== path)),
  }));
};

const dropOptions: Propose = (one, index) => {
  const name = Object.keys(one.initial.buildArgs)[index];
  if (name === undefined) return undefined;
  return everywhere(one, (project) => ({
    ...project,
    buildArgs: Object.fromEntries(Object.entries(project.buildArgs).filter(([key]) => key !== name)),
  }));
};

/** One of the mutations that happen at once. */
const dropParts: Propose = (one, index) => {
  const places = one.mutations.flatMap((mutation, place) =>
    mutation.kind === 'several' ? mutation.mutations.map((_, part) => ({ mutation, place, part })) : [],
  );
  const found = places[index];
  if (found === undefined) return undefined;
  const { mutation, place, part } = found;
  const left = mutation.mutations.toSpliced(part, 1);
  return { ...one, mutations: one.mutations.with(place, { ...mutation, mutations: left }) };
};

const dropFlags: Propose = (one, index) => {
  const { flags } = one.initial;
  const given = (Object.keys(NO_FLAGS) as (keyof typeof NO_FLAGS)[]).filter(
    (name) => JSON.stringify(flags[name]) !== JSON.stringify(NO_FLAGS[name]),
  );
  const name = given[index];
  if (name === undefined) return undefined;
  return everywhere(one, (project) => ({ ...project, flags: { ...project.flags, [name]: NO_FLAGS[name] } }));
};
