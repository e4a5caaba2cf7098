import { LayerView, findInLayers } from '../../core/image/layerView';
import { instructionOf } from '../../core/image/createdBy';
import { formatBytes } from '../../core/model';
import { engineImages } from '../../core/node/engines/engineImages';
import type { ReadImage } from '../../core/node/image/findImage';
import { ImageLibrary, type ImageOnEngine } from '../../core/node/image/imageLibrary';
import { LayerIndexStore } from '../../core/node/image/indexStore';
import type { RegistryDescription } from '../../core/node/image/registryImage';
import { cacheFolder } from '../../core/node/store/stateFolder';
import { EngineNews } from '../engineNews';
import type { DockerfileSettings } from '../settings';

/** Milliseconds after an engine event before the client is told, so that a burst becomes one message. */
const SETTLE = 400;
/** Milliseconds between two states of a reading that are told. */
const PROGRESS_EVERY = 200;

/** What a session of images tells. */
export interface ImagesListener {
  changed(): void;
  progress(image: string, text: string): void;
  log(message: string): void;
}

/** The images of the engine that the settings mean; asked only when somebody looks. */
export class ImagesSession {
  private readonly store: LayerIndexStore;
  private library: ImageLibrary | undefined;
  private key = '';
  private readonly news: EngineNews;
  private view: { readonly read: ReadImage; readonly view: LayerView } | undefined;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly listener: ImagesListener,
  ) {
    this.store = new LayerIndexStore(cacheFolder(env));
    this.news = new EngineNews(SETTLE, 'Image events', listener);
  }

  /** The images of the engine as they are now; from here on changes are told. */
  async list(settings: DockerfileSettings, signal: AbortSignal): Promise<readonly ImageOnEngine[]> {
    const library = await this.libraryFor(settings);
    const images = await library.list(signal);
    this.news.listen(library.engine);
    return images;
  }

  /** `Docker 28.5.2`. */
  async engineName(settings: DockerfileSettings, signal: AbortSignal): Promise<string> {
    return (await this.libraryFor(settings)).engine.version(signal);
  }

  /** What a registry says of an image; asks the network. `again`: even if it was asked before. */
  async describe(
    settings: DockerfileSettings,
    image: string,
    signal: AbortSignal,
    again = false,
  ): Promise<RegistryDescription> {
    return (await this.libraryFor(settings)).describe(image, signal, again);
  }

  /** Opens an image, an archive, a layout or an image of a registry; tells how far that is. */
  async read(settings: DockerfileSettings, image: string, signal: AbortSignal): Promise<ReadImage> {
    const library = await this.libraryFor(settings);
    return this.withProgress(image, (progress) => {
      const onProgress = (bytes: number, all: number | undefined): void => {
        const { units } = settings;
        const of = all === undefined ? '' : ` of ${formatBytes(all, units)}`;
        progress(`Reading layers: ${formatBytes(bytes, units)}${of}`);
      };
      return library.read(image, { signal, onProgress });
    });
  }

  /** Does something long with an image; what it says of its progress is told now and then. */
  async withProgress<T>(image: string, work: (progress: (text: string) => void) => Promise<T>): Promise<T> {
    let last = 0;
    try {
      return await work((text) => {
        if (Date.now() - last < PROGRESS_EVERY) return;
        last = Date.now();
        this.listener.progress(image, text);
      });
    } finally {
      if (last > 0) this.listener.progress(image, '');
    }
  }

  /** The files of an image after one of its layers. */
  layerView(read: ReadImage, layer: number): LayerView {
    if (this.view?.read !== read || this.view.view.layer !== layer) {
      const layers = read.image.layers.map(({ entries }) => entries);
      this.view = { read, view: new LayerView(layers, layer) };
    }
    return this.view.view;
  }

  /** Files of all layers whose path contains every word. */
  find({ image, analysis }: ReadImage, query: string, most: number) {
    return findInLayers(
      image.layers.map(({ entries }) => entries),
      query,
      most,
    ).map((found) => ({ ...found, instruction: instructionOf(analysis.layers[found.layer]?.createdBy ?? '') }));
  }

  dispose(): void {
    this.news.dispose();
  }

  private async libraryFor(settings: DockerfileSettings): Promise<ImageLibrary> {
    await this.store.setLimit(settings.imageCacheMegabytes);
    const key = JSON.stringify([settings.engineKind, settings.dockerPath]);
    if (this.library === undefined || key !== this.key) {
      this.news.stop();
      const engine = await engineImages(settings.engineKind, settings.dockerPath, this.env);
      this.library = new ImageLibrary(engine, this.store, this.env);
      this.key = key;
    }
    return this.library;
  }
}
