import type * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { askServer } from './askServer';
import {
  CompareImagesRequest,
  CompareWithDockerfileRequest,
  FindInLayersRequest,
  ImageChildrenRequest,
  ImageFileRequest,
  ImageFileStatRequest,
  ImageFolderRequest,
  ImageReportRequest,
  ImageRequest,
  ImagesRequest,
  LayerOfLineRequest,
  SaveImageFileRequest,
  type FoundFile,
  type ImageFileParams,
  type ImageFileStat,
  type ImageFolderEntry,
  type ImageNode,
  type ImagesView,
  type ImageViewOptions,
} from '../server/protocol';

/** The row of a layer and that of its image. */
export interface LayerPlace {
  readonly image: ImageNode;
  readonly layer: ImageNode;
}

/** Questions about images and their files. One that is cancelled rejects with the editor's own `CancellationError`. */
export class ImageRequests {
  constructor(private readonly client: Pick<LanguageClient, 'sendRequest'>) {}

  /** The images of the engine. */
  list(options: ImageViewOptions, token?: vscode.CancellationToken): Promise<ImagesView> {
    return askServer(this.client, ImagesRequest, options, token);
  }

  /** One image that the list may not have. */
  image(
    image: string,
    options: ImageViewOptions & { readonly again?: boolean },
    token?: vscode.CancellationToken,
  ): Promise<ImageNode> {
    return askServer(this.client, ImageRequest, { image, ...options }, token);
  }

  /** What is below a row. */
  children(id: string, options: ImageViewOptions, token?: vscode.CancellationToken): Promise<readonly ImageNode[]> {
    return askServer(this.client, ImageChildrenRequest, { id, ...options }, token);
  }

  /** What is at a path; undefined where there is nothing. */
  async stat(file: ImageFileParams): Promise<ImageFileStat | undefined> {
    return (await askServer(this.client, ImageFileStatRequest, file)) ?? undefined;
  }

  /** The names in a folder. */
  folder(folder: ImageFileParams): Promise<readonly ImageFolderEntry[]> {
    return askServer(this.client, ImageFolderRequest, folder);
  }

  /** The content of a file of at most so many bytes. */
  async content(file: ImageFileParams, limit: number, token?: vscode.CancellationToken): Promise<Uint8Array> {
    return Buffer.from(await askServer(this.client, ImageFileRequest, { ...file, limit }, token), 'base64');
  }

  /** Writes a file of any size to a path on the machine of the server, which is that of this extension. */
  async save(file: ImageFileParams, target: string, token?: vscode.CancellationToken): Promise<void> {
    await askServer(this.client, SaveImageFileRequest, { ...file, target }, token);
  }

  /** Layers and waste of an image as plain text. */
  report(image: string, token?: vscode.CancellationToken): Promise<string> {
    return askServer(this.client, ImageReportRequest, { image }, token);
  }

  /** In what two images differ, as plain text. */
  compare(before: string, after: string, token?: vscode.CancellationToken): Promise<string> {
    return askServer(this.client, CompareImagesRequest, { before, after }, token);
  }

  /** An image beside what an open Dockerfile would give now, as plain text. */
  compareWithDockerfile(image: string, uri: string, token?: vscode.CancellationToken): Promise<string> {
    return askServer(this.client, CompareWithDockerfileRequest, { image, uri }, token);
  }

  /** Files of all layers of an image whose path contains every word. */
  find(image: string, query: string, token?: vscode.CancellationToken): Promise<readonly FoundFile[]> {
    return askServer(this.client, FindInLayersRequest, { image, query }, token);
  }

  /** The layer that the instruction on a 0-based line of an open Dockerfile made. */
  async layerOfLine(uri: string, line: number, token?: vscode.CancellationToken): Promise<LayerPlace | undefined> {
    return (await askServer(this.client, LayerOfLineRequest, { uri, line }, token)) ?? undefined;
  }
}
