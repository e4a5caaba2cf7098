import { renderComparison } from '../../core/image/comparisonText';
import { layersDocument } from '../../core/image/layersDocument';
import { renderLayers } from '../../core/image/layersText';
import { formatBytes, registryReference } from '../../core/model';
import { compareImages } from '../../core/node/image/compare';
import type { ReadImage } from '../../core/node/image/findImage';
import { isPath, type ImageOnEngine } from '../../core/node/image/imageLibrary';
import { ImageError } from '../../core/node/image/openImage';
import type { FoundFile, ImageFileParams, ImageNode, ImageViewOptions } from '../protocol';
import type { DockerfileSettings } from '../settings';
import { archiveRow, layersInRegistry, layersOnDisk, listedStepRows, registryRow } from './archiveRows';
import { compareWithDockerfile } from './dockerfileComparison';
import { fileRows, notice } from './fileRows';
import { ImageFiles } from './files';
import { baseRows, imageRow, imageRows, stepRow, stepRows, type RowContext } from './imageRows';
import { makersOf, type OpenDockerfile } from './makers';
import { readId } from './nodeId';
import type { ImagesSession } from './session';

/** Files that a search gives. */
const MAX_FOUND = 500;
/** What may have content, once links are followed. */
const OPENABLE: readonly string[] = ['file', 'hardlink', 'symlink'];
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

/** Answers the requests about images. */
export class ImageAnswers {
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
    const settings = await this.allowed(id.image);
    const context = this.context(settings);
    if (id.kind !== 'layer' && id.kind !== 'file') {
      if (registryReference(id.image) !== undefined) return this.registrySteps(id.image, settings, signal);
      if (isPath(id.image)) return this.archiveSteps(id.image, settings, signal);
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

  async row(image: string, again: boolean, signal: AbortSignal): Promise<ImageNode> {
    const settings = await this.allowed(image);
    const reference = registryReference(image);
    if (reference !== undefined) {
      return registryRow(
        image,
        reference,
        await this.host.session.describe(settings, image, signal, again),
        settings.units,
      );
    }
    if (isPath(image)) return archiveRow(image, await this.read(image, signal), settings.units);
    return imageRow(await this.imageNamed(image, signal), this.listed, this.context(settings));
  }

  /** The files of an image after one of its layers. */
  async files({ image, layer }: Pick<ImageFileParams, 'image' | 'layer'>, signal: AbortSignal): Promise<ImageFiles> {
    const read = await this.read(image, signal);
    return new ImageFiles(read, this.host.session.layerView(read, layer));
  }

  async save(file: ImageFileParams, target: string, signal: AbortSignal): Promise<null> {
    const { units } = await this.host.settings();
    const files = await this.files(file, signal);
    await this.host.session.withProgress(file.image, (progress) =>
      files.save(
        file.path,
        target,
        (bytes, all) => progress(`Saving ${formatBytes(bytes, units)} of ${formatBytes(all, units)}`),
        signal,
      ),
    );
    return null;
  }

  async report(image: string, signal: AbortSignal): Promise<string> {
    const { units } = await this.host.settings();
    const { image: open, analysis, base } = await this.read(image, signal);
    const { description, problems } = open;
    // an id fills the line
    const name = isPath(image) ? image : (description.names[0] ?? image);
    return renderLayers(layersDocument({ name, description, analysis, base, problems, files: false }), WIDTH, units);
  }

  async compare(before: string, after: string, signal: AbortSignal): Promise<string> {
    const { units } = await this.host.settings();
    const [one, other] = [(await this.read(before, signal)).image, (await this.read(after, signal)).image];
    return renderComparison(await compareImages(one, other, signal), units);
  }

  async compareWithDockerfile({ image, uri }: { image: string; uri: string }, signal: AbortSignal): Promise<string> {
    const { units } = await this.allowed(image);
    const dockerfile = this.host.dockerfiles().find((one) => one.uri === uri);
    if (dockerfile === undefined) throw new ImageError('the Dockerfile is not open, or not predicted yet');
    const isListed = !isPath(image) && registryReference(image) === undefined;
    const listed = isListed ? await this.imageNamed(image, signal) : undefined;
    const read = await this.read(listed?.id ?? image, signal);
    return compareWithDockerfile({ read, listed, dockerfile, units, signal });
  }

  async find(image: string, query: string, signal: AbortSignal): Promise<readonly FoundFile[]> {
    const { units } = await this.host.settings();
    const read = await this.read(image, signal);
    return this.host.session
      .find(read, query, MAX_FOUND)
      .map(({ layer, path, isRemoval, type, bytes, instruction }) => ({
        ...{ layer, path, label: `/${path}`, isOpenable: !isRemoval && OPENABLE.includes(type) },
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

  private async archiveSteps(path: string, { units }: DockerfileSettings, signal: AbortSignal): Promise<ImageNode[]> {
    const read = await this.read(path, signal);
    const { history } = read.image.description;
    const makers = makersOf({ steps: history }, this.host.dockerfiles());
    return listedStepRows({
      ...{ image: path, history, layers: layersOnDisk(read, units), problems: read.image.problems },
      makerOf: (step) => makers.get(step),
    });
  }

  private async registrySteps(image: string, settings: DockerfileSettings, signal: AbortSignal): Promise<ImageNode[]> {
    const described = await this.host.session.describe(settings, image, signal);
    const { history } = described.description;
    const makers = makersOf({ steps: history }, this.host.dockerfiles());
    return listedStepRows({
      ...{ image, history, layers: layersInRegistry(described, settings.units), problems: [] },
      makerOf: (step) => makers.get(step),
    });
  }

  private async trusted(): Promise<DockerfileSettings> {
    if (!this.host.isTrusted()) throw new ImageError('This workspace is not trusted: no image is read.');
    return this.host.settings();
  }

  /** The settings, where they allow that this image is asked for. */
  private async allowed(image: string): Promise<DockerfileSettings> {
    const settings = await this.trusted();
    if (registryReference(image) !== undefined && !settings.networkLookups) {
      throw new ImageError('No registry is asked: layerInsight.network.lookups does not allow it.');
    }
    return settings;
  }

  private async read(image: string, signal: AbortSignal): Promise<ReadImage> {
    const read = await this.host.session.read(await this.allowed(image), image, signal);
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
