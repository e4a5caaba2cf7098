import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { engineCommand } from '../judge/imageFiles.js';

/** The socket of the engine that docker uses; undefined when it is reached in another way. */
export async function engineSocket(): Promise<string | undefined> {
  const named = process.env['DOCKER_HOST'];
  const host =
    named ?? (await engineCommand('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']));
  return host.startsWith('unix://') ? host.slice('unix://'.length) : undefined;
}

/** A socket in front of the engine's that notes what it is asked, and can leave questions without an answer. */
export class EngineEar {
  /** `GET /images/json`, in their order. */
  readonly requests: string[] = [];
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  /** Questions of this form are never answered. */
  unanswered: RegExp | undefined;

  constructor(
    readonly path: string,
    private readonly engine: string,
  ) {}

  /** Connections that are open. */
  get open(): number {
    return this.sockets.size;
  }

  start(): Promise<void> {
    const server = createServer((client) => {
      const engine = connect(this.engine);
      this.sockets.add(client);
      let isDeaf = false;
      client.on('data', (chunk) => {
        for (const [, line = ''] of chunk.toString('latin1').matchAll(/^([A-Z]+ \/\S*) HTTP\/1\.1\r$/gm)) {
          this.requests.push(line);
          if (this.unanswered?.test(line) === true) isDeaf = true;
        }
        if (!isDeaf) engine.write(chunk);
      });
      engine.pipe(client);
      const end = (): void => {
        this.sockets.delete(client);
        client.destroy();
        engine.destroy();
      };
      for (const socket of [client, engine]) socket.once('error', end).once('close', end);
    });
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, resolve);
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => (this.server === undefined ? resolve(0) : this.server.close(resolve)));
    for (const socket of this.sockets) socket.destroy();
    await closed;
    rmSync(this.path, { force: true });
  }
}
