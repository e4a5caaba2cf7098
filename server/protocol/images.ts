import { NotificationType, RequestType } from 'vscode-languageserver-protocol';

/** What a row of the Images view is; the client chooses picture and menu by it. */
export type ImageNodeKind = 'image' | 'base' | 'step' | 'layer' | 'folder' | 'file' | 'group' | 'notice';

/** What a layer does to a path. */
export type LayerFileChange = 'added' | 'modified' | 'removed' | 'unmodified';

/** One row of the Images view, ready to be shown. Children are asked for when it is opened. */
export interface ImageNode {
  /** Stays the same for the same thing; names it in {@link ImageChildrenRequest}. */
  readonly id: string;
  readonly kind: ImageNodeKind;
  readonly label: string;
  /** Dimmed text behind the label. */
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** The whole row as a sentence, for screen readers. */
  readonly accessibilityLabel: string;
  readonly hasChildren: boolean;
  /** Id of the image that the row belongs to. */
  readonly image?: string;
  /** 0-based layer; for layers, folders and files. */
  readonly layer?: number;
  /** Of a layer: the digest of its files (diffID). */
  readonly digest?: string;
  /** For folders and files: relative to the root of the image. */
  readonly path?: string;
  readonly change?: LayerFileChange;
  /** It has content that can be opened. */
  readonly isOpenable?: boolean;
  /** The lower layer that has another copy of the file, for comparing. */
  readonly olderLayer?: number;
  /** Of an image that is on no engine: where it is. */
  readonly source?: 'disk' | 'registry';
  /** The instruction of an open Dockerfile that made it; 0-based line. */
  readonly maker?: { readonly uri: string; readonly line: number };
}

/** How images and files are listed. */
export interface ImageViewOptions {
  /** Files of all layers up to one, not only those that it has itself. */
  readonly cumulative: boolean;
  readonly sortBy: 'size' | 'name';
  /** Kinds of changes that are left out. */
  readonly hidden: readonly LayerFileChange[];
}

/** The images of the engine. */
export interface ImagesView {
  /** `Docker 28.5.2`; empty when none answered. */
  readonly engine: string;
  /** Why there is nothing, for people; empty otherwise. */
  readonly message: string;
  readonly nodes: readonly ImageNode[];
}

/** Client → server: the images of the engine, asked for again each time. */
export const ImagesRequest = new RequestType<ImageViewOptions, ImagesView, void>('layerInsight/images');

export interface ImageChildrenParams extends ImageViewOptions {
  readonly id: string;
}

/**
 * Client → server: what is below a row. May have to read a whole image, which is told by {@link ImageProgressNotification}
 * and ends when the request is cancelled.
 */
export const ImageChildrenRequest = new RequestType<ImageChildrenParams, readonly ImageNode[], void>(
  'layerInsight/imageChildren',
);

/** A file of an image after one of its layers. */
export interface ImageFileParams {
  /** Id or name of an image, the absolute path of an archive or a layout, or a `registryName`. */
  readonly image: string;
  readonly layer: number;
  /** Relative to the root; empty: the root itself. */
  readonly path: string;
}

/** What is known of a file of an image. */
export interface ImageFileStat {
  /** Where a symbolic link leads within the image; `symlink` for one that leads nowhere. */
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** It is a symbolic link. */
  readonly isLink: boolean;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

/** Client → server: what is at a path; null where there is nothing. */
export const ImageFileStatRequest = new RequestType<ImageFileParams, ImageFileStat | null, void>(
  'layerInsight/imageFileStat',
);

/** A name in a folder of an image. */
export interface ImageFolderEntry extends Pick<ImageFileStat, 'type' | 'isLink'> {
  readonly name: string;
}

/** Client → server: the names in a folder. */
export const ImageFolderRequest = new RequestType<ImageFileParams, readonly ImageFolderEntry[], void>(
  'layerInsight/imageFolder',
);

/** Client → server: the content of a file as base64; fails with a sentence when it is too large or cannot be read. */
export const ImageFileRequest = new RequestType<ImageFileParams & { readonly limit: number }, string, void>(
  'layerInsight/imageFile',
);

/**
 * Client → server: writes a file of any size to a path on the disk of the server; null when it is there. Told by
 * {@link ImageProgressNotification}; nothing is left of one that is cancelled or fails.
 */
export const SaveImageFileRequest = new RequestType<ImageFileParams & { readonly target: string }, null, void>(
  'layerInsight/saveImageFile',
);

/** Names one image: its id or name, the absolute path of an archive or a layout, or a `registryName`. */
export interface ImageParams {
  readonly image: string;
}

/** Client → server: layers, what of them nobody sees, and dive's figures, as plain text. */
export const ImageReportRequest = new RequestType<ImageParams, string, void>('layerInsight/imageReport');

/**
 * Client → server: the row of one image that the list may not have: an archive, an image of a registry. `again`: a
 * registry is asked anew, as a tag may be another image now.
 */
export const ImageRequest = new RequestType<
  ImageParams & ImageViewOptions & { readonly again?: boolean },
  ImageNode,
  void
>('layerInsight/image');

/** Client → server: in what two images differ, as plain text. */
export const CompareImagesRequest = new RequestType<{ readonly before: string; readonly after: string }, string, void>(
  'layerInsight/compareImages',
);

/** Client → server: an image beside what an open Dockerfile would give now, instruction by instruction, as plain text. */
export const CompareWithDockerfileRequest = new RequestType<
  { readonly image: string; readonly uri: string },
  string,
  void
>('layerInsight/compareWithDockerfile');

/** A file that a search found. */
export interface FoundFile {
  readonly layer: number;
  readonly path: string;
  readonly label: string;
  readonly description: string;
  /** The instruction of its layer. */
  readonly detail: string;
  readonly isOpenable: boolean;
}

/** Client → server: files of all layers whose path contains every word; the newest layer first. */
export const FindInLayersRequest = new RequestType<
  ImageParams & { readonly query: string },
  readonly FoundFile[],
  void
>('layerInsight/findInLayers');

/** Client → server: the row of the layer that the instruction on a 0-based line of an open Dockerfile made; null: none. */
export const LayerOfLineRequest = new RequestType<
  { readonly uri: string; readonly line: number },
  { readonly image: ImageNode; readonly layer: ImageNode } | null,
  void
>('layerInsight/layerOfLine');

/** Server → client: how far the reading of an image is. */
export const ImageProgressNotification = new NotificationType<{ readonly image: string; readonly text: string }>(
  'layerInsight/imageProgress',
);

/** Server → client: other instructions of open Dockerfiles made the steps of images; rows below images may be others. */
export const ImageMakersChangedNotification = new NotificationType<void>('layerInsight/imageMakersChanged');

/** Server → client: the images of the engine are others now; whoever shows them asks again. */
export const ImagesChangedNotification = new NotificationType<void>('layerInsight/imagesChanged');
