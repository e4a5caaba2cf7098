import { spawn } from 'node:child_process';
import { historyStep } from '../../image/manifest';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { EngineImage, ImageStoreAccess } from '../image/engineImage';
import { ImageError } from '../image/openImage';
import { runCommand } from './command';
import { describeImage } from './dockerImages';
import { isUnknownImage, podmanFailure } from './failure';
import { PodmanAccess } from './podman';
import type { ImageLister, ImageStep, ListedEngineImage } from './imageList';

const PROGRAM = 'podman';
/** Milliseconds that a question may take. */
const PATIENCE = 20_000;
/** Longest error text that is kept. */
const MAX_ERROR_TEXT = 4000;

/** The images of Podman, asked by commands: they go wherever the user's own Podman goes. */
export class PodmanImages implements ImageStoreAccess, ImageLister {
  /** What an id names never changes. */
  private readonly known = new Map<string, EngineImage>();

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  async describe(name: string, signal: AbortSignal = new AbortController().signal): Promise<EngineImage | undefined> {
    try {
      const [image] = await this.inspect([name], signal);
      return image;
    } catch (error) {
      signal.throwIfAborted();
      if (isUnknownImage(error)) return undefined;
      throw new ImageError(podmanFailure(error).message);
    }
  }

  async list(signal: AbortSignal): Promise<readonly ListedEngineImage[]> {
    const [images, containers] = await this.asked(() =>
      Promise.all([
        this.json(['images', '--no-trunc', '--format', 'json'], signal),
        this.json(['ps', '--all', '--no-trunc', '--format', 'json'], signal),
      ]),
    );
    const users = new Map<string, string[]>();
    for (const container of containers) {
      const image = withAlgorithm(asText(container['ImageID']));
      const [name = ''] = asArray(container['Names']).map(asText);
      users.set(image, [...(users.get(image) ?? []), name]);
    }
    const ids = [...new Set(images.map((image) => withAlgorithm(asText(image['Id']))))];
    for (const id of this.known.keys()) if (!ids.includes(id)) this.known.delete(id);
    const unknown = ids.filter((id) => !this.known.has(id));
    if (unknown.length > 0) {
      for (const image of await this.asked(() => this.inspectPresent(unknown, signal))) this.known.set(image.id, image);
    }
    const byId = new Map(images.map((image) => [withAlgorithm(asText(image['Id'])), image]));
    return [...byId].flatMap(([id, image]): ListedEngineImage[] => {
      const details = this.known.get(id);
      if (details === undefined) return [];
      const { diffIds, platform } = details;
      // names come and go; those by a digest are beside them
      const names = asArray(image['Names'])
        .map(asText)
        .filter((name) => !name.includes('@'));
      const created = Number(image['Created']) * 1000;
      return [
        {
          ...{ id, names, diffIds, platform, containers: users.get(id) ?? [] },
          repoDigests: asArray(image['RepoDigests']).map(asText),
          created: created > 0 ? created : undefined,
          bytes: Number(image['Size'] ?? 0),
        },
      ];
    });
  }

  async version(signal: AbortSignal): Promise<string> {
    const printed = await this.asked(() =>
      runCommand({
        program: PROGRAM,
        args: ['version', '--format', 'json'],
        env: this.env,
        signal,
        patience: PATIENCE,
      }),
    );
    const json = asObject(JSON.parse(printed));
    // where the engine is elsewhere it is the one that keeps the images
    return `Podman ${asText(asObject(json['Server'] ?? json['Client'])['Version'])}`;
  }

  listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    return new PodmanAccess({ program: PROGRAM, builder: undefined, env: this.env }).listen(signal, onChanged);
  }

  async steps(id: string, signal: AbortSignal): Promise<readonly ImageStep[] | undefined> {
    const image = this.known.get(id) ?? (await this.describe(id, signal));
    if (image === undefined) return undefined;
    const name = id.replace(/^sha256:/, '');
    const printed = await this.asked(() =>
      this.json(['history', '--no-trunc', '--format', 'json', name], signal).catch(unlessGone),
    );
    // removed in between
    if (printed === undefined) return undefined;
    const sizes = printed.map((entry) => Number(entry['size'] ?? 0)).reverse();
    let layer = 0;
    return image.history.map((step, index) => ({
      ...{ ...step, bytes: sizes[index] ?? 0 },
      diffId: step.isEmpty ? undefined : image.diffIds[layer++],
    }));
  }

  /** Images by their ids; one of them may be removed in between, on which all of the command fails. */
  private async inspectPresent(ids: readonly string[], signal: AbortSignal): Promise<EngineImage[]> {
    const images = await this.inspect(ids, signal).catch(unlessGone);
    if (images !== undefined) return images;
    if (ids.length === 1) return [];
    const half = Math.ceil(ids.length / 2);
    const first = await this.inspectPresent(ids.slice(0, half), signal);
    return [...first, ...(await this.inspectPresent(ids.slice(half), signal))];
  }

  private async inspect(names: readonly string[], signal: AbortSignal): Promise<EngineImage[]> {
    const images = await this.json(['image', 'inspect', '--', ...names], signal);
    return images.map((json) => describeImage(json, asArray(json['History']).map(historyStep)));
  }

  private async json(args: readonly string[], signal: AbortSignal): Promise<Json[]> {
    const printed = await runCommand({ program: PROGRAM, args, env: this.env, signal, patience: PATIENCE });
    return asArray(JSON.parse(printed)).map(asObject);
  }

  private async asked<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      throw new ImageError(podmanFailure(error).message);
    }
  }

  export(id: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    signal.throwIfAborted();
    const args = ['save', '--quiet', '--format', 'docker-archive', id.replace(/^sha256:/, '')];
    return Promise.resolve(outputOf(args, this.env, signal));
  }
}

/** Undefined for an image that is not there any more; everything else stays a failure. */
function unlessGone(error: unknown): undefined {
  if (!isUnknownImage(error)) throw error;
  return undefined;
}

/** What a command prints, as it comes. Fails at the end with the command's own words when it did not succeed. */
async function* outputOf(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (chunk: string) => {
    if (said.length < MAX_ERROR_TEXT) said += chunk;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  ended.catch(() => undefined);
  const stop = (): void => {
    child.stdout.destroy();
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    signal.throwIfAborted();
    const code = await ended;
    if (code !== 0)
      throw new ImageError(podmanFailure(new Error(said.trim() || `podman ended with code ${code}`)).message);
  } finally {
    signal.removeEventListener('abort', stop);
    if (child.exitCode === null) stop();
  }
}

function withAlgorithm(id: string): string {
  return id.includes(':') ? id : `sha256:${id}`;
}
