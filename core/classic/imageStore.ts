import type { ImageStore } from '../evidence/evidence';
import type { BuilderInfo } from '../model';
import { sameConfig, sameList, type StepConfig } from './stepConfig';
import type { ClassicProbe } from './probe';

/** An image as far as it decides a classic build. Arguments of builds are in it: it is never written to disk. */
export interface ClassicImage {
  readonly id: string;
  /** Empty: it has none, or was not built here. */
  readonly parent: string;
  /** Nanoseconds since the epoch. */
  readonly created: bigint;
  /** The command that it was looked up by; undefined where the engine only tells its words in a row. */
  readonly command: readonly string[] | undefined;
  /** The words of the command in a row. */
  readonly text: string;
  /** The configuration that it was looked up by: of the step, else that of the image. */
  readonly stepConfig: StepConfig;
  /** The configuration for what is built on it. */
  readonly config: StepConfig;
  /** `os/arch[/variant]`. */
  readonly platform: string;
  /** Bytes of all its layers as the engine counts them. */
  readonly bytes: number | undefined;
  /** It has a name. */
  readonly isTagged: boolean;
  /** It came from a registry. */
  readonly isPulled: boolean;
}

/** What an engine says of its images, at one moment. */
export interface ClassicEvidence {
  readonly builder: BuilderInfo;
  /** What the engine calls itself; undefined where it does not. */
  readonly engineId?: string;
  /** `os/arch[/variant]` of the engine. */
  readonly platform: string;
  readonly store: ImageStore;
  /** The images that were asked for, as they are named; undefined for one that the engine does not have. */
  readonly named: ReadonlyMap<string, ClassicImage | undefined>;
  /** Those that stand on them, on each other, and on nothing. */
  readonly images: readonly ClassicImage[];
  /** The docker command writes the kind of a file into its mode (before 24). */
  readonly typeBits: boolean;
  /** Build arguments that docker adds from its own configuration. */
  readonly proxies: ReadonlyMap<string, string>;
  /** Engine clock minus this machine's clock, and how far that may be off; milliseconds. */
  readonly clockOffset: number;
  readonly clockMargin: number;
}

/** What is known of an engine that could not be asked. */
export function noClassicEvidence(builder: BuilderInfo, platform: string): ClassicEvidence {
  return {
    ...{ builder, platform, store: 'graphdriver', named: new Map(), images: [], typeBits: false },
    ...{ proxies: new Map(), clockOffset: 0, clockMargin: 0 },
  };
}

/** Looks images up as the builder does (moby image/cache/cache.go getLocalCachedImage). */
export class ImageChildren {
  private readonly children = new Map<string, ClassicImage[]>();
  private readonly byId = new Map<string, ClassicImage>();

  constructor(evidence: ClassicEvidence) {
    const wanted = withoutVariant(evidence.platform);
    for (const image of evidence.named.values()) if (image !== undefined) this.byId.set(image.id, image);
    for (const image of evidence.images) {
      this.byId.set(image.id, image);
      if (withoutVariant(image.platform) !== wanted) continue;
      const siblings = this.children.get(image.parent);
      if (siblings === undefined) this.children.set(image.parent, [image]);
      else siblings.push(image);
    }
    // of several equal ones the builder takes the newest
    for (const siblings of this.children.values()) siblings.sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  image(id: string): ClassicImage | undefined {
    return this.byId.get(id);
  }

  /** The newest first. */
  of(parent: string): readonly ClassicImage[] {
    return this.children.get(parent) ?? [];
  }

  /** Every image that is known, the newest first. */
  all(): readonly ClassicImage[] {
    return [...this.byId.values()].sort((a, b) => (a.created < b.created ? 1 : -1));
  }
}

/** `linux/arm` of `linux/arm/v7`. */
function withoutVariant(platform: string): string {
  return platform.split('/', 2).join('/');
}

/** What the builder would look for; a hash that is not known is a pattern. */
export function fits(image: ClassicImage, probe: ClassicProbe, sum: string | RegExp | undefined): boolean {
  return sameConfig(image.stepConfig, probe.config) && hasCommand(image, probe, sum);
}

/** Is the command of an image the one of a step? */
export function hasCommand(image: ClassicImage, probe: ClassicProbe, sum: string | RegExp | undefined): boolean {
  const { copy, command } = probe;
  if (probe.isHealthcheck === true) return startsWith(image, command);
  if (copy === undefined) return equals(image, command);
  const [before, after] = [`#(nop) ${copy.head}`, ` in ${copy.destination} `];
  if (typeof sum === 'string') return equals(image, [...command, before + sum + after]);
  const last = lastWord(image, command);
  if (last === undefined || !last.startsWith(before) || !last.endsWith(after)) return false;
  return sum === undefined || sum.test(last.slice(before.length, last.length - after.length));
}

function equals({ command, text }: ClassicImage, wanted: readonly string[]): boolean {
  return command === undefined ? text === wanted.join(' ') : sameList(command, wanted);
}

function startsWith({ command, text }: ClassicImage, wanted: readonly string[]): boolean {
  if (command === undefined) return text.startsWith(wanted.join(' '));
  const start = wanted.slice(0, -1);
  return sameList(command.slice(0, -1), start) && (command.at(-1) ?? '').startsWith(wanted.at(-1) ?? '');
}

/** What follows these words; undefined when it is another command. */
function lastWord({ command, text }: ClassicImage, before: readonly string[]): string | undefined {
  if (command !== undefined) {
    return command.length === before.length + 1 && sameList(command.slice(0, -1), before) ? command.at(-1) : undefined;
  }
  const start = `${before.join(' ')} `;
  return text.startsWith(start) ? text.slice(start.length) : undefined;
}
