import type { CancellationToken } from 'vscode-languageserver';

/** Ends when whoever asked does not wait any more. */
export function signalOf(token: CancellationToken): AbortSignal {
  const ending = new AbortController();
  if (token.isCancellationRequested) ending.abort();
  token.onCancellationRequested(() => ending.abort());
  return ending.signal;
}
