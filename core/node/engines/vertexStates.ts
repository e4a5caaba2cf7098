import type { LogVertex } from '../../evidence/pastBuild';

/** A vertex as one line of a log has it. */
export interface VertexUpdate {
  readonly digest: string;
  readonly name: string;
  readonly cached: boolean;
  readonly error: string;
  readonly started: number | undefined;
  readonly completed: number | undefined;
}

/** A log tells of a vertex several times; the last state of each counts. */
export class VertexStates {
  private readonly vertices = new Map<string, LogVertex>();

  add({ digest, name, cached, error, ...times }: VertexUpdate): void {
    const earlier = this.vertices.get(digest);
    const started = earlier?.started ?? times.started;
    const completed = times.completed ?? earlier?.completed;
    this.vertices.set(digest, {
      digest,
      name,
      cached: cached || (earlier?.cached ?? false),
      error: error === '' ? (earlier?.error ?? '') : error,
      ...(started === undefined ? {} : { started }),
      ...(completed === undefined ? {} : { completed }),
    });
  }

  all(): LogVertex[] {
    return [...this.vertices.values()];
  }
}
