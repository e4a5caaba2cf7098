import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server for one test. */
export interface TestServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `METHOD PATH` of each request, with what was shown of who asks. */
  readonly requests: string[];
}

/** Starts a server that is stopped after the test. */
export async function serve(handler: Handler): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    const shown = authorization === undefined ? '' : ` [${authorization}]`;
    requests.push(`${request.method ?? ''} ${request.url ?? ''}${shown}`);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** `sha256:…` of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** What {@link Content.image} has for layers. */
export const LAYERS = [
  { digest: 'sha256:hundred', bytes: 100 },
  { digest: 'sha256:few', bytes: 23 },
];

/** What a registry has. */
export class Content {
  readonly blobs = new Map<string, string>();
  readonly manifests = new Map<string, string>();

  blob(value: unknown): { digest: string; size: number } {
    const text = JSON.stringify(value);
    this.blobs.set(digestOf(text), text);
    return { digest: digestOf(text), size: text.length };
  }

  /** Keeps a manifest under its digest and under a tag. */
  manifest(value: unknown, tag?: string): { digest: string; size: number } {
    const text = JSON.stringify(value);
    for (const name of [digestOf(text), ...(tag === undefined ? [] : [tag])]) this.manifests.set(name, text);
    return { digest: digestOf(text), size: text.length };
  }

  /** An image whose registry has two blobs for its layers, named by their sizes. */
  image(config: Readonly<Record<string, unknown>>, tag?: string): { digest: string; size: number } {
    const whole = {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: ['sha256:layer'] },
      ...config,
    };
    return this.manifest(
      { config: this.blob(whole), layers: LAYERS.map(({ digest, bytes }) => ({ digest, size: bytes })) },
      tag,
    );
  }

  /** Answers a request of the distribution protocol. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const [, kind, name = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(request.url ?? '') ?? [];
    const text = (kind === 'blobs' ? this.blobs : this.manifests).get(name);
    if (text === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Docker-Content-Digest', digestOf(text));
    response.end(request.method === 'HEAD' ? undefined : text);
  }
}
