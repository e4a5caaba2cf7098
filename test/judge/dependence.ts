import type { VertexResult } from './outcome.js';
import type { Provenance, ProvenanceStep } from './provenance.js';

/** What the outcome of a step depended on, beside the text of the Dockerfile and the options. */
export interface Dependence {
  /**
   * It, or a step that it stands on, takes files from a step that this very build executed (or whose own outcome
   * depended on such a one): nobody knows before the build what these files will be.
   */
  readonly output: boolean;
  /** It, or a step that it stands on or takes files from, takes files of the build context. */
  readonly context: boolean;
}

/** Looks up the graph of a build what each step depended on. */
export class Dependences {
  readonly #executed: ReadonlySet<string>;
  readonly #known = new Map<string, Dependence>();

  constructor(
    private readonly provenance: Provenance,
    results: readonly { readonly step: ProvenanceStep; readonly result: VertexResult }[],
  ) {
    this.#executed = new Set(results.filter(({ result }) => result.outcome === 'executed').map(({ step }) => step.id));
  }

  of(id: string): Dependence {
    const known = this.#known.get(id);
    if (known) return known;
    const step = this.provenance.steps.get(id);
    const parents = (step?.parents ?? []).map((one) => this.of(one));
    const taken = (step?.taken ?? []).map((one) => ({ ...this.of(one), executed: this.#yieldsNew(one) }));
    const dependence = {
      output: parents.some((one) => one.output) || taken.some((one) => one.output || one.executed),
      context: step?.isContext === true || [...parents, ...taken].some((one) => one.context),
    };
    this.#known.set(id, dependence);
    return dependence;
  }

  /** A step without inputs makes an inline document or an empty folder: its text tells what it yields. */
  #yieldsNew(id: string): boolean {
    const step = this.provenance.steps.get(id);
    const isDocument = step?.kind === 'file' && step.parents.length + step.taken.length === 0;
    return this.#executed.has(id) && !isDocument;
  }
}
