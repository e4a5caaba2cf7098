import type { ClientHttp2Stream, ClientSessionRequestOptions, OutgoingHttpHeaders } from 'node:http2';
import type { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

/** What a transport asks of a session; connect-node does not export its name. */
type SessionManager = NonNullable<Parameters<typeof createGrpcTransport>[0]['sessionManager']>;

/**
 * A session over a process, whose responses are read as they come. Node 24.20 and 26.3 report a premature close to whoever begins to
 * iterate over a response that has ended with its body still buffered (nodejs/node#65677), which is how connect-node
 * reads; the editor's own Node has that version.
 */
export class BufferedResponses implements SessionManager {
  private guarded: ClientHttp2Stream['session'];

  /** A session on a connection that is dead from the beginning would try without an end: hence `started`. */
  constructor(
    private readonly session: Http2SessionManager,
    private readonly started: Promise<void>,
  ) {}

  get authority(): string {
    return this.session.authority;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Omit<ClientSessionRequestOptions, 'signal'>,
  ): Promise<ClientHttp2Stream> {
    await this.started;
    const stream = await this.session.request(method, path, headers, options);
    this.guard(stream.session);
    Object.defineProperty(stream, Symbol.asyncIterator, { value: bufferBody(stream) });
    return stream;
  }

  /** connect-node stops listening before a session's last error, which would then end the whole program. */
  private guard(session: ClientHttp2Stream['session']): void {
    if (session === undefined || session === this.guarded) return;
    this.guarded = session;
    session.on('error', () => undefined);
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.session.notifyResponseByteRead(stream);
  }
}

/** Collects the body from now on; the returned function iterates over it, whenever it is called. */
function bufferBody(stream: ClientHttp2Stream): () => AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  let ended = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  stream.on('error', (error: Error) => {
    failure = error;
    wake();
  });
  for (const event of ['end', 'close', 'aborted'] as const) {
    stream.on(event, () => {
      ended = true;
      wake();
    });
  }
  return async function* () {
    for (;;) {
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) yield chunk;
      if (failure !== undefined) throw failure;
      if (ended) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}
