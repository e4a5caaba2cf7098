import { generateContext } from './contextFiles.js';
import { grammarOf, type Dialect } from './dialect.js';
import { generateDockerfile } from './dockerfile.js';
import { generateFlags } from './flags.js';
import { generateMutation } from './mutate.js';
import type { BuildPlan, Case, Mutation, Project } from './project.js';
import { mutated } from './project.js';
import { Random } from './random.js';
import { Counter } from './stage.js';

export interface GenerateOptions {
  /** The whole case follows from it (and from the other options). */
  readonly seed: string;
  readonly baseImage: string;
  /** Makes the case start cold on an engine that has seen the same seed: a text that no earlier run used. */
  readonly marker: string;
  /** Changes after the first build. */
  readonly mutations: number;
  /** Default: `buildkit`. */
  readonly dialect?: Dialect | undefined;
}

/** One project and what happens to it between builds. The same options give the same case. */
export function generateCase(options: GenerateOptions): Case {
  const random = new Random(options.seed);
  const context = generateContext(random);
  const grammar = grammarOf(options.dialect);
  const flags = generateFlags(random, grammar);
  const secrets = Object.keys(flags.secrets);
  const dockerfile = generateDockerfile(random, new Counter(), context, { ...options, secrets, grammar });
  const initial: Project = {
    files: context.files,
    aside: context.aside,
    dockerfile: context.dockerfile,
    blocks: dockerfile.blocks,
    buildArgs: dockerfile.buildArgs,
    target: dockerfile.target,
    noCache: false,
    flags,
  };
  const history = [initial];
  const mutations: Mutation[] = [];
  while (mutations.length < options.mutations) {
    const mutation = generateMutation({ random, context, dockerfile, history });
    mutations.push(mutation);
    history.push(mutated(history.at(-1) ?? initial, mutation));
  }
  const last = mutations.length;
  const lookAfter = random.chance(0.5);
  const builds = Array.from({ length: last + 1 }, (_, index): BuildPlan => {
    const unwatched = random.chance(0.08) && index < last;
    return { output: random.chance(0.3) ? 'cacheonly' : 'image', unwatched, lookAfter: lookAfter && !unwatched };
  });
  const one: Case = { seed: options.seed, marker: options.marker, initial, mutations, builds };
  return grammar.imageCache ? { ...one, dialect: grammar.dialect } : one;
}
