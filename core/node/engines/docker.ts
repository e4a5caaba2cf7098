import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { ImageInfo } from '../../plan/graph';
import type { ImageStore } from '../../evidence/evidence';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import { makesLayer } from '../../image/createdBy';
import { chainId } from '../chainId';
import { askApi, type ApiRequest } from './apiRequest';
import { formatPlatform, parsePlatform } from '../../plan/platform';
import { dialStdio } from './dial';
import type { DockerEndpoint } from './endpoint';

/** What an engine says of itself. */
export interface EngineInfo {
  readonly id: string;
  readonly version: string;
  readonly store: ImageStore;
  /** `os/arch` that it builds for. */
  readonly platform: string;
  /** Engine clock minus this machine's clock, in milliseconds. */
  readonly clockOffset: number;
  /** How far the offset may be off, in milliseconds. */
  readonly clockMargin: number;
  /** It asks mirrors instead of Docker Hub. */
  readonly mirrorsHub: boolean;
  /** It runs in a machine of its own, whose 127.0.0.1 is another one. */
  readonly isVirtual: boolean;
}

/** One step of an image's history. */
export interface ImageHistoryEntry {
  /** Seconds since the epoch. */
  readonly created: number;
  readonly createdBy: string;
  /** Bytes as the engine counts them. */
  readonly bytes: number;
  readonly comment: string;
}

/** An image as the engine lists it. */
export interface ListedImage {
  readonly id: string;
  /** Empty: it has none. */
  readonly parent: string;
  readonly isTagged: boolean;
  /** It is known by a digest of a registry. */
  readonly isPulled: boolean;
}

/** Milliseconds that one call may take. */
const CALL_TIMEOUT = 10_000;
/**
 * Events that may come of a classic build. Engines tell of each image since 28 (`image create`), before that only the
 * container of a RUN comes and goes.
 */
const BUILD_EVENTS = ['create', 'destroy', 'tag', 'untag', 'delete', 'prune', 'load', 'import', 'pull', 'commit'];
/**
 * The last API that tells what an image was looked up by (`ContainerConfig`); engines that speak a later one speak it,
 * too.
 */
const OLD_API = 'v1.44';
/** Pipes to an engine elsewhere: each is a process of its own. */
const MAX_PIPES = 4;

/**
 * What an image may be named by: a reference or an id (distribution reference/regexp.go). Anything else would be another
 * question, since engines clean up the paths that they are asked for.
 */
const IMAGE_NAME = /^[\w[][\w.:@[\]-]*(?:\/\w[\w.:@-]*)*$/;

/** Answered as the engine answers for a name that it does not have. */
class NoImageName extends Error {
  readonly statusCode = 404;
}

interface ConnectOptions {
  /** The API that is spoken; without it, the newest that the engine knows. */
  readonly version?: string;
  /** Milliseconds that the engine may be silent. */
  readonly timeout?: number | undefined;
}

/** Reads images and facts of an engine. Only what somebody asks for by {@link ask} may change anything. */
export class DockerEngine {
  private constructor(
    private readonly client: Dockerode,
    private readonly local: boolean,
    private readonly agent?: Agent,
  ) {}

  /** Ends the connections that stay open between questions. */
  close(): void {
    this.agent?.destroy();
  }

  /** Prepares a client for an endpoint; nothing is sent yet. Throws when the address has an unknown form. */
  static async connect(
    endpoint: DockerEndpoint,
    program: string,
    env: NodeJS.ProcessEnv,
    { version, timeout = CALL_TIMEOUT }: ConnectOptions = {},
  ): Promise<DockerEngine> {
    // loaded when first used: 40 ms that a parse-only session never pays
    const { default: Client } = await import('dockerode');
    const { host } = endpoint;
    const local = host.startsWith('unix://') || host.startsWith('npipe://');
    const api = version === undefined ? {} : { version };
    if (host.startsWith('unix://')) {
      return new DockerEngine(new Client({ socketPath: host.slice('unix://'.length), timeout, ...api }), local);
    }
    if (host.startsWith('npipe://')) {
      return new DockerEngine(new Client({ socketPath: host.slice('npipe://'.length), timeout, ...api }), local);
    }
    if (!/^(?:tcp|ssh|https?):\/\//.test(host)) throw new Error(`the engine address "${host}" has an unknown form`);
    // docker itself knows certificates and ssh settings: its own pipe to the engine honours them all
    const agent = new Agent({ keepAlive: true, maxSockets: MAX_PIPES });
    Object.assign(agent, {
      createConnection: () => dialStdio(program, ['system', 'dial-stdio'], env).stream,
    });
    const options: Dockerode.DockerOptions = { protocol: 'http', host: 'docker', port: 80, timeout, ...api };
    return new DockerEngine(new Client(Object.assign(options, { agent })), local, agent);
  }

  /** The same engine by an API that tells of classic builds. */
  static async connectClassic(
    endpoint: DockerEndpoint,
    program: string,
    env: NodeJS.ProcessEnv,
  ): Promise<DockerEngine> {
    const engine = await DockerEngine.connect(endpoint, program, env);
    const { ApiVersion: newest } = await engine.client.version();
    const minor = Number(newest.split('.')[1]);
    if (minor <= Number(OLD_API.split('.')[1])) return engine;
    engine.close();
    return DockerEngine.connect(endpoint, program, env, { version: OLD_API });
  }

  /** One request to the engine's API, by the newest version that it speaks. */
  ask(request: ApiRequest): Promise<unknown> {
    return askApi(this.client, request);
  }

  private named(name: string): Dockerode.Image {
    if (!IMAGE_NAME.test(name)) throw new NoImageName(`"${name}" is no name of an image`);
    return this.client.getImage(name);
  }

  /** Identity, version and clock of the engine. */
  async info(): Promise<EngineInfo> {
    const sent = Date.now();
    const info = asObject(await this.client.info());
    const received = Date.now();
    const engineTime = Date.parse(asText(info['SystemTime']));
    const offset = Number.isNaN(engineTime) ? 0 : engineTime - (sent + received) / 2;
    const containerd = asArray(info['DriverStatus']).some((pair) =>
      asArray(pair).some((one) => asText(one).startsWith('io.containerd.snapshotter')),
    );
    // an engine behind a local socket on Linux has this machine's clock; a virtual machine's is measured
    const sameClock = this.local && process.platform === 'linux' && Math.abs(offset) < received - sent + 50;
    return {
      id: asText(info['ID']),
      version: asText(info['ServerVersion']).replace(/\+.*$/, ''),
      store: containerd ? 'containerd' : 'graphdriver',
      platform: platformText(asText(info['OSType']), asText(info['Architecture'])),
      clockOffset: sameClock ? 0 : offset,
      clockMargin: sameClock ? 0 : received - sent + 1000,
      mirrorsHub: asArray(asObject(info['RegistryConfig'])['Mirrors']).length > 0,
      isVirtual: !this.local || process.platform !== 'linux' || /docker desktop/i.test(asText(info['OperatingSystem'])),
    };
  }

  /** The image of a normalised reference; undefined when the engine does not have it. */
  async image(reference: string): Promise<ImageInfo | undefined> {
    const name = reference.replace(/^docker\.io\/(?:library\/)?/, '');
    const json = await unlessGone(() => this.named(name).inspect(), [404]);
    if (json === undefined) return undefined;
    const config = asObject(json['Config']);
    const layers = asArray(asObject(json['RootFS'])['Layers']).map(asText);
    const texts = (value: unknown) => asArray(value).map(asText);
    const variant = asText(json['Variant']);
    const platform = `${asText(json['Os'])}/${asText(json['Architecture'])}`;
    const size = json['Size'];
    return {
      chainId: chainId(layers),
      layers: layers.length,
      digests: [asText(json['Id']), ...texts(json['RepoDigests']).map((digest) => digest.replace(/^.*@/, ''))],
      env: texts(config['Env']),
      workingDir: asText(config['WorkingDir']),
      user: asText(config['User']),
      shell: texts(config['Shell']),
      onbuild: texts(config['OnBuild']),
      platform: variant === '' ? platform : `${platform}/${variant}`,
      bytes: typeof size === 'number' ? size : null,
    };
  }

  /** How an image was made, the newest step first; undefined when the engine does not have it. */
  async history(image: string): Promise<readonly ImageHistoryEntry[] | undefined> {
    const history = await unlessGone(async () => ({ steps: (await this.named(image).history()) as unknown }), [404]);
    if (history === undefined) return undefined;
    return asArray(history['steps']).map((one): ImageHistoryEntry => {
      const entry = asObject(one);
      return {
        created: Number(entry['Created'] ?? 0),
        createdBy: asText(entry['CreatedBy']),
        bytes: Number(entry['Size'] ?? 0),
        comment: asText(entry['Comment']),
      };
    });
  }

  /**
   * Calls `onChanged` for each event, of a classic build unless others are named, until aborted or the engine goes away.
   */
  async events(
    signal: AbortSignal,
    onChanged: () => void,
    event: readonly string[] = BUILD_EVENTS,
    type: readonly string[] = ['image', 'container'],
  ): Promise<void> {
    const filters = JSON.stringify({ type, event });
    const stream = await this.client.getEvents({ filters });
    // what dockerode calls a readable stream is the response itself
    const stop = (): void => {
      if (stream instanceof Readable) stream.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await new Promise<void>((resolve) => {
      stream.on('data', onChanged);
      stream.on('error', () => resolve());
      stream.on('close', () => resolve());
      stream.on('end', () => resolve());
    });
  }

  /** All images, those without a name too. */
  async allImages(): Promise<ListedImage[]> {
    const images: unknown = await this.client.listImages({ all: true });
    return asArray(images)
      .map(asObject)
      .map((image) => ({
        id: asText(image['Id']),
        parent: asText(image['ParentId']),
        isTagged: asArray(image['RepoTags']).some((tag) => asText(tag) !== '<none>:<none>'),
        isPulled: asArray(image['RepoDigests']).some((digest) => !asText(digest).startsWith('<none>')),
      }));
  }

  /** Images as `docker images` lists them, and the names of the containers made from each. */
  async namedImages(): Promise<{
    readonly images: readonly Json[];
    readonly containers: ReadonlyMap<string, string[]>;
  }> {
    const [images, containers]: [unknown, unknown] = await Promise.all([
      this.client.listImages(),
      this.client.listContainers({ all: true }),
    ]);
    const users = new Map<string, string[]>();
    for (const container of asArray(containers).map(asObject)) {
      const image = asText(container['ImageID']);
      const [name = ''] = asArray(container['Names']).map(asText);
      users.set(image, [...(users.get(image) ?? []), name.replace(/^\//, '')]);
    }
    return { images: asArray(images).map(asObject), containers: users };
  }

  /** The id of an image by a name or the beginning of its id; undefined when the engine does not have it. */
  async imageId(name: string): Promise<string | undefined> {
    const json = await this.imageJson(name);
    return json === undefined ? undefined : asText(json['Id']);
  }

  /** What the engine says of an image; undefined when it does not have it. */
  async imageJson(name: string): Promise<Json | undefined> {
    // a name that is none is one of no image
    return unlessGone(() => this.named(name).inspect(), [404, 400]);
  }

  /** A whole image as an archive, as it comes; the stream ends when the signal is aborted. */
  async exportImage(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const stream = await this.named(id).get();
    // what dockerode calls a readable stream is the response itself
    if (!(stream instanceof Readable)) throw new Error('the engine gave no stream');
    const stop = (): void => void stream.destroy();
    signal.addEventListener('abort', stop, { once: true });
    stream.once('close', () => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    return stream as AsyncIterable<Uint8Array>;
  }

  /** IDs of the local images, newest first. */
  async imageIds(): Promise<string[]> {
    const images = (await this.client.listImages()).map(({ Id, Created }) => ({ Id, Created }));
    return images.sort((a, b) => b.Created - a.Created).map(({ Id }) => Id);
  }

  /** Bytes of the layers of an image by diffID, as `docker history` shows them; empty when they cannot be told apart. */
  async layerSizes(image: string): Promise<Readonly<Record<string, number>>> {
    const [details, history] = [await this.imageJson(image), await this.history(image)];
    // removed since: its sizes are lost, nothing else
    if (details === undefined || history === undefined) return {};
    const layers = asArray(asObject(details['RootFS'])['Layers']).map(asText);
    const made = history.filter(({ bytes, createdBy }) => bytes !== 0 || makesLayer(createdBy)).reverse();
    if (made.length !== layers.length) return {};
    return Object.fromEntries(layers.map((layer, index) => [layer, made[index]?.bytes ?? 0]));
  }
}

/** What moby says of an image that is just being removed, between its description and its layers (layer/layer.go). */
const IS_GOING = /layer does not exist|unable to find image/i;

/**
 * An answer about an image; undefined when the engine does not have it. One that is being removed is an error at first,
 * and gone when it is asked for again: what the others say must not be lost for it.
 */
async function unlessGone(ask: () => Promise<unknown>, isNone: readonly number[]): Promise<Json | undefined> {
  for (let again = false; ; again = true) {
    try {
      return asObject(await ask());
    } catch (error) {
      if (isNone.includes(Number(asObject(error)['statusCode']))) return undefined;
      if (again || !(error instanceof Error && IS_GOING.test(error.message))) throw error;
    }
  }
}

/** `os/arch` from how the engine writes it (`linux`, `x86_64`). */
function platformText(os: string, architecture: string): string {
  const platform = parsePlatform(`${os}/${architecture}`);
  return platform === undefined ? 'linux/amd64' : formatPlatform(platform);
}
