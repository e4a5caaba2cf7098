import type Dockerode from 'dockerode';
import { Readable } from 'node:stream';
import { asObject, asText } from '../../llb/decode';

/** One request to an engine's API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** With its query, without a version. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** Milliseconds that it may take. */
  readonly patience: number;
}

/** What the engine said with an error status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Sends a request; gives the answer as JSON, of `HEAD` its headers. Fails with {@link ApiError} where the engine refuses. */
export function askApi({ modem }: Pick<Dockerode, 'modem'>, request: ApiRequest): Promise<unknown> {
  const { method, path, signal, patience } = request;
  const timeout = AbortSignal.timeout(patience);
  const abortSignal = AbortSignal.any([signal, timeout]);
  return new Promise((resolve, reject) => {
    const dial = modem as { dial: (options: object, done: (error: unknown, result: unknown) => void) => void };
    const statusCodes = Object.fromEntries(SUCCESS.map((status) => [status, true]));
    // the library takes the last letter of a query that it is not given apart, and sends what it is given as a body, too
    const [plain = '', query] = path.split('?', 2);
    const target =
      query === undefined ? { path } : { path: `${plain}?`, options: { _query: pairsOf(query), _body: {} } };
    dial.dial({ ...target, ...{ method, abortSignal, statusCodes }, isStream: method === 'HEAD' }, (error, result) => {
      if (signal.aborted) reject(signal.reason as Error);
      else if (timeout.aborted) reject(new Error(`${method} ${path} did not end within ${patience / 1000} seconds`));
      else if (error !== null && error !== undefined) reject(apiError(error));
      else if (method === 'HEAD' && result instanceof Readable) {
        result.resume();
        resolve('headers' in result ? result.headers : {});
      } else resolve(result);
    });
  });
}

function pairsOf(query: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(query));
}

const SUCCESS = [200, 201, 202, 204, 304];

function apiError(error: unknown): Error {
  const json = asObject(error);
  const status = json['statusCode'];
  const said = asText(asObject(json['json'])['message']);
  if (typeof status === 'number') return new ApiError(status, said || asText(json['reason']) || `status ${status}`);
  return error instanceof Error ? error : new Error(String(error));
}
