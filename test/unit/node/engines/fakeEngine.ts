import { createServer, type Server } from 'node:http';

/** An engine's API: who it is and its images by name; everything else is not there. */
export class FakeEngine {
  /** Names of the images that were asked for. */
  readonly asked: string[] = [];
  private readonly server: Server;

  constructor(
    private readonly images: Readonly<Record<string, unknown>>,
    private readonly info: Readonly<Record<string, unknown>> = {},
  ) {
    this.server = createServer((request, response) => {
      const answer = this.answer(decodeURIComponent((request.url ?? '').replace(/\?.*$/, '')));
      response.statusCode = answer === undefined ? 404 : 200;
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

  private answer(path: string): unknown {
    const SystemTime = new Date().toISOString();
    if (path === '/info')
      return { ID: 'engine-1', ServerVersion: '28.5.2', DriverStatus: [], SystemTime, ...this.info };
    if (path === '/images/json') return [];
    const name = /^\/images\/(.*)\/json$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    this.asked.push(name);
    return this.images[name];
  }
}
