import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { ImageError } from '../core/node/image/openImage';

/** Milliseconds above which a request is worth a line in the log. */
const SLOW = 100;

/**
 * The one place where an exception becomes a response: wraps a request handler so that a bug in one answer is logged
 * and told to the client, and never ends the server.
 */
export function guarded(log: (message: string) => void) {
  return <P, R>(method: string, handle: (params: P) => R | Promise<R>) =>
    async (params: P): Promise<R | ResponseError> => {
      const started = performance.now();
      try {
        return await handle(params);
      } catch (error) {
        // whoever asked does not wait any more
        if (error instanceof Error && error.name === 'AbortError') {
          return new ResponseError(LSPErrorCodes.RequestCancelled, `${method}: cancelled`);
        }
        // a sentence for the user, who sees it as it is
        if (error instanceof ImageError) {
          log(`${method}: ${error.message}`);
          return new ResponseError(LSPErrorCodes.RequestFailed, error.message);
        }
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log(`${method}: ${text}`);
        const message = error instanceof Error ? error.message : String(error);
        return new ResponseError(LSPErrorCodes.RequestFailed, `${method}: ${message}`);
      } finally {
        const took = performance.now() - started;
        if (took > SLOW) log(`${method} took ${took.toFixed(0)} ms`);
      }
    };
}

/** Wraps a request handler; see {@link guarded}. */
export type Guard = ReturnType<typeof guarded>;
