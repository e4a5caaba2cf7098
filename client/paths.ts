import type { Uri } from 'vscode';

/** The last part of a path. */
export function basename(uri: Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
