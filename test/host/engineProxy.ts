import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A socket in front of the engine's: an engine that can go away and come back without harm to the real one. */
export class EngineProxy {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  constructor(
    private readonly path: string,
    private readonly engine: string,
  ) {}

  /** The engine is there. */
  start(): Promise<void> {
    const server = createServer((client) => {
      const engine = connect(this.engine);
      for (const [from, to] of [
        [client, engine],
        [engine, client],
      ] as const) {
        this.sockets.add(from);
        from.pipe(to);
        from.once('error', () => to.destroy());
        from.once('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, resolve);
    });
  }

  /** The engine is gone: its connections end, and nobody listens any more. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => (this.server === undefined ? resolve(0) : this.server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    this.server = undefined;
    rmSync(this.path, { force: true });
  }
}
