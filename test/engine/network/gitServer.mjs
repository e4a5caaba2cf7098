// Serves the git repositories below a folder over HTTP: node gitServer.mjs FOLDER; prints its port. git does the work
// (git http-backend, a CGI program). A program of its own, as it may have to run in the engine's network.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const folder = process.argv[2] ?? '.';

const server = createServer((request, response) => {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on('error', () => undefined); // what it does not want to read
  /** @type {Buffer[]} */
  const parts = [];
  backend.stdout.on('data', (/** @type {Buffer} */ part) => parts.push(part));
  backend.on('close', () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf('\r\n\r\n');
    const headers = output
      .subarray(0, Math.max(0, end))
      .toString('utf8')
      .split('\r\n')
      .map((line) => /^([^:]+): (.*)$/.exec(line) ?? []);
    const status = headers.find(([, name]) => name === 'Status')?.[2] ?? (end < 0 ? '500' : '200');
    for (const [, name, value] of headers)
      if (name !== undefined && name !== 'Status') response.setHeader(name, value ?? '');
    response.writeHead(Number.parseInt(status, 10));
    response.end(end < 0 ? undefined : output.subarray(end + 4));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : '');
});
