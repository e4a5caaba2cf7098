import { createServer, type Server } from 'node:http';

/** An engine's API: who it is and its images by name; everything else is not there. */
export class FakeEngine {
  /** Names of the images that were asked for. */
  readonly asked: string[] = [];
  /** What it lists, those without a name too. */
  listed: readonly unknown[] = [];
  /** Histories of images by their ids. */
  histories: Readonly<Record<string, unknown>> = {};
  /** What it fails with before it answers for an image, by the name that it is asked for. */
  failures: Readonly<Record<string, { status: number; message: string }[]>> = {};
  /** The newest API that it speaks. */
  api = '1.51';
  /** The versions of the API that were used; empty where none was named. */
  readonly spoken = new Set<string>();
  private readonly server: Server;

  constructor(
    public images: Readonly<Record<string, unknown>>,
    private readonly info: Readonly<Record<string, unknown>> = {},
  ) {
    this.server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? '').replace(/\?.*$/, ''));
      const failure = this.failures[/\/images\/(.*)\/json$/.exec(path)?.[1] ?? '']?.shift();
      const answer = failure === undefined ? this.answer(path) : { message: failure.message };
      response.statusCode = failure?.status ?? (answer === undefined ? 404 : 200);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer ?? { message: 'not there' }));
    });
  }

  listen(address: string | number): Promise<void> {
    return new Promise((resolve) => {
      if (typeof address === 'string') this.server.listen(address, resolve);
      else this.server.listen(address, '127.0.0.1', resolve);
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(asked: string): unknown {
    const [, version = '', path = ''] = /^(?:\/v([\d.]+))?(\/.*)$/.exec(asked) ?? [];
    this.spoken.add(version);
    const SystemTime = new Date().toISOString();
    if (path === '/info')
      return { ID: 'engine-1', ServerVersion: '28.5.2', DriverStatus: [], SystemTime, ...this.info };
    if (path === '/version') return { Version: '28.5.2', ApiVersion: this.api };
    if (path === '/images/json') return this.listed;
    const described = /^\/images\/(.*)\/history$/.exec(path)?.[1];
    if (described !== undefined) return this.histories[described];
    const name = /^\/images\/(.*)\/json$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    this.asked.push(name);
    return this.images[name];
  }
}
