import { asArray, asObject, asText, decodeOp, type Base64Decoder, type Json } from '../llb/decode';
import { commitKey, fileKey, pinnedKey } from '../llb/fetchedKey';
import type { LlbOp } from '../llb/op';
import type { LineRange } from '../model';
import { normalizeReference, withoutDigest } from '../plan/reference';
import { operationParts, type Sha256 } from './facts';
import type { AskedOptions, LogVertex, LooseVertex, PastBuild, PastStep } from './pastBuild';

/** The platform functions that decoding needs. */
export interface DecodeTools {
  readonly sha256: Sha256;
  readonly base64: Base64Decoder;
}

/** What the history says of a build, provenance apart. */
export interface BuildHeader {
  readonly ref: string;
  readonly createdAt: number;
  readonly completedAt: number;
  readonly contextPath?: string;
}

const CONTEXT_TRANSFER = '[internal] load build context';
/** How the steps of the log begin that look at caches of other builders (solver/llbsolver/bridge.go, cache/remotecache). */
const CACHE_IMPORT = 'importing cache manifest';
const BUILD_ARGUMENT = 'build-arg:';
const BUILDKIT_METADATA = 'https://mobyproject.org/buildkit@v1#metadata';

/** Makes a past build out of its log and, when it has them, the provenances of its platforms (SLSA v0.2 or v1). */
export function decodeBuild(
  header: BuildHeader,
  log: readonly LogVertex[],
  provenances: readonly unknown[],
  tools: DecodeTools,
): PastBuild {
  const transfer = log.find((vertex) => vertex.name.startsWith(CONTEXT_TRANSFER) && vertex.error === '');
  const contextStart = transfer?.started;
  const contextEnd = transfer?.completed;
  const graphs = provenances.map((provenance) => decodeSteps(unwrap(asObject(provenance)), log, tools));
  const steps = joinGraphs(graphs);
  const asked = askedOptions(provenances, log);
  return {
    ...header,
    ...(asked === undefined ? {} : { asked }),
    ...(contextStart === undefined ? {} : { contextStart }),
    ...(contextEnd === undefined ? {} : { contextEnd }),
    steps,
    loose: steps.length > 0 ? [] : looseVertices(log, tools.sha256),
  };
}

/** What the build was asked for, as far as a comparison with another one needs it: never a value of an argument. */
function askedOptions(provenances: readonly unknown[], log: readonly LogVertex[]): AskedOptions | undefined {
  if (provenances.length === 0) return undefined;
  const names = new Set(provenances.flatMap((one) => Object.keys(frontendArguments(asObject(one)))));
  return {
    noCache: names.has('no-cache'),
    importsCache: log.some(({ name }) => name.startsWith(CACHE_IMPORT)),
    args: [...names]
      .filter((name) => name.startsWith(BUILD_ARGUMENT))
      .map((name) => name.slice(BUILD_ARGUMENT.length))
      .sort(),
  };
}

function frontendArguments(provenance: Json): Json {
  const predicate = provenance['predicate'] === undefined ? provenance : asObject(provenance['predicate']);
  const external = asObject(asObject(predicate['buildDefinition'])['externalParameters']);
  const parameters = asObject(asObject(predicate['invocation'])['parameters']);
  return asObject(asObject(external['request'])['args'] ?? parameters['args']);
}

/** The description of the cache record that an executed vertex leaves. */
export function recordDescription(op: LlbOp, vertexName: string): string {
  return op.kind === 'exec' ? `mount / from exec ${op.args.join(' ')}` : vertexName;
}

/** A vertex name without its `[stage n/m]` prefix: what stays the same in other builds. */
export function withoutPrefix(name: string): string {
  return name.replace(/^\[[^\]]*\] (?:ONBUILD )?/, '');
}

interface ProvenanceParts {
  readonly definition: readonly unknown[];
  readonly digestMapping: Json;
  readonly locations: Json;
  /** Layers of the image up to a step's result. */
  readonly layers: Json;
  readonly materials: readonly unknown[];
}

function unwrap(provenance: Json): ProvenanceParts {
  const predicate = provenance['predicate'] === undefined ? provenance : asObject(provenance['predicate']);
  const v1 = asObject(predicate['buildDefinition']);
  if (predicate['buildDefinition'] !== undefined) {
    const config = asObject(asObject(v1['internalParameters'])['buildConfig']);
    const metadata = asObject(asObject(asObject(predicate['runDetails'])['metadata'])['buildkit_metadata']);
    return {
      definition: asArray(config['llbDefinition']),
      digestMapping: asObject(config['digestMapping']),
      locations: asObject(asObject(metadata['source'])['locations']),
      layers: asObject(metadata['layers']),
      materials: asArray(v1['resolvedDependencies']),
    };
  }
  const config = asObject(predicate['buildConfig']);
  const metadata = asObject(asObject(predicate['metadata'])[BUILDKIT_METADATA]);
  return {
    definition: asArray(config['llbDefinition']),
    digestMapping: asObject(config['digestMapping']),
    locations: asObject(asObject(metadata['source'])['locations']),
    layers: asObject(metadata['layers']),
    materials: asArray(predicate['materials']),
  };
}

function decodeSteps(parts: ProvenanceParts, log: readonly LogVertex[], tools: DecodeTools): PastStep[] {
  const digestOf = new Map(Object.entries(parts.digestMapping).map(([digest, step]) => [asText(step), digest]));
  const logged = new Map(log.map((vertex) => [vertex.digest, vertex]));
  const images = imageDigests(parts.materials);
  const served = servedDigests(parts.materials);
  const index = new Map<string, number>();
  const steps: PastStep[] = [];

  for (const entry of inOrder(parts.definition.map(asObject))) {
    const id = asText(entry['id']);
    const op = decodeOp(entry['op'], tools.base64);
    const inputs = asArray(entry['inputs']).map((input) => index.get(asText(input).replace(/:\d+$/, '')) ?? -1);
    const vertexDigest = digestOf.get(id) ?? '';
    const vertex = logged.get(vertexDigest);
    const reference = op.kind === 'image' ? normalizeReference(op.ref) : undefined;
    const imageDigest =
      reference === undefined ? undefined : (images.get(reference) ?? images.get(withoutDigest(reference)));
    const fetched = fetchedKey(op, served);
    const description = recordDescription(op, vertex?.name ?? '');
    const descriptor = asObject(asArray(asArray(parts.layers[`${id}:0`])[0]).at(-1));
    const layer = asText(descriptor['digest']);
    const packedBytes = bytesOfPacked(descriptor);
    index.set(id, steps.length);
    steps.push({
      ...operationParts(op, inputs.length, tools.sha256),
      ...instructionOf(op, vertex?.name ?? ''),
      vertexDigest,
      inputs,
      ...(reference === undefined ? {} : { imageReference: reference }),
      ...(imageDigest === undefined ? {} : { imageDigest }),
      ...(op.kind === 'image' ? { imagePlatform: op.platform } : {}),
      ...(fetched === undefined ? {} : { fetched }),
      ...(op.kind === 'local' ? { exclude: op.exclude } : {}),
      ...(layer === '' ? {} : { layer }),
      ...(packedBytes === undefined ? {} : { packedBytes }),
      recordDigest: tools.sha256(description),
      recordTextDigest: tools.sha256(withoutPrefix(description)),
      lines: linesOf(asObject(parts.locations[id])),
      ...(vertex?.started === undefined ? {} : { started: vertex.started }),
      ...(vertex?.completed === undefined ? {} : { completed: vertex.completed }),
      cached: vertex?.cached ?? false,
      // a step killed because a sibling failed is logged as cached, with an error
      done: vertex !== undefined && vertex.error === '' && (vertex.cached || vertex.completed !== undefined),
    });
  }
  return steps;
}

/** An engine on a graph driver describes its layers unpacked, with sizes that are none. */
function bytesOfPacked(descriptor: Json): number | undefined {
  const size = descriptor['size'];
  const isPacked = /\+(?:gzip|zstd)$|\.gzip$/.test(asText(descriptor['mediaType']));
  return isPacked && typeof size === 'number' && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/**
 * The graphs of all platforms of a build as one; they share the steps that no platform is in. When a graph is missing,
 * nobody knows which of the steps of the log would be in it: then it counts like a build without any.
 */
function joinGraphs(graphs: readonly (readonly PastStep[])[]): readonly PastStep[] {
  const [only = []] = graphs;
  if (graphs.length <= 1) return only;
  if (graphs.some((graph) => graph.length === 0)) return [];
  const index = new Map<string, number>();
  const joined: PastStep[] = [];
  for (const graph of graphs) {
    const places: number[] = [];
    for (const step of graph) {
      let place = index.get(step.vertexDigest);
      if (place === undefined || step.vertexDigest === '') {
        place = joined.push({ ...step, inputs: step.inputs.map((input) => places[input] ?? -1) }) - 1;
        index.set(step.vertexDigest, place);
      }
      places.push(place);
    }
  }
  return joined;
}

/** Steps with their inputs first; the definition is in that order already unless a later version changes it. */
function inOrder(entries: readonly Json[]): Json[] {
  const byId = new Map(entries.map((entry) => [asText(entry['id']), entry]));
  const done = new Set<Json>();
  const ordered: Json[] = [];
  const visit = (entry: Json): void => {
    if (done.has(entry)) return;
    done.add(entry);
    for (const input of asArray(entry['inputs'])) {
      const found = byId.get(asText(input).replace(/:\d+$/, ''));
      if (found !== undefined) visit(found);
    }
    ordered.push(entry);
  };
  entries.forEach(visit);
  return ordered;
}

function linesOf(location: Json): LineRange[] {
  return asArray(location['locations']).flatMap((one) =>
    asArray(asObject(one)['ranges']).map((range) => {
      const start = asObject(asObject(range)['start'])['line'];
      const end = asObject(asObject(range)['end'])['line'];
      return { start: Number(start), end: Number(end ?? start) };
    }),
  );
}

/**
 * Image references as the Dockerfile has them to the digests that the build resolved them to (`materials[]`, package
 * URLs: util/purl/image.go RefToPURL).
 */
function imageDigests(materials: readonly unknown[]): Map<string, string> {
  const digests = new Map<string, string>();
  for (const material of materials.map(asObject)) {
    const match = /^pkg:(?:docker|oci)\/([^?]+?)(?:@([^?@]+))?(?:\?(.*))?$/.exec(asText(material['uri']));
    const digest = asText(asObject(material['digest'])['sha256']);
    if (match === null || digest === '') continue;
    const [, name = '', tag, qualifiers = ''] = match;
    const pinned = /(?:^|&)digest=(sha256[^&]*)/.exec(qualifiers)?.[1];
    const tagged = tag === undefined ? '' : `:${tag}`;
    const digested = pinned === undefined ? '' : `@${decodeURIComponent(pinned)}`;
    const reference = normalizeReference(`${decodeURIComponent(name)}${tagged}${digested}`);
    if (reference !== undefined) digests.set(reference, `sha256:${digest}`);
  }
  return digests;
}

/** What files and git repositories were, by address without its protocol (provenance/predicate.go slsaMaterials). */
function servedDigests(materials: readonly unknown[]): Map<string, string> {
  const digests = new Map<string, string>();
  for (const material of materials.map(asObject)) {
    const address = withoutProtocol(asText(material['uri']));
    const { sha1, sha256 } = asObject(material['digest']);
    const digest = asText(sha1) || asText(sha256);
    if (address !== undefined && digest !== '') digests.set(address, digest);
  }
  return digests;
}

function withoutProtocol(url: string): string | undefined {
  return /^(?:https?|git|ssh):\/\/(.*)$/.exec(url)?.[1];
}

/** What a past step fetched, as far as it is told by a checksum or by what the build noted. */
function fetchedKey(op: LlbOp, served: ReadonlyMap<string, string>): string | undefined {
  if (op.kind === 'remote') {
    const digest = served.get(withoutProtocol(op.url) ?? '');
    return pinnedKey(op) ?? (digest === undefined ? undefined : fileKey(op.filename, `sha256:${digest}`));
  }
  if (op.kind !== 'opaque' || op.git === undefined || op.git.folder !== undefined || op.git.keepGitDir)
    return undefined;
  const commit = served.get(withoutProtocol(op.text) ?? '');
  return commit === undefined ? undefined : commitKey(commit, false);
}

function looseVertices(log: readonly LogVertex[], sha256: Sha256): LooseVertex[] {
  return log.flatMap((vertex) => {
    const { started, completed } = vertex;
    if (vertex.error !== '' || started === undefined || completed === undefined) return [];
    const kind = madeKind(vertex.name);
    const digests = { recordDigest: sha256(vertex.name), recordTextDigest: sha256(withoutPrefix(vertex.name)) };
    return [{ kind, vertexDigest: vertex.digest, ...digests, started, completed, cached: vertex.cached }];
  });
}

function keywordOf(name: string): string {
  const [, keyword = ''] = /^(?:LINK )?(RUN|COPY|ADD|WORKDIR)\b/i.exec(withoutPrefix(name)) ?? [];
  return keyword.toUpperCase();
}

function instructionOf(op: LlbOp, name: string): Pick<PastStep, 'instruction'> {
  const instruction = op.kind === 'image' ? 'FROM' : keywordOf(name);
  return instruction === '' ? {} : { instruction };
}

function madeKind(name: string): LooseVertex['kind'] {
  if (name.startsWith(CONTEXT_TRANSFER)) return 'context';
  switch (keywordOf(name)) {
    case 'RUN':
      return 'exec';
    case 'COPY':
    case 'ADD':
      return 'copy';
    case 'WORKDIR':
      return 'mkdir';
    default:
      return 'other';
  }
}
