import { asArray, asString, isObject, parseJson } from './json.js';

/** One time that a vertex was worked on. */
export interface Interval {
  readonly startedNs: bigint;
  completedNs: bigint | undefined;
  cached: boolean;
  error: string;
}

/** Everything that `--progress=rawjson` said about one vertex. */
export interface Vertex {
  readonly digest: string;
  name: string;
  inputs: readonly string[];
  readonly intervals: Interval[];
}

export interface Progress {
  readonly vertices: ReadonlyMap<string, Vertex>;
  /** Lines that are not JSON: the client's own error text. */
  readonly text: readonly string[];
  /** Dockerfile lines (1-based) that the client's error excerpt marks with `>>>`. */
  readonly errorLines: readonly number[];
  /** The client's `ERROR: …` line without the prefix. */
  readonly error: string | undefined;
}

/** RFC 3339 with up to nine decimals, as nanoseconds since the epoch (a JavaScript date would lose the last six). */
export function nanoseconds(time: string): bigint {
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time);
  if (!match) return 0n;
  const millis = Date.parse(`${match[1] ?? ''}${match[3] ?? 'Z'}`);
  return BigInt(millis) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0').slice(0, 9));
}

function addVertex(vertices: Map<string, Vertex>, message: unknown): void {
  if (!isObject(message)) return;
  const digest = asString(message['digest']);
  if (digest === undefined) return;
  let vertex = vertices.get(digest);
  if (!vertex) {
    vertex = { digest, name: '', inputs: [], intervals: [] };
    vertices.set(digest, vertex);
  }
  vertex.name = asString(message['name']) ?? vertex.name;
  const inputs = asArray(message['inputs']).filter((one): one is string => typeof one === 'string');
  if (inputs.length > 0) vertex.inputs = inputs;
  const started = asString(message['started']);
  if (started === undefined) return;
  const startedNs = nanoseconds(started);
  let interval = vertex.intervals.find((one) => one.startedNs === startedNs);
  if (!interval) {
    interval = { startedNs, completedNs: undefined, cached: false, error: '' };
    vertex.intervals.push(interval);
  }
  const completed = asString(message['completed']);
  if (completed !== undefined) interval.completedNs = nanoseconds(completed);
  if (message['cached'] === true) interval.cached = true;
  interval.error = asString(message['error']) ?? interval.error;
}

/** Reads the stream that `docker buildx build --progress=rawjson` writes to stderr. */
export function readProgress(stderr: string): Progress {
  const vertices = new Map<string, Vertex>();
  const text: string[] = [];
  for (const line of stderr.split('\n')) {
    if (line.trim() === '') continue;
    const message = line.startsWith('{') ? parseJson(line) : undefined;
    if (isObject(message)) for (const vertex of asArray(message['vertexes'])) addVertex(vertices, vertex);
    else text.push(line);
  }
  const errorLines = text.flatMap((line) => {
    const marked = /^\s*(\d+) \| >>> /.exec(line)?.[1];
    return marked === undefined ? [] : [Number(marked)];
  });
  const error = text.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
  return { vertices, text, errorLines, error };
}
