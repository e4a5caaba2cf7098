import * as vscode from 'vscode';
import type { LanguageClient, RequestParam, RequestType } from 'vscode-languageclient/node';

/** Sends a request of our own. One that is cancelled rejects with the editor's own `CancellationError`. */
export async function askServer<P, R>(
  client: Pick<LanguageClient, 'sendRequest'>,
  type: RequestType<P, R, void>,
  params: RequestParam<P>,
  token?: vscode.CancellationToken,
): Promise<R> {
  try {
    return await client.sendRequest(type, params, token);
  } catch (error) {
    // the library rejects with an error of the protocol, which callers should not have to know
    if (token?.isCancellationRequested === true) throw new vscode.CancellationError();
    throw error;
  }
}
