import * as vscode from 'vscode';
import type { ImageFileParams } from '../../server/protocol';
import { LAYER_SCHEME } from '../contributions';

/**
 * The address of a file as a layer leaves it: `layer-insight-layer:/<image>/<layer from 1>/<path>?<image and layer>`.
 * The path is for people, what is asked for is in the query.
 */
export function layerUri(shortName: string, { image, layer, path }: ImageFileParams): vscode.Uri {
  return vscode.Uri.from({
    scheme: LAYER_SCHEME,
    // a name with slashes would look like folders
    path: `/${shortName.slice(shortName.lastIndexOf('/') + 1)}/${layer + 1}/${path}`,
    query: new URLSearchParams({ image, layer: String(layer) }).toString(),
  });
}

/** What an address names; undefined for one that is not of ours. */
export function layerFileOf(uri: vscode.Uri): ImageFileParams | undefined {
  const query = new URLSearchParams(uri.query);
  const [image, layer] = [query.get('image'), Number(query.get('layer') ?? NaN)];
  if (image === null || image === '' || !Number.isInteger(layer) || layer < 0) return undefined;
  const [, , , ...path] = uri.path.split('/');
  return { image, layer, path: path.join('/') };
}
