import { spawn } from 'node:child_process';
import type { BuildahConfig } from '../../buildah/config';
import { pastOf, type BuildahEvidence, type BuildahImage, type HistoryEntry } from '../../buildah/imageStore';
import { SCRATCH } from '../../buildah/plan';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { BuilderInfo } from '../../model';
import { CommandTimeout, runCommand } from './command';
import type { EngineChoice } from './connection';
import { isUnknownImage } from './failure';
import type { EvidenceResult, ImagesOf } from './loadEvidence';
import { nanoseconds } from './times';

/** The program that is asked. */
const PROGRAM = 'podman';
/** Milliseconds that one command may take. */
const PATIENCE = 20_000;
/** Images that one command is asked for. */
const AT_ONCE = 100;
/** Images that name images that name images. */
const ROUNDS = 3;
/** What leads Podman to its store (podman(1), containers-storage.conf(5)). */
const LEADS_TO_STORE =
  /^(?:PATH|HOME|USER|XDG_(?:RUNTIME_DIR|CONFIG_HOME|DATA_HOME)|CONTAINERS?_.*|PODMAN_.*|STORAGE_.*|DOCKER_HOST)$/;

/** Images of a store by their ids. */
type Images = Map<string, BuildahImage>;

/** A store that this process knows: what an id names never changes. */
interface KnownStore {
  readonly images: Images;
  version?: { readonly podman: string; readonly platform: string };
}

/** By what leads to them. */
const stores = new Map<string, KnownStore>();

function storeOf(env: NodeJS.ProcessEnv): KnownStore {
  const way = JSON.stringify(
    Object.entries(env)
      .filter(([name]) => LEADS_TO_STORE.test(name))
      .sort(),
  );
  const store = stores.get(way) ?? { images: new Map<string, BuildahImage>() };
  stores.set(way, store);
  return store;
}

/**
 * What Podman's store holds, asked by commands: they go wherever the user's own Podman goes. Each image is asked for
 * once; nothing is written down, since histories hold build arguments.
 */
export class PodmanAccess {
  private readonly store: KnownStore;

  constructor(private readonly choice: EngineChoice) {
    this.store = storeOf(choice.env);
  }

  /** Reads what changed since the last call; `chosenBy` is shown. Fails with Podman's own words. */
  async read(
    imagesOf: ImagesOf,
    chosenBy: string,
    signal: AbortSignal,
  ): Promise<Extract<EvidenceResult, { kind: 'buildah' }>> {
    const [version, listed] = await Promise.all([this.readVersion(signal), this.list(signal)]);
    // of this read: others may forget meanwhile what is not in their list
    const images: Images = new Map(this.store.images);
    const named = new Map<string, BuildahImage | undefined>();
    for (let round = 0; round < ROUNDS; round++) {
      const configOf = (name: string): BuildahConfig | undefined => named.get(name)?.config;
      const missing = imagesOf({ kind: 'buildah', config: configOf }).filter((name) => !named.has(name));
      if (missing.length === 0) break;
      for (const name of missing)
        named.set(name, name === SCRATCH ? undefined : await this.named(name, images, signal));
    }
    await this.inspectRelated(listed, named, images, signal);
    const present = listed.flatMap(({ id }) => images.get(id) ?? []);
    const builder: BuilderInfo = {
      kind: 'buildah',
      ...{ name: '', engineVersion: version.podman, buildkitVersion: null },
      chosenBy,
    };
    const evidence: BuildahEvidence = {
      ...{ builder, platform: version.platform, named, images: present },
      usesLayers: (this.choice.env['BUILDAH_LAYERS'] ?? '') !== 'false',
      // a store on this machine has its clock; of another one nobody tells, and times only name what was written since
      ...{ clockOffset: 0, clockMargin: 0 },
    };
    return { kind: 'buildah', evidence, settled: true };
  }

  /** Calls `onChanged` when an image (or another of these things) was made, named or removed, until aborted or Podman ends. */
  listen(signal: AbortSignal, onChanged: () => void, types: readonly string[] = ['image']): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const filters = types.flatMap((type) => ['--filter', `type=${type}`]);
      const args = ['events', ...filters, '--format', '{{.Status}}'];
      const { env } = this.choice;
      const child = spawn(PROGRAM, args, { env, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
      const stop = (): void => void child.kill();
      signal.addEventListener('abort', stop, { once: true });
      child.stdout.on('data', onChanged);
      child.on('error', reject);
      child.on('close', () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  private run(args: readonly string[], signal: AbortSignal): Promise<string> {
    return runCommand({ program: PROGRAM, args, env: this.choice.env, signal, patience: PATIENCE });
  }

  private async readVersion(signal: AbortSignal): Promise<NonNullable<KnownStore['version']>> {
    if (this.store.version === undefined) {
      const json = asObject(JSON.parse(await this.run(['version', '--format', 'json'], signal)));
      const client = asObject(json['Client']);
      // where the engine is elsewhere it is the one that builds
      const server = asObject(json['Server'] ?? client);
      this.store.version = { podman: asText(server['Version']), platform: asText(server['OsArch']) || 'linux/amd64' };
    }
    return this.store.version;
  }

  /** All images, those of steps too. */
  private async list(signal: AbortSignal): Promise<Listed[]> {
    const json: unknown = JSON.parse(await this.run(['images', '--all', '--no-trunc', '--format', 'json'], signal));
    const listed = new Map<string, Listed>();
    for (const one of asArray(json).map(asObject)) {
      const id = plainId(one['Id']);
      listed.set(id, { id, parent: plainId(one['ParentId']) });
    }
    const { images } = this.store;
    for (const id of images.keys()) if (!listed.has(id)) images.delete(id);
    return [...listed.values()];
  }

  /**
   * Looks at the images that may count: those that stand on a named one, or on one of the same history. Their parents, as
   * the list tells them, lead to most of them. One whose parent it does not tell is looked at anyway: Podman has lost the
   * parent when any image of the same layers was removed while it made the list (container-libs common/libimage
   * layer_tree.go parent), and what was loaded from elsewhere may have none here.
   * Two steps of different parents have equal histories only if their times were set to the same: then all are looked at.
   */
  private async inspectRelated(
    listed: readonly Listed[],
    named: ReadonlyMap<string, BuildahImage | undefined>,
    images: Images,
    signal: AbortSignal,
  ): Promise<void> {
    const ids = new Set(listed.map(({ id }) => id));
    const children = new Map<string, string[]>();
    const roots: string[] = [];
    for (const { id, parent } of listed) {
      if (parent === '' || !ids.has(parent)) roots.push(id);
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [id]);
      else siblings.push(id);
    }
    await this.inspect(roots, images, signal);
    const bases = [...named.values()].filter((image) => image !== undefined);
    const related = new Set<string>();
    let found = [...roots.filter((id) => isOnBase(images.get(id), bases, named)), ...bases.map(({ id }) => id)];
    while (found.length > 0) {
      for (const id of found) related.add(id);
      // what is added while the set is gone through is gone through, too
      for (const id of related) for (const child of children.get(id) ?? []) related.add(child);
      await this.inspect([...related], images, signal);
      const pasts = new Set([...related].flatMap((id) => images.get(id) ?? []).map((image) => pastOf(image)));
      found = roots.filter((id) => {
        const image = images.get(id);
        return !related.has(id) && image !== undefined && image.history.length > 0 && pasts.has(pastOf(image, 1));
      });
    }
    const isTimed = [...related].some((id) => images.get(id)?.created.toString().endsWith('000000000'));
    if (isTimed) await this.inspect([...ids], images, signal);
  }

  private async inspect(ids: readonly string[], images: Images, signal: AbortSignal): Promise<void> {
    const unknown = ids.filter((id) => !images.has(id));
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      const some = unknown.slice(at, at + AT_ONCE);
      for (const image of await this.inspectSome(some, signal)) this.keep(image, images);
    }
  }

  /**
   * One of them may be removed in between, on which all of the command fails. One that cannot be read when it is asked
   * for twice is passed over, as Buildah does (Buildah imagebuildah/stage_executor.go intermediateImageExists).
   */
  private async inspectSome(ids: readonly string[], signal: AbortSignal, again = false): Promise<BuildahImage[]> {
    try {
      const json: unknown = JSON.parse(await this.run(['image', 'inspect', ...ids], signal));
      return asArray(json).map((one) => imageOf(asObject(one)));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
      if (ids.length === 1) {
        // to be slow is no answer: the image may well be there
        if (error instanceof CommandTimeout) throw error;
        return again || isUnknownImage(error) ? [] : this.inspectSome(ids, signal, true);
      }
      const half = Math.ceil(ids.length / 2);
      const first = await this.inspectSome(ids.slice(0, half), signal);
      return [...first, ...(await this.inspectSome(ids.slice(half), signal))];
    }
  }

  private keep(image: BuildahImage, images: Images): void {
    images.set(image.id, image);
    this.store.images.set(image.id, image);
  }

  private async named(name: string, images: Images, signal: AbortSignal): Promise<BuildahImage | undefined> {
    try {
      const json: unknown = JSON.parse(await this.run(['image', 'inspect', '--', name], signal));
      const [image] = asArray(json).map((one) => imageOf(asObject(one)));
      if (image !== undefined) this.keep(image, images);
      return image;
    } catch (error) {
      signal.throwIfAborted();
      if (isUnknownImage(error)) return undefined;
      throw error;
    }
  }
}

/** An image as the store lists it. */
interface Listed {
  readonly id: string;
  readonly parent: string;
}

function plainId(value: unknown): string {
  return asText(value).replace(/^sha256:/, '');
}

/** Whether the steps of an image begin with those of a named one; on scratch, whether it can be told at all. */
function isOnBase(
  image: BuildahImage | undefined,
  bases: readonly BuildahImage[],
  named: ReadonlyMap<string, unknown>,
): boolean {
  if (image === undefined) return false;
  // what has no layer yet is nobody's parent: the first layer on scratch may come after any number of such steps
  if (named.has(SCRATCH) && image.layers.length <= 1) return true;
  return bases.some((base) => {
    const steps = image.history.length - base.history.length;
    return base.history.length > 0 && steps >= 0 && pastOf(image, steps) === pastOf(base);
  });
}

function imageOf(json: Json): BuildahImage {
  const config = asObject(json['Config']);
  const texts = (value: unknown): string[] => asArray(value).map(asText);
  const size = json['Size'];
  return {
    id: plainId(json['Id']),
    digest: asText(json['Digest']),
    created: nanoseconds(asText(json['Created'])),
    history: asArray(json['History']).map((one): HistoryEntry => {
      const entry = asObject(one);
      return {
        created: asText(entry['created']),
        createdBy: asText(entry['created_by']),
        comment: asText(entry['comment']),
        author: asText(entry['author']),
        isEmpty: entry['empty_layer'] === true,
      };
    }),
    layers: texts(asObject(json['RootFS'])['Layers']),
    format: asText(json['ManifestType']),
    platform: `${asText(json['Os'])}/${asText(json['Architecture'])}`,
    config: {
      env: texts(config['Env']),
      workingDir: asText(config['WorkingDir']),
      user: asText(config['User']),
      labels: Object.fromEntries(
        Object.entries(asObject(config['Labels'])).map(([name, value]) => [name, asText(value)]),
      ),
      ports: Object.keys(asObject(config['ExposedPorts'])),
      onbuild: texts(config['OnBuild']),
    },
    bytes: typeof size === 'number' ? size : undefined,
  };
}
