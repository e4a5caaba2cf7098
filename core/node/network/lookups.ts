import {
  commitName,
  NO_ANSWERS,
  type Answer,
  type GitCommit,
  type RemoteFile,
  type Remotes,
  type Wanted,
  type WantedCommit,
  type WantedImage,
} from '../../evidence/remotes';
import type { ImageInfo } from '../../plan/graph';
import { imageName } from '../../plan/images';
import { readRegistryCache } from './caches';
import { askFile, type ServedFile } from './files';
import { askCommit } from './git';
import { NetworkFailure } from './http';
import { describeImage } from './images';
import { unlike, type BuilderNetwork } from './reach';
import { placeOf, RegistryClient } from './registry';

/** An answer with when it was given, in milliseconds since the epoch. */
interface Kept<T> {
  readonly at: number;
  readonly answer: Answer<T>;
}

/** Questions under way at the same time. */
const AT_ONCE = 6;
/** Milliseconds for everything that is asked at once, files apart. */
const PATIENCE = 60_000;

/**
 * Asks the network what builds would ask it, and keeps the answers with their time. Failures are answers, too. Whoever
 * makes one has the user's permission.
 */
export class NetworkLookups {
  private answers: Remotes = NO_ANSWERS;
  private readonly images = new Map<string, Kept<ImageInfo>>();
  private readonly commits = new Map<string, Kept<GitCommit>>();
  private readonly files = new Map<string, Kept<ServedFile>>();
  private readonly caches = new Map<string, Kept<ReadonlySet<string>>>();
  /** By digest and platform: what these name never changes. */
  private readonly described = new Map<string, ImageInfo>();

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  /** The answers so far; another object whenever one of them changed. */
  get remotes(): Remotes {
    return this.answers;
  }

  /**
   * Asks for what has no answer yet, or one that is older than `maxAge` milliseconds. Never rejects; when aborted, what
   * was not answered stays as it was.
   *
   * @returns whether an answer changed.
   */
  async ask(wanted: Wanted, builder: BuilderNetwork, maxAge: number, signal: AbortSignal): Promise<boolean> {
    const before = this.answers;
    const oldest = Date.now() - maxAge;
    const due = <T>(kept: ReadonlyMap<string, Kept<T>>, name: string): boolean =>
      (kept.get(name)?.at ?? -Infinity) <= oldest;
    const client = new RegistryClient(this.env, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
    const questions = [
      ...wanted.images
        .filter((one) => due(this.images, imageName(one.reference, one.platform)))
        .map((one) => () => this.askImage(client, one, builder, signal)),
      ...wanted.commits
        .filter((one) => due(this.commits, commitName(one)))
        .map((one) => () => this.askCommit(one, builder, signal)),
      ...wanted.files.filter((url) => due(this.files, url)).map((url) => () => this.askFile(url, builder, signal)),
    ];
    await inTurns(questions);
    return this.answers !== before;
  }

  /** The keys in a cache that a registry has under a normalised name; undefined when it cannot be looked into. */
  async cacheKeys(
    reference: string,
    builder: BuilderNetwork,
    maxAge: number,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string> | undefined> {
    const known = this.caches.get(reference);
    if (known === undefined || known.at <= Date.now() - maxAge) {
      const place = placeOf(reference);
      const client = new RegistryClient(this.env, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]));
      await this.keep(this.caches, reference, signal, unlike(place.domain, builder), () =>
        readRegistryCache(client, place),
      );
    }
    const answer = this.caches.get(reference)?.answer;
    return answer !== undefined && 'found' in answer ? answer.found : undefined;
  }

  private async askImage(
    client: RegistryClient,
    { reference, platform }: WantedImage,
    builder: BuilderNetwork,
    signal: AbortSignal,
  ): Promise<void> {
    const place = placeOf(reference);
    await this.keep(this.images, imageName(reference, platform), signal, unlike(place.domain, builder), async () => {
      // a question for the head alone does not count where registries limit what is fetched
      const head = await client.head(place);
      const known = head === undefined ? undefined : this.described.get(imageName(head, platform));
      if (known !== undefined) return known;
      const top = await client.manifest(place);
      const info = await describeImage(client, place, top, platform);
      this.described.set(imageName(top.digest, platform), info);
      return info;
    });
  }

  private async askCommit(wanted: WantedCommit, builder: BuilderNetwork, signal: AbortSignal): Promise<void> {
    const host = hostOf(wanted.url);
    await this.keep(this.commits, commitName(wanted), signal, unlike(host, builder), () =>
      askCommit(wanted, this.env, signal),
    );
  }

  private async askFile(url: string, builder: BuilderNetwork, signal: AbortSignal): Promise<void> {
    const known = this.files.get(url)?.answer;
    const before = known !== undefined && 'found' in known ? known.found : undefined;
    await this.keep<ServedFile>(this.files, url, signal, unlike(hostOf(url), builder), () =>
      askFile(url, builder.buildkit, signal, before),
    );
  }

  /** Notes what a question gives, or why it gives nothing. */
  private async keep<T>(
    kept: Map<string, Kept<T>>,
    name: string,
    signal: AbortSignal,
    refusal: string | undefined,
    question: () => Promise<T>,
  ): Promise<void> {
    let answer: Answer<T>;
    try {
      answer = refusal === undefined ? { found: await question() } : { failure: refusal };
    } catch (error) {
      if (signal.aborted) return;
      answer = { failure: error instanceof NetworkFailure ? error.message : 'the answer cannot be read' };
    }
    const isNews = JSON.stringify(kept.get(name)?.answer) !== JSON.stringify(answer);
    kept.set(name, { at: Date.now(), answer });
    if (isNews)
      this.answers = { images: plain(this.images), commits: plain(this.commits), files: plain<RemoteFile>(this.files) };
  }
}

function plain<T>(kept: ReadonlyMap<string, Kept<T>>): ReadonlyMap<string, Answer<T>> {
  return new Map([...kept].map(([name, { answer }]) => [name, answer]));
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}

async function inTurns(questions: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...questions];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
