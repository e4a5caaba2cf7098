// A registry for the tests of FROM: node registry.mjs; prints its port. It speaks as much of the OCI distribution protocol as
// `docker push`, `docker pull` and a builder need, and keeps everything in memory. A program of its own, as it may have
// to run in the engine's network.
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

/** @type {Map<string, Buffer>} */
const blobs = new Map();
/** Of `NAME TAG` and of `NAME DIGEST`. @type {Map<string, {type: string, digest: string, body: Buffer}>} */
const manifests = new Map();
/** Uploads that are under way. @type {Map<string, Buffer[]>} */
const uploads = new Map();

/** @param {Buffer} body */
const digestOf = (body) => `sha256:${createHash('sha256').update(body).digest('hex')}`;

/** @param {import('node:http').IncomingMessage} request @returns {Promise<Buffer>} */
async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://registry');
  const body = await bodyOf(request);
  /** @type {(status: number, headers?: Record<string, string | number>, content?: Buffer | string) => void} */
  const reply = (status, headers = {}, content = '') => {
    response.writeHead(status, { 'Content-Length': Buffer.byteLength(content), ...headers });
    response.end(request.method === 'HEAD' ? undefined : content);
  };
  const [, name = '', kind = '', rest = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs\/uploads|blobs)\/?([^/]*)$/.exec(url.pathname) ?? [];

  if (kind === 'blobs/uploads') {
    const id = rest === '' ? randomUUID() : rest;
    const received = uploads.get(id) ?? [];
    received.push(body);
    uploads.set(id, received);
    const digest = url.searchParams.get('digest');
    if (digest !== null) {
      const whole = Buffer.concat(received);
      uploads.delete(id);
      if (digestOf(whole) !== digest) return reply(400);
      blobs.set(digest, whole);
      return reply(201, { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest });
    }
    const size = Buffer.concat(received).length;
    return reply(202, { Location: `/v2/${name}/blobs/uploads/${id}`, Range: `0-${Math.max(0, size - 1)}` });
  }
  if (kind === 'blobs') {
    const found = blobs.get(rest);
    if (found === undefined) return reply(404);
    return reply(200, { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': rest }, found);
  }
  if (kind === 'manifests' && request.method === 'PUT') {
    const manifest = { type: request.headers['content-type'] ?? '', digest: digestOf(body), body };
    for (const reference of [rest, manifest.digest]) manifests.set(`${name} ${reference}`, manifest);
    return reply(201, { 'Docker-Content-Digest': manifest.digest });
  }
  if (kind === 'manifests') {
    const found = manifests.get(`${name} ${rest}`);
    if (found === undefined) return reply(404);
    return reply(200, { 'Content-Type': found.type, 'Docker-Content-Digest': found.digest }, found.body);
  }
  return reply(url.pathname === '/v2/' ? 200 : 404);
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : '');
});
