import type { PredictedStep } from '../../model';
import type { BuilderEvent, OutputStream } from '../events';
import { PlainLines } from '../plainLines';
import { OwnLines } from './ownLines';
import { VertexPlaces } from './vertexPlaces';

/** `#7 [build 2/3] RUN make`; the number is the vertex's in this build. */
const LINE = /^#(\d+) (.*)$/;
const DONE = /^DONE (\d+(?:\.\d+)?)s$/;
const FAILED = /^ERROR: (.+)$/;
/** Seconds since the step began stand before what it prints. */
const OUTPUT = /^(\d+\.\d+) (.*)$/;
const IMAGE = /^(?:writing image|exporting config|exporting manifest list) (sha256:[0-9a-f]{64}).* done$/;
/** Others are printed meanwhile. */
const ELSEWHERE = '...';

interface Vertex {
  readonly step: number | undefined;
}

/**
 * Reads `docker buildx build --progress=plain` (BuildKit util/progress/progressui/printer.go), for a buildx that does not
 * tell its progress as data. All of it is shown as it is; transfers and layers are not told apart.
 */
export class PlainParser extends PlainLines {
  private readonly vertices = new Map<string, Vertex>();
  private readonly places: VertexPlaces;
  private readonly own: OwnLines;
  private hasFailed = false;

  constructor(steps: readonly PredictedStep[]) {
    super();
    this.places = new VertexPlaces(steps);
    this.own = new OwnLines(steps);
  }

  protected override line(_: OutputStream, line: string): readonly BuilderEvent[] {
    const [, number, text] = LINE.exec(line) ?? [];
    if (number === undefined || text === undefined) return this.own.read(line, this.hasFailed);
    const vertex = this.vertices.get(number);
    // the first line of a vertex is its name, which is printed again whenever it goes on
    if (vertex === undefined) {
      const step = this.places.find(text);
      this.vertices.set(number, { step });
      return step === undefined ? [] : [{ kind: 'running', step }];
    }
    const image = IMAGE.exec(text)?.[1];
    if (image !== undefined) return [{ kind: 'image', id: image }];
    return vertex.step === undefined ? [] : this.ofStep(vertex.step, text);
  }

  private ofStep(step: number, text: string): readonly BuilderEvent[] {
    if (text === 'CACHED') return [{ kind: 'ended', step, how: 'cached', durationMs: null }];
    if (text === 'CANCELED') return [{ kind: 'ended', step, how: 'canceled', durationMs: null }];
    const seconds = DONE.exec(text)?.[1];
    if (seconds !== undefined) {
      return [{ kind: 'ended', step, how: 'done', durationMs: Math.round(Number(seconds) * 1000) }];
    }
    const error = FAILED.exec(text)?.[1];
    if (error !== undefined) {
      if (/context canceled/i.test(error)) return [{ kind: 'ended', step, how: 'canceled', durationMs: null }];
      this.hasFailed = true;
      return [{ kind: 'failed', step, error, durationMs: null }];
    }
    const printed = OUTPUT.exec(text)?.[2];
    if (printed !== undefined) return [{ kind: 'output', step, text: `${printed}\n` }];
    return text === ELSEWHERE || this.places.find(text) !== step ? [] : [{ kind: 'running', step }];
  }
}
