// A web server for the tests of ADD: node server.mjs FOLDER; prints its port. It serves FOLDER/NAME, with FOLDER/NAME.etag
// as its ETag and the time of FOLDER/NAME.dated as its Last-Modified, as the files are at that moment. A program of its
// own, as it may have to run in the engine's network.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const folder = process.argv[2] ?? '.';

const server = createServer((request, response) => {
  const path = join(folder, basename(new URL(request.url ?? '/', 'http://localhost').pathname));
  if (!existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  if (existsSync(`${path}.etag`)) {
    const etag = readFileSync(`${path}.etag`, 'utf8');
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
  }
  const body = readFileSync(path);
  if (existsSync(`${path}.dated`)) response.setHeader('Last-Modified', statSync(`${path}.dated`).mtime.toUTCString());
  response.setHeader('Content-Length', body.length);
  response.end(request.method === 'HEAD' ? undefined : body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : '');
});
