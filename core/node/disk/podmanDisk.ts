import { join } from 'node:path';
import type { ContainerFact, EngineFacts, ImageFact, RootFacts, VolumeFact } from '../../disk/facts';
import { whatIsMissing } from '../../disk/missing';
import {
  EXTERNAL_STATE,
  layersOfPodmanImage,
  readPodmanContainer,
  readPodmanContainerDetails,
  readPodmanImage,
  readPodmanSums,
  readPodmanVolume,
} from '../../disk/podmanAnswers';
import { makeReport } from '../../disk/report';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { ContainerChanges, DiskReport, NotMeasured, ReclaimItem } from '../../model';
import { chainIds } from '../chainId';
import { runCommand } from '../engines/command';
import { podmanFailure } from '../engines/failure';
import { PodmanAccess } from '../engines/podman';
import type { DiskAccess } from './diskAccess';
import { DiskError } from './diskError';
import { podmanChanges } from './podmanChanges';
import { removeFromPodman } from './podmanRemoval';
import { findStore, readBuildahCache, readStore } from './podmanRoot';
import { inPool } from './pool';
import { treeSum } from './treeSum';

const PROGRAM = 'podman';
/** Milliseconds that a command may take. */
const PATIENCE = 60_000;
/** Milliseconds that measuring may take: Podman walks through all files of containers and volumes. */
const MEASURE_PATIENCE = 600_000;
/** Things that one command is asked for, and commands at the same time: each is a process of its own. */
const PER_COMMAND = 100;
const AT_ONCE = 3;

/** Where Podman's bytes are, asked by commands: they go wherever the user's own Podman goes. */
export class PodmanDisk implements DiskAccess {
  /** @param dataRoot where its store is on this machine; undefined: it is looked for */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly dataRoot?: string,
  ) {}

  async measure(signal: AbortSignal, onProgress: (what: string) => void): Promise<DiskReport> {
    const started = Date.now();
    onProgress('Asking Podman what it has');
    const ask = this.asking(signal);
    const [version, info] = await Promise.all([
      ask(['version', '--format', 'json']).then(asObject),
      ask(['info', '--format', 'json']).then(asObject),
    ]);
    onProgress('Asking Podman for the sizes of containers and volumes');
    const told = await this.facts(ask, version, info);
    const { facts, root, missing } = await this.withRoot(told, info, ask, signal, onProgress);
    return makeReport({
      ...{ facts, root, notMeasured: missing },
      measuredAt: new Date(started).toISOString(),
      tookMs: Date.now() - started,
    });
  }

  private async facts(ask: Ask, version: Json, info: Json): Promise<EngineFacts> {
    const sums = readPodmanSums(await ask(['system', 'df', '--format', 'json'], MEASURE_PATIENCE));
    const listed = asArray(await ask(['images', '--all', '--no-trunc', '--format', 'json'])).map(asObject);
    // an image of several names is listed once for each
    const images = [...new Map(listed.map(readPodmanImage).map((image) => [image.id, image])).values()];
    const containers = asArray(
      await ask(['ps', '--all', '--external', '--size', '--no-trunc', '--format', 'json'], MEASURE_PATIENCE),
    ).map((one) => readPodmanContainer(asObject(one)));
    const volumes = asArray(await ask(['volume', 'ls', '--format', 'json'])).map((one) =>
      readPodmanVolume(asObject(one)),
    );
    const { store, host } = partsOf(info);
    const server = asObject(version['Server'] ?? version['Client']);
    const isLocal = host['serviceIsRemote'] !== true;
    return {
      engine: {
        ...{ kind: 'podman', id: '', version: asText(server['Version']), apiVersion: asText(server['APIVersion']) },
        endpoint: isLocal ? PROGRAM : (this.env['CONTAINER_HOST'] ?? 'podman on another machine'),
        ...{ isLocal, isRootless: asObject(host['security'])['rootless'] === true },
      },
      storage: { driver: asText(store['graphDriverName']), root: asText(store['graphRoot']), store: 'podman' },
      imagesBytes: sums.images,
      isEverythingInImages: false,
      volumesBytes: sums.volumes,
      ...{ images, volumes, cache: [] },
      containers: await this.withDetails(ask, containers),
    };
  }

  /** Adds what only the store itself tells, where it can be read, else what further commands do. */
  private async withRoot(
    facts: EngineFacts,
    info: Json,
    ask: Ask,
    signal: AbortSignal,
    onProgress: (what: string) => void,
  ): Promise<{ facts: EngineFacts; root: RootFacts | undefined; missing: readonly NotMeasured[] }> {
    const { driver, root: graphRoot } = facts.storage;
    const images = facts.images.map(({ id }) => id.replace(/^sha256:/, ''));
    const { isLocal } = facts.engine;
    const found = await findStore({ root: graphRoot, driver, isLocal, given: this.dataRoot, images });
    if (found.path === undefined) {
      onProgress(`Asking for the layers of ${images.length} images`);
      const withLayers = { ...facts, images: await this.withLayers(ask, facts.images, true) };
      return {
        facts: withLayers,
        root: undefined,
        missing: [...whatIsMissing(withLayers, undefined, found), memoryRow(facts)],
      };
    }
    onProgress(`Reading ${found.path}`);
    const root = await readStore(found.path, driver, chainIds, signal, onProgress);
    const temporary = asText(partsOf(info).store['imageCopyTmpDir']) || '/var/tmp';
    const uid = facts.engine.isRootless ? (process.getuid?.() ?? 0) : 0;
    const cache = await readBuildahCache(join(found.prefix, temporary), temporary, uid, signal);
    const complete: EngineFacts = {
      ...facts,
      images: await this.withLayers(ask, facts.images, root === undefined),
      volumes: facts.volumes.map((volume) => measuredVolume(volume, root)),
      containers: facts.containers.map((container) => measuredContainer(container, root)),
      cache: cache?.records ?? [],
    };
    const why = { why: `The folder ${found.path} could not be read.`, remedy: '' };
    return {
      ...{ facts: complete, root: root === undefined ? undefined : { ...root, elsewhere: cache?.directory } },
      missing: whatIsMissing(complete, root, why),
    };
  }

  /** @param withSizes ask for the sizes of layers, too: one command for each image */
  private async withLayers(ask: Ask, images: readonly ImageFact[], withSizes: boolean): Promise<ImageFact[]> {
    const details = await this.inspect(
      ask,
      ['image', 'inspect'],
      images.map(({ id }) => plain(id)),
    );
    const described = await inPool(images, AT_ONCE, async (image): Promise<ImageFact[]> => {
      const json = details.get(plain(image.id));
      if (json === undefined) return [];
      const history = withSizes
        ? await ask(['history', '--no-trunc', '--format', 'json', plain(image.id)]).catch(unlessGone)
        : undefined;
      return [
        {
          ...image,
          layers: layersOfPodmanImage(
            json,
            history === undefined ? undefined : asArray(history).map(asObject),
            chainIds,
          ),
        },
      ];
    });
    return described.flat();
  }

  private async withDetails(ask: Ask, containers: readonly ContainerFact[]): Promise<ContainerFact[]> {
    const own = containers.filter(({ state }) => state !== EXTERNAL_STATE);
    const details = await this.inspect(
      ask,
      ['container', 'inspect'],
      own.map(({ id }) => id),
    );
    return containers.flatMap((container) => {
      if (container.state === EXTERNAL_STATE) return [container];
      const json = details.get(container.id);
      return json === undefined ? [] : [readPodmanContainerDetails(container, json)];
    });
  }

  /** What inspecting tells, by ids; one of them may be removed in between, on which all of the command fails. */
  private async inspect(
    ask: Ask,
    command: readonly string[],
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Json>> {
    const found = new Map<string, Json>();
    const inspect = async (some: readonly string[]): Promise<void> => {
      if (some.length === 0) return;
      const list = await ask([...command, ...some]).catch(unlessGone);
      if (list !== undefined)
        for (const json of asArray(list).map(asObject)) found.set(plain(asText(json['Id'])), json);
      else if (some.length > 1) {
        const half = Math.ceil(some.length / 2);
        await inspect(some.slice(0, half));
        await inspect(some.slice(half));
      }
    };
    for (let at = 0; at < ids.length; at += PER_COMMAND) await inspect(ids.slice(at, at + PER_COMMAND));
    return found;
  }

  changes(container: string, signal: AbortSignal): Promise<ContainerChanges | undefined> {
    return this.explained(signal, async () => {
      const ask = this.asking(signal);
      const { store, host } = partsOf(asObject(await ask(['info', '--format', 'json'])));
      const images = asArray(await ask(['images', '--all', '--no-trunc', '--format', 'json'])).map((one) =>
        plain(asText(asObject(one)['Id'])),
      );
      const engineRoot = asText(store['graphRoot']);
      const driver = asText(store['graphDriverName']);
      const isLocal = host['serviceIsRemote'] !== true;
      const root = await findStore({ ...{ root: engineRoot, driver, isLocal }, given: this.dataRoot, images });
      return podmanChanges(ask, { container, root, engineRoot, env: this.env, signal });
    });
  }

  async bindMountBytes(source: string, signal: AbortSignal): Promise<number | undefined> {
    const info = asObject(await this.asking(signal)(['info', '--format', 'json']));
    if (partsOf(info).host['serviceIsRemote'] === true) return undefined;
    return (await treeSum(source, { signal }))?.bytes;
  }

  remove(item: ReclaimItem, signal: AbortSignal): Promise<number | null> {
    return removeFromPodman(this.asking(signal), (args) => this.run(args, signal, PATIENCE), item);
  }

  async listen(signal: AbortSignal, onChanged: () => void): Promise<void> {
    const access = new PodmanAccess({ program: PROGRAM, builder: undefined, env: this.env });
    await this.explained(signal, () => access.listen(signal, onChanged, ['container', 'image', 'volume']));
  }

  private asking(signal: AbortSignal): Ask {
    return (args, patience = PATIENCE) =>
      this.explained(signal, async () => JSON.parse(await this.run(args, signal, patience)) as unknown);
  }

  private run(args: readonly string[], signal: AbortSignal, patience: number): Promise<string> {
    return runCommand({ program: PROGRAM, args, env: this.env, signal, patience });
  }

  private async explained<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DiskError) throw error;
      throw new DiskError(podmanFailure(error).message);
    }
  }
}

/** A command whose output is JSON. */
export type Ask = (args: readonly string[], patience?: number) => Promise<unknown>;

function partsOf(info: Json): { readonly store: Json; readonly host: Json } {
  return { store: asObject(info['store']), host: asObject(info['host']) };
}

function plain(id: string): string {
  return id.replace(/^sha256:/, '');
}

function measuredVolume(volume: VolumeFact, root: RootFacts | undefined): VolumeFact {
  const found = volume.isElsewhere ? undefined : root?.volumes.get(volume.name);
  return found === undefined ? volume : { ...volume, sizeBytes: found.bytes };
}

/** Podman measures its own containers only, not those that Buildah works in. */
function measuredContainer(container: ContainerFact, root: RootFacts | undefined): ContainerFact {
  if (container.sizeBytes !== null) return container;
  return { ...container, sizeBytes: root?.writable.get(container.id)?.bytes ?? null };
}

function memoryRow({ containers }: EngineFacts): NotMeasured {
  return {
    what: `What ${containers.length} containers have in memory`,
    why: 'Podman counts /dev/shm to the sizes of containers, although it is not on disk.',
    remedy: '',
  };
}

/** Undefined for what is not there any more; everything else stays a failure. */
export function unlessGone(error: unknown): undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (
    !/no such (?:image|container|object|volume)|image not known|no container with|unable to inspect|failed to find image/i.test(
      text,
    )
  ) {
    throw error;
  }
  return undefined;
}
