import type { Connection } from 'vscode-languageserver';
import { answering } from '../answering';
import type { Guard } from '../guard';
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
} from '../protocol';
import { ImageAnswers, type ImagesHost } from './answers';

/** Registers the requests about images. */
export function registerImages(connection: Connection, guard: Guard, host: ImagesHost): void {
  const images = new ImageAnswers(host);
  const answer = answering(connection, guard);
  answer(ImagesRequest, (options, signal) => images.list(options, signal));
  answer(ImageChildrenRequest, (params, signal) => images.children(params.id, params, signal));
  answer(ImageRequest, ({ image, again = false }, signal) => images.row(image, again, signal));
  answer(ImageFileStatRequest, async (params, signal) => (await images.files(params, signal)).stat(params.path));
  answer(ImageFolderRequest, async (params, signal) => (await images.files(params, signal)).folder(params.path));
  answer(ImageFileRequest, async (params, signal) => {
    const content = await (await images.files(params, signal)).content(params.path, params.limit, signal);
    return Buffer.from(content).toString('base64');
  });
  answer(SaveImageFileRequest, ({ target, ...file }, signal) => images.save(file, target, signal));
  answer(ImageReportRequest, ({ image }, signal) => images.report(image, signal));
  answer(CompareImagesRequest, ({ before, after }, signal) => images.compare(before, after, signal));
  answer(CompareWithDockerfileRequest, (params, signal) => images.compareWithDockerfile(params, signal));
  answer(FindInLayersRequest, ({ image, query }, signal) => images.find(image, query, signal));
  answer(LayerOfLineRequest, ({ uri, line }, signal) => images.layerOfLine(uri, line, signal));
}
