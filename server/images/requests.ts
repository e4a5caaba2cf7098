import type { CancellationToken, Connection, RequestType } from 'vscode-languageserver';
import { renderComparison } from '../../core/image/comparisonText';
import { compareWithPrediction, renderStepPairs } from '../../core/image/compareWithPrediction';
import { layersDocument } from '../../core/image/layersDocument';
import { renderLayers } from '../../core/image/layersText';
import { formatBytes } from '../../core/model';
import { compareImages } from '../../core/node/image/compare';
import type { ReadImage } from '../../core/node/image/findImage';
import { ImageError } from '../../core/node/image/openImage';
import { isPath, type ImageOnEngine } from '../../core/node/image/imageLibrary';
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
  type FoundFile,
  type ImageFileParams,
  type ImageFileStat,
  type ImageNode,
  type ImageViewOptions,
} from '../protocol';
import { signalOf } from '../signal';
import type { DockerfileSettings } from '../settings';
import { archiveRow, archiveStepRows } from './archiveRows';
import { fileRows, notice } from './fileRows';
import { baseRows, imageRow, imageRows, stepRow, stepRows, titleOf, type RowContext } from './imageRows';
import { chainOf, makersOf, type OpenDockerfile } from './makers';
import { readId } from './nodeId';
import type { ImagesSession } from './session';

/** Files that a search gives. */
const MAX_FOUND = 500;
/** Columns of a report. */
const WIDTH = 120;

/** What answers about images are made from. */
export interface ImagesHost {
  readonly session: ImagesSession;
  readonly settings: () => Promise<DockerfileSettings>;
  readonly isTrusted: () => boolean;
  /** The open Dockerfiles that have a prediction. */
  readonly dockerfiles: () => readonly OpenDockerfile[];
  /** An image of the engine was read. */
  readonly imageRead: (image: ImageOnEngine, read: ReadImage) => void;
}

/** Registers the requests about images. */
export function registerImages(connection: Connection, guard: Guard, host: ImagesHost): void {
  const images = new ImageAnswers(host);
  const answer = <P, R>(
    type: RequestType<P, R, void>,
    handle: (params: P, signal: AbortSignal) => R | Promise<R>,
  ): void => {
    const name = type.method.replace('layerInsight/', '');
    const answered = (params: P, token: CancellationToken) =>
      guard(name, () => handle(params, signalOf(token)))(params);
    connection.onRequest(type.method, answered);
  };
  answer(ImagesRequest, (options, signal) => images.list(options, signal));
  answer(ImageChildrenRequest, (params, signal) => images.children(params.id, params, signal));
  answer(ImageRequest, ({ image }, signal) => images.row(image, signal));
  answer(ImageFileStatRequest, (params, signal) => images.stat(params, signal));
  answer(ImageFolderRequest, (params, signal) => images.folder(params, signal));
  answer(ImageFileRequest, (params, signal) => images.file(params, params.limit, signal));
  answer(ImageReportRequest, ({ image }, signal) => images.report(image, signal));
  answer(CompareImagesRequest, ({ before, after }, signal) => images.compare(before, after, signal));
  answer(CompareWithDockerfileRequest, (params, signal) => images.compareWithDockerfile(params, signal));
  answer(FindInLayersRequest, ({ image, query }, signal) => images.find(image, query, signal));
  answer(LayerOfLineRequest, ({ uri, line }, signal) => images.layerOfLine(uri, line, signal));
}

class ImageAnswers {
  /** As they were listed last: children of rows are about these. */
  private listed: readonly ImageOnEngine[] = [];
  /** The last one that was told to have been read. */
  private told: ReadImage | undefined;

  constructor(private readonly host: ImagesHost) {}

  async list(options: ImageViewOptions, signal: AbortSignal) {
    const { session } = this.host;
    if (!this.host.isTrusted())
      return { engine: '', message: 'This workspace is not trusted: no engine is asked.', nodes: [] };
    const settings = await this.host.settings();
    if (settings.engineKind === 'none')
      return { engine: '', message: 'No engine is asked (layerInsight.engine.kind).', nodes: [] };
    try {
      const [engine, images] = await Promise.all([
        session.engineName(settings, signal),
        session.list(settings, signal),
      ]);
      this.listed = images;
      return { engine, message: '', nodes: imageRows(images, options, this.context(settings)) };
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      return { engine: '', message: error.message, nodes: [] };
    }
  }

  async children(idText: string, options: ImageViewOptions, signal: AbortSignal): Promise<readonly ImageNode[]> {
    const id = readId(idText);
    if (id === undefined || id.kind === 'notice' || id.kind === 'step') return [];
    const settings = await this.trusted();
    const context = this.context(settings);
    if (id.kind !== 'layer' && id.kind !== 'file') {
      if (isPath(id.image)) return archiveStepRows(id.image, await this.read(id.image, signal), settings.units);
      const image = await this.imageNamed(id.image, signal);
      return id.kind === 'image' ? stepRows(image, this.listed, context) : baseRows(image, this.listed, context);
    }
    try {
      const read = await this.read(id.image, signal);
      const view = this.host.session.layerView(read, id.layer);
      return fileRows(read, id.image, view, id.kind === 'file' ? id.path : '', options, settings.units);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      return [notice(error.message, idText)];
    }
  }

  async row(image: string, signal: AbortSignal): Promise<ImageNode> {
    const settings = await this.trusted();
    if (isPath(image)) {
      this.host.session.forget(image);
      return archiveRow(image, await this.read(image, signal), settings.units);
    }
    return imageRow(await this.imageNamed(image, signal), this.listed, this.context(settings));
  }

  async stat({ image, layer, path }: ImageFileParams, signal: AbortSignal): Promise<ImageFileStat | null> {
    const read = await this.read(image, signal);
    const file = this.host.session.layerView(read, layer).find(path);
    if (path === '') return { type: 'directory', bytes: 0, modified: 0 };
    if (file === undefined) return null;
    const entry = file.place && read.analysis.layers[file.place.layer]?.entries.at(file.place.index);
    return {
      type: typeOf(file.type),
      bytes: file.type === 'file' ? file.bytes : 0,
      modified: (entry?.modified ?? 0) * 1000,
    };
  }

  async folder({ image, layer, path }: ImageFileParams, signal: AbortSignal) {
    const view = this.host.session.layerView(await this.read(image, signal), layer);
    return view
      .children(path, true)
      .filter(({ change }) => change !== 'removed')
      .map(({ name, type }) => ({ name, type: typeOf(type) }));
  }

  async file({ image, layer, path }: ImageFileParams, limit: number, signal: AbortSignal): Promise<string> {
    const read = await this.read(image, signal);
    const file = this.host.session.layerView(read, layer).find(path);
    const place = file?.place;
    if (file === undefined || place === undefined)
      throw new ImageError(`there is no /${path} in layer ${layer + 1} of ${image}`);
    if (file.type === 'hardlink') {
      const entry = read.analysis.layers[place.layer]?.entries.at(place.index);
      return this.file({ image, layer, path: entry?.link ?? '' }, limit, signal);
    }
    return Buffer.from(await read.image.content(place, limit, signal)).toString('base64');
  }

  async report(image: string, signal: AbortSignal): Promise<string> {
    const { units } = await this.trusted();
    const { image: open, analysis, base } = await this.read(image, signal);
    const { description, problems } = open;
    // an id fills the line
    const name = isPath(image) ? image : (description.names[0] ?? image);
    return renderLayers(layersDocument({ name, description, analysis, base, problems, files: false }), WIDTH, units);
  }

  async compare(before: string, after: string, signal: AbortSignal): Promise<string> {
    const { units } = await this.trusted();
    const [one, other] = [(await this.read(before, signal)).image, (await this.read(after, signal)).image];
    return renderComparison(await compareImages(one, other, signal), units);
  }

  async compareWithDockerfile({ image, uri }: { image: string; uri: string }, signal: AbortSignal): Promise<string> {
    const { units } = await this.trusted();
    const dockerfile = this.host.dockerfiles().find((one) => one.uri === uri);
    if (dockerfile === undefined) throw new ImageError('the Dockerfile is not open, or not predicted yet');
    const found = await this.imageNamed(image, signal);
    const built = found.steps.slice(found.baseSteps).map(({ createdBy, diffId, bytes }) => ({
      createdBy,
      bytes: diffId === undefined ? undefined : bytes,
    }));
    const pairs = compareWithPrediction(built, chainOf(dockerfile.prediction));
    return renderStepPairs(titleOf(found), dockerfile.prediction.dockerfile, pairs, (bytes) =>
      formatBytes(bytes, units),
    );
  }

  async find(image: string, query: string, signal: AbortSignal): Promise<readonly FoundFile[]> {
    const { units } = await this.trusted();
    const read = await this.read(image, signal);
    return this.host.session
      .find(read, query, MAX_FOUND)
      .map(({ layer, path, isRemoval, type, bytes, instruction }) => ({
        ...{ layer, path, label: `/${path}`, isOpenable: !isRemoval && (type === 'file' || type === 'hardlink') },
        description: isRemoval ? `removed by layer ${layer + 1}` : `${formatBytes(bytes, units)} · layer ${layer + 1}`,
        detail: instruction,
      }));
  }

  async layerOfLine(uri: string, line: number, signal: AbortSignal) {
    const settings = await this.trusted();
    this.listed = await this.host.session.list(settings, signal);
    const dockerfiles = this.host.dockerfiles().filter((one) => one.uri === uri);
    const context = this.context(settings);
    for (const image of [...this.listed].sort((a, b) => (b.created ?? 0) - (a.created ?? 0))) {
      for (const [step, maker] of makersOf(image, dockerfiles)) {
        if (maker.line !== line) continue;
        return { image: imageRow(image, this.listed, context), layer: stepRow(image, step, this.listed, context) };
      }
    }
    return null;
  }

  private async trusted(): Promise<DockerfileSettings> {
    if (!this.host.isTrusted()) throw new ImageError('This workspace is not trusted: no image is read.');
    return this.host.settings();
  }

  private async read(image: string, signal: AbortSignal): Promise<ReadImage> {
    const read = await this.host.session.read(await this.trusted(), image, signal);
    const listed = this.listed.find(({ id }) => id === read.image.description.id);
    if (listed !== undefined && this.told !== read) {
      this.told = read;
      this.host.imageRead(listed, read);
    }
    return read;
  }

  /** An image of the engine by its id or one of its names. */
  private async imageNamed(name: string, signal: AbortSignal): Promise<ImageOnEngine> {
    const fits = ({ id, names }: ImageOnEngine): boolean =>
      id === name ||
      names.includes(name) ||
      names.includes(`${name}:latest`) ||
      id.replace(/^sha256:/, '').startsWith(name);
    const known = this.listed.find(fits);
    if (known !== undefined) return known;
    this.listed = await this.host.session.list(await this.trusted(), signal);
    const found = this.listed.find(fits);
    if (found === undefined) throw new ImageError(`${name} is not on this engine`);
    return found;
  }

  private context({ units }: DockerfileSettings): RowContext {
    const dockerfiles = this.host.dockerfiles();
    const makers = new Map<string, ReturnType<typeof makersOf>>();
    return {
      units,
      now: Date.now(),
      makerOf: (image, step) => {
        const known = makers.get(image.id) ?? makersOf(image, dockerfiles);
        makers.set(image.id, known);
        return known.get(step);
      },
    };
  }
}

function typeOf(type: string): ImageFileStat['type'] {
  if (type === 'hardlink') return 'file';
  return type === 'file' || type === 'directory' || type === 'symlink' ? type : 'other';
}
