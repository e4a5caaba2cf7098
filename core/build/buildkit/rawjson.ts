import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { PredictedStep } from '../../model';
import type { BuilderEvent, OutputParser, OutputStream } from '../events';
import { LineReader } from '../lineReader';
import { OwnLines } from './ownLines';
import { PulledBlobs } from './pulledBlobs';
import { VertexPlaces } from './vertexPlaces';

/** Decodes base64 to text; pieces of one stream follow each other, and a character may be cut between them. */
export type TextDecoding = (base64: string) => string;

/** One vertex as it was told of last. */
interface Vertex {
  readonly name: string;
  readonly step: number | undefined;
  /** Milliseconds by the engine's clock, start to end: looking for a cached result is one, executing is another. */
  readonly intervals: Map<number, number | undefined>;
  readonly decode: TextDecoding;
  readonly inputs: readonly string[];
  readonly blobs: PulledBlobs;
  isExecuted: boolean;
}

/**
 * Reads `docker buildx build --progress=rawjson`: the states of the solver, one JSON object for each message
 * (BuildKit client/graph.go SolveStatus), on the error stream; what is not JSON is the command's own.
 */
export class RawjsonParser implements OutputParser {
  readonly writesSteps = true;
  private readonly lines: Readonly<Record<OutputStream, LineReader>> = {
    stdout: new LineReader(),
    stderr: new LineReader(),
  };
  private readonly vertices = new Map<string, Vertex>();
  private readonly places: VertexPlaces;
  private readonly own: OwnLines;
  private readonly warned = new Set<string>();
  private hasFailed = false;

  /** @param decoder makes the decoder of one step's output */
  constructor(
    steps: readonly PredictedStep[],
    private readonly decoder: () => TextDecoding,
  ) {
    this.places = new VertexPlaces(steps);
    this.own = new OwnLines(steps);
  }

  push(stream: OutputStream, chunk: string): readonly BuilderEvent[] {
    return this.lines[stream].push(chunk).flatMap((line) => this.line(line));
  }

  end(): readonly BuilderEvent[] {
    const last = [...this.lines.stdout.end(), ...this.lines.stderr.end()].flatMap((line) => this.line(line));
    return [...last, ...this.notNeeded()];
  }

  private line(line: string): readonly BuilderEvent[] {
    const status = line.startsWith('{') ? parseJson(line) : undefined;
    if (status === undefined) return [...this.own.read(line, this.hasFailed), { kind: 'text', text: `${line}\n` }];
    return [
      ...asArray(status['vertexes']).flatMap((one) => this.vertex(asObject(one))),
      ...asArray(status['statuses']).flatMap((one) => this.status(asObject(one))),
      ...asArray(status['logs']).flatMap((one) => this.log(asObject(one))),
      ...asArray(status['warnings']).flatMap((one) => this.warning(asObject(one))),
    ];
  }

  /**
   * The key of a step without inputs is computed as an interval of its own, not told as cached (solver/jobs.go
   * sharedOp.CacheMap): it looks executed although only its key was needed. Nobody who stands on it was executed then.
   */
  private notNeeded(): readonly BuilderEvent[] {
    const all = [...this.vertices];
    return all.flatMap(([digest, { step, inputs, isExecuted }]): readonly BuilderEvent[] => {
      if (step === undefined || inputs.length > 0 || !isExecuted) return [];
      const users = all.filter(([, one]) => one.step !== undefined && one.inputs.includes(digest));
      if (users.length === 0 || users.some(([, one]) => one.isExecuted)) return [];
      return [{ kind: 'ended', step, how: 'cached', durationMs: 0 }];
    });
  }

  private vertex(json: Json): readonly BuilderEvent[] {
    const vertex = this.known(json);
    const { intervals, step } = vertex;
    const [started, completed] = [timeOf(json['started']), timeOf(json['completed'])];
    if (started === undefined) return [];
    intervals.set(started, completed);
    if (step === undefined) return completed === undefined ? [] : this.ended(vertex);
    if (completed === undefined) return [{ kind: 'running', step }];
    const error = asText(json['error']);
    const durationMs = sumOf(intervals);
    // a step that is ended because another one failed is told as cached, with an error
    if (error !== '') {
      if (isCancellation(error)) return [{ kind: 'ended', step, how: 'canceled', durationMs }];
      this.hasFailed = true;
      return [{ kind: 'failed', step, error, durationMs }];
    }
    const how = json['cached'] === true ? 'cached' : 'done';
    vertex.isExecuted = how === 'done';
    const others = vertex.blobs.notLayers().map((layer): BuilderEvent => ({ kind: 'no-layer', step, layer }));
    const layers = vertex.blobs.finished().map((layer): BuilderEvent => ({ kind: 'layer', step, layer }));
    return [{ kind: 'ended', step, how, durationMs }, ...layers, ...others, ...this.ended(vertex)];
  }

  /** What was under way in a vertex is no more. */
  private ended({ name, step }: Vertex): readonly BuilderEvent[] {
    return step === undefined ? [{ kind: 'progress', step, key: name, progress: undefined }] : [];
  }

  private status(json: Json): readonly BuilderEvent[] {
    const vertex = this.vertices.get(asText(json['vertex']));
    if (vertex === undefined) return [];
    const { step, name, blobs } = vertex;
    const id = asText(json['id']);
    const isDone = timeOf(json['completed']) !== undefined;
    const image = /^(?:writing image|exporting config|exporting manifest list) (sha256:[0-9a-f]{64})$/.exec(id)?.[1];
    if (image !== undefined) return isDone ? [{ kind: 'image', id: image }] : [];
    const [current, total] = [countOf(json['current']) ?? 0, countOf(json['total']) ?? null];
    if (step !== undefined && PulledBlobs.is(id)) {
      const layer = blobs.layer(id, asText(json['name']), current, total, isDone);
      return layer === undefined ? [] : [{ kind: 'layer', step, layer }];
    }
    const what = id === '' ? asText(json['name']) : id.replace(/:$/, '');
    const key = step === undefined ? name : id;
    return [{ kind: 'progress', step, key, progress: isDone ? undefined : { what, current, total } }];
  }

  private log(json: Json): readonly BuilderEvent[] {
    const vertex = this.vertices.get(asText(json['vertex']));
    if (vertex === undefined) return [];
    const text = vertex.decode(asText(json['data']));
    if (vertex.step === undefined) return [{ kind: 'text', text }];
    return [{ kind: 'output', step: vertex.step, text }];
  }

  /** buildx itself prints them in its other modes only; what every platform says is said once. */
  private warning(json: Json): readonly BuilderEvent[] {
    const text = this.decoder()(asText(json['short'])).trim();
    if (text === '' || this.warned.has(text)) return [];
    this.warned.add(text);
    return [{ kind: 'text', text: `warning: ${text}\n` }];
  }

  private known(json: Json): Vertex {
    const [digest, name] = [asText(json['digest']), asText(json['name'])];
    let vertex = this.vertices.get(digest);
    if (vertex === undefined) {
      const step = this.places.find(name);
      vertex = {
        name,
        step,
        intervals: new Map(),
        decode: this.decoder(),
        inputs: asArray(json['inputs']).map(asText),
        blobs: new PulledBlobs(),
        isExecuted: false,
      };
      this.vertices.set(digest, vertex);
    }
    return vertex;
  }
}

function isCancellation(error: string): boolean {
  return /context canceled/i.test(error);
}

function parseJson(line: string): Json | undefined {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function sumOf(intervals: ReadonlyMap<number, number | undefined>): number {
  let sum = 0;
  for (const [start, end] of intervals) if (end !== undefined) sum += Math.max(0, end - start);
  return sum;
}
