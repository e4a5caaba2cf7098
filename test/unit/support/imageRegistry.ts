import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ociImage, sha256, type ImageBytes } from './imageArchive';

/** A registry that has one image. */
export interface ImageRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The name of its image. */
  readonly reference: string;
  /** `METHOD PATH` of each request. */
  readonly requests: string[];
  /** Digests of layers, as they are named; one of them is answered only once its promise is there. */
  readonly held: Map<string, Promise<void>>;
  /** Another image under the same name from now on. */
  readonly push: (image: ImageBytes) => void;
  readonly close: () => void;
}

/** Starts a registry on loopback with one image `shop/web:1`: what the OCI distribution protocol wants for a pull. */
export async function startImageRegistry(image: ImageBytes): Promise<ImageRegistry> {
  const blobs = new Map<string, Buffer>();
  const requests: string[] = [];
  const held = new Map<string, Promise<void>>();
  let tagged = '';
  const push = (pushed: ImageBytes): void => {
    const { blobs: items } = ociImage(pushed);
    for (const { content = '' } of items) blobs.set(`sha256:${sha256(content)}`, Buffer.from(content));
    // the manifest is the last one
    tagged = `sha256:${sha256(items.at(-1)?.content ?? '')}`;
  };
  push(image);
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url}`);
    const [, name = ''] = /^\/v2\/shop\/web\/(?:manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
    const digest = name === '1' ? tagged : name;
    const found = blobs.get(digest);
    const answer = (): void => {
      response.writeHead(found === undefined ? 404 : 200, { 'docker-content-digest': digest });
      response.end(method === 'HEAD' ? undefined : found);
    };
    void (held.get(digest) ?? Promise.resolve()).then(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { host, reference: `${host}/shop/web:1`, requests, held, push, close };
}
