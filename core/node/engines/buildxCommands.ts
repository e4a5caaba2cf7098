import { setTimeout as wait } from 'node:timers/promises';
import type { CacheRecord, LogVertex } from '../../evidence/pastBuild';
import { parseDiskUsage, parseHistory, parseInspect, parseLogLine, parseVerboseDiskUsage } from './buildxOutput';
import { runCommand } from './command';
import type { BuilderConnection, BuildkitInfo, EngineChoice, HistoryRecord } from './connection';
import { VertexStates } from './vertexStates';

/** Commands that run at the same time: each is a process or two of its own. */
const CONCURRENCY = 3;
/** Milliseconds between two looks for a free place. */
const TURN = 10;

/**
 * Asks a builder by commands of buildx (0.20 or newer), for where its connection cannot be used: a tenth of a second for
 * each answer, only the 50 newest builds, sizes that are rounded, and no news of builds that end.
 */
export class BuildxCommands implements BuilderConnection {
  private readonly closed = new AbortController();
  private running = 0;

  constructor(
    private readonly choice: EngineChoice,
    private readonly patience: number,
  ) {}

  async info(signal: AbortSignal): Promise<BuildkitInfo> {
    return parseInspect(await this.buildx(['inspect'], signal));
  }

  async history(signal: AbortSignal): Promise<HistoryRecord[]> {
    return parseHistory(await this.buildx(['history', 'ls', '--format', 'json', '--no-trunc'], signal));
  }

  async log(ref: string, signal: AbortSignal): Promise<LogVertex[]> {
    const vertices = new VertexStates();
    const args = ['history', 'logs', '--progress', 'rawjson', ref];
    await this.buildx(args, signal, (line) => {
      for (const vertex of parseLogLine(line)) vertices.add(vertex);
    });
    return vertices.all();
  }

  async provenance({ ref }: HistoryRecord, signal: AbortSignal): Promise<string[]> {
    try {
      return [await this.buildx(['history', 'inspect', 'attachment', '--type', 'provenance', ref], signal)];
    } catch (error) {
      // a build that failed has none, and one that just ended does not have it yet
      if (error instanceof Error && error.message.includes('no matching attachment found')) return [];
      throw error;
    }
  }

  async cacheRecords(signal: AbortSignal): Promise<CacheRecord[]> {
    try {
      return parseDiskUsage(await this.buildx(['du', '--format', 'json'], signal));
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('unknown flag: --format'))) throw error;
      return parseVerboseDiskUsage(await this.buildx(['du', '--verbose'], signal));
    }
  }

  close(): void {
    this.closed.abort();
  }

  private async buildx(
    args: readonly string[],
    caller: AbortSignal,
    onErrorLine?: (line: string) => void,
  ): Promise<string> {
    const signal = AbortSignal.any([caller, this.closed.signal]);
    while (this.running >= CONCURRENCY) await wait(TURN, undefined, { signal });
    this.running++;
    try {
      const { program, builder, env } = this.choice;
      return await runCommand({
        program,
        args: ['buildx', ...args, ...(builder === undefined ? [] : ['--builder', builder])],
        // hints and colours are for people
        env: { ...env, NO_COLOR: '1', DOCKER_CLI_HINTS: 'false' },
        signal,
        patience: this.patience,
        ...(onErrorLine === undefined ? {} : { onErrorLine }),
      });
    } finally {
      this.running--;
    }
  }
}
