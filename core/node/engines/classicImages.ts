import type { ClassicEvidence, ClassicImage } from '../../classic/imageStore';
import type { StepConfig } from '../../classic/stepConfig';
import type { ImageStore } from '../../evidence/evidence';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { DockerEngine, ListedImage } from './docker';
import { nanoseconds } from './times';

/** Names the images that are needed, given the configuration of those asked for so far. */
export type NamesOf = (known: (name: string) => StepConfig | undefined) => readonly string[];

/** Images that are asked for at the same time. */
const AT_ONCE = 16;
/** Images that name images that name images. */
const ROUNDS = 3;

/**
 * Reads the images that decide classic builds: those that a Dockerfile names, and all that stand on them. What an id
 * names never changes, so each is asked for once; nothing is written down, since commands hold build arguments.
 */
export class ClassicImages {
  private readonly details = new Map<string, Omit<ClassicImage, 'parent' | 'isTagged' | 'isPulled'>>();

  async read(
    engine: DockerEngine,
    store: ImageStore,
    namesOf: NamesOf,
  ): Promise<Pick<ClassicEvidence, 'named' | 'images'>> {
    const listed = await engine.allImages();
    const byId = new Map(listed.map((image) => [image.id, image]));
    const children = new Map<string, ListedImage[]>();
    for (const image of listed) children.set(image.parent, [...(children.get(image.parent) ?? []), image]);
    this.forgetAllBut(byId);

    const named = new Map<string, ClassicImage | undefined>();
    for (let round = 0; round < ROUNDS; round++) {
      const missing = namesOf((name) => named.get(name)?.config).filter((name) => !named.has(name));
      if (missing.length === 0) break;
      for (const name of missing) {
        const id = await engine.imageId(name);
        const image = byId.get(id ?? '');
        named.set(name, image && (await this.image(engine, store, image)));
      }
    }
    const images: ClassicImage[] = [];
    let level = [
      ...(children.get('') ?? []),
      ...[...named.values()].flatMap((image) => children.get(image?.id ?? '-') ?? []),
    ];
    const seen = new Set<string>();
    while (level.length > 0) {
      const fresh = level.filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      images.push(...(await this.images(engine, store, fresh)));
      level = fresh.flatMap(({ id }) => children.get(id) ?? []);
    }
    return { named, images };
  }

  private async images(
    engine: DockerEngine,
    store: ImageStore,
    listed: readonly ListedImage[],
  ): Promise<ClassicImage[]> {
    const found: ClassicImage[] = [];
    const queue = [...listed];
    const work = async (): Promise<void> => {
      for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
        const image = await this.image(engine, store, one);
        if (image !== undefined) found.push(image);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return found;
  }

  private async image(engine: DockerEngine, store: ImageStore, listed: ListedImage): Promise<ClassicImage | undefined> {
    const { id, parent, isTagged, isPulled } = listed;
    let details = this.details.get(id);
    if (details === undefined) {
      const json = await engine.imageJson(id);
      if (json === undefined) return undefined; // removed since
      const text = store === 'containerd' ? ((await engine.history(id))?.[0]?.createdBy ?? '') : '';
      details = detailsOf(id, json, text);
      this.details.set(id, details);
    }
    return { ...details, parent, isTagged, isPulled };
  }

  private forgetAllBut(present: ReadonlyMap<string, unknown>): void {
    for (const id of this.details.keys()) if (!present.has(id)) this.details.delete(id);
  }
}

function detailsOf(id: string, json: Json, text: string): Omit<ClassicImage, 'parent' | 'isTagged' | 'isPulled'> {
  const config = configOf(asObject(json['Config']));
  const step = json['ContainerConfig'];
  // the containerd store tells the words of the command only, and no configuration of the step
  const command = step === undefined || step === null ? undefined : texts(asObject(step)['Cmd']);
  const variant = asText(json['Variant']);
  const platform = `${asText(json['Os'])}/${asText(json['Architecture'])}`;
  const size = json['Size'];
  return {
    id,
    created: nanoseconds(asText(json['Created'])),
    command,
    text: command?.join(' ') ?? text,
    stepConfig: command === undefined ? config : configOf(asObject(step)),
    config,
    platform: variant === '' ? platform : `${platform}/${variant}`,
    bytes: typeof size === 'number' ? size : undefined,
  };
}

function configOf(json: Json): StepConfig {
  const health = json['Healthcheck'];
  const check = asObject(health);
  const number = (name: string): number => Number(check[name] ?? 0);
  return {
    env: texts(json['Env']),
    labels: Object.fromEntries(Object.entries(asObject(json['Labels'])).map(([name, value]) => [name, asText(value)])),
    volumes: Object.keys(asObject(json['Volumes'])),
    onbuild: texts(json['OnBuild']),
    workingDir: asText(json['WorkingDir']),
    user: asText(json['User']),
    shell: texts(json['Shell']),
    healthcheck:
      health === undefined || health === null
        ? undefined
        : {
            test: texts(check['Test']),
            interval: number('Interval'),
            timeout: number('Timeout'),
            startPeriod: number('StartPeriod'),
            startInterval: number('StartInterval'),
            retries: number('Retries'),
          },
  };
}

function texts(value: unknown): string[] {
  return asArray(value).map(asText);
}
