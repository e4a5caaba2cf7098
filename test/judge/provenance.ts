import { asArray, asString, at, isObject } from './json.js';

/** One step of a build as its provenance describes it. */
export interface ProvenanceStep {
  readonly id: string;
  readonly kind: 'exec' | 'file' | 'source' | 'merge' | 'other';
  /** The first line of every place in the Dockerfile that asks for this step (1-based). */
  readonly lines: readonly number[];
  /** Digests of the layers up to and including this step, base first; empty when the step is in no exported image. */
  readonly layers: readonly string[];
  /** Equal for two steps that would have the same operation in the builder's cache key. */
  readonly operation: string;
  /** Steps that it stands on. */
  readonly parents: readonly string[];
  /** Steps of which it takes the content of files: of a copy and of a mount that is only read. */
  readonly taken: readonly string[];
  /** It is the build context. */
  readonly isContext: boolean;
}

export interface Provenance {
  readonly steps: ReadonlyMap<string, ProvenanceStep>;
  /** Vertex digest (as in the progress stream) to step id. */
  readonly stepOfVertex: ReadonlyMap<string, string>;
}

const METADATA_V02 = 'https://mobyproject.org/buildkit@v1#metadata';

const KINDS = ['exec', 'file', 'source', 'merge'] as const;

/** In a cache key only the last element of a copy's source counts (BuildKit solver/llbsolver/ops/file.go CacheMap). */
function operationText(op: unknown): string {
  return JSON.stringify(op, (key, value: unknown) =>
    key === 'src' && typeof value === 'string' ? value.slice(value.lastIndexOf('/') + 1) : value,
  );
}

function firstLines(locations: unknown): number[] {
  return asArray(at(locations, 'locations')).flatMap((location) => {
    const lines = asArray(at(location, 'ranges')).map((range) => Number(at(range, 'start', 'line')));
    return lines.length > 0 ? [Math.min(...lines)] : [];
  });
}

interface Inputs {
  readonly parents: readonly string[];
  readonly taken: readonly string[];
}

/** Numbers past the inputs of a file step mean results of its own actions; -1 (or none) is no input. */
function inputsOf(entry: unknown, op: unknown): Inputs {
  const inputs = asArray(at(entry, 'inputs')).map((one) => asString(one)?.replace(/:\d+$/, ''));
  const named = (numbers: readonly unknown[]): string[] =>
    [...new Set(numbers)].flatMap((number) => (typeof number === 'number' ? (inputs[number] ?? []) : []));
  const actions = asArray(at(op, 'file', 'actions'));
  if (actions.length > 0)
    return {
      parents: named(actions.map((action) => at(action, 'input'))),
      taken: named(
        actions.filter((action) => at(action, 'Action', 'copy')).map((action) => at(action, 'secondaryInput')),
      ),
    };
  const mounts = asArray(at(op, 'exec', 'mounts'));
  if (mounts.length > 0) {
    const numbers = (root: boolean): unknown[] =>
      mounts
        .filter((mount) => (at(mount, 'dest') === '/') === root && (root || at(mount, 'readonly') === true))
        .map((mount) => at(mount, 'input') ?? 0);
    return { parents: named(numbers(true)), taken: named(numbers(false)) };
  }
  return { parents: named(inputs.map((_, index) => index)), taken: [] };
}

/**
 * Reads the provenance of a build in either of its forms: SLSA v0.2 (BuildKit up to 0.27) or v1 (from 0.28), with or
 * without the in-toto statement around it. Undefined when it has no LLB (`mode=min`, or not a provenance at all).
 */
export function readProvenance(document: unknown): Provenance | undefined {
  const predicate = isObject(at(document, 'predicate')) ? at(document, 'predicate') : document;
  const config = at(predicate, 'buildConfig') ?? at(predicate, 'buildDefinition', 'internalParameters', 'buildConfig');
  const metadata =
    at(predicate, 'metadata', METADATA_V02) ??
    at(predicate, 'runDetails', 'metadata', 'buildkit_metadata') ??
    at(predicate, 'runDetails', 'metadata', METADATA_V02);
  const definition = asArray(at(config, 'llbDefinition'));
  const mapping = at(config, 'digestMapping');
  if (definition.length === 0 || !isObject(mapping)) return undefined;
  const steps = new Map<string, ProvenanceStep>();
  for (const entry of definition) {
    const id = asString(at(entry, 'id'));
    if (id === undefined) continue;
    const op = at(entry, 'op', 'Op');
    steps.set(id, {
      id,
      kind: KINDS.find((kind) => at(op, kind) !== undefined) ?? 'other',
      lines: firstLines(at(metadata, 'source', 'locations', id)),
      layers: asArray(asArray(at(metadata, 'layers', `${id}:0`))[0]).flatMap(
        (layer) => asString(at(layer, 'digest')) ?? [],
      ),
      operation: operationText(op),
      ...inputsOf(entry, op),
      isContext: asString(at(op, 'source', 'identifier'))?.startsWith('local://') === true,
    });
  }
  const stepOfVertex = new Map<string, string>();
  for (const [digest, id] of Object.entries(mapping)) if (typeof id === 'string') stepOfVertex.set(digest, id);
  return { steps, stepOfVertex };
}
