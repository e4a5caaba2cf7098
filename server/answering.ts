import type { CancellationToken, Connection, RequestType } from 'vscode-languageserver';
import type { Guard } from './guard';
import { signalOf } from './signal';

/** Answers one kind of request. */
export type Answer = <P, R>(
  type: RequestType<P, R, void>,
  handle: (params: P, signal: AbortSignal) => R | Promise<R>,
) => void;

/** Registers handlers of our own requests: guarded, named by their method, ended when nobody waits any more. */
export function answering(connection: Connection, guard: Guard): Answer {
  return (type, handle) => {
    const name = type.method.replace('layerInsight/', '');
    connection.onRequest(type.method, (params: Parameters<typeof handle>[0], token: CancellationToken) =>
      guard(name, () => handle(params, signalOf(token)))(params),
    );
  };
}
