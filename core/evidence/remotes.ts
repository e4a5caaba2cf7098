import { commitKey } from '../llb/fetchedKey';
import type { GitReference, OpaqueOp } from '../llb/op';
import type { ImageInfo, Plan, PlanOptions } from '../plan/graph';
import { imageAsked, imageName } from '../plan/images';

/** What the network answered: what was found, or why nothing was. */
export type Answer<T> = { readonly found: T } | { readonly failure: string };

/** A commit as a git server says it. */
export interface GitCommit {
  /** Its full name. */
  readonly commit: string;
  /** It is behind an annotated tag, which has a name of its own. */
  readonly annotated: boolean;
}

/** A file as a web server sends it. */
export interface RemoteFile {
  /** `sha256:…` of its content. */
  readonly digest: string;
  /** The server marks versions: a builder that has one asks whether it is still good, and takes the server's word. */
  readonly hasEtag: boolean;
}

/** What the network said, at one moment. Only what was asked is in it. */
export interface Remotes {
  /** By {@link imageName} of plan/images.ts. */
  readonly images: ReadonlyMap<string, Answer<ImageInfo>>;
  /** By {@link commitName}. */
  readonly commits: ReadonlyMap<string, Answer<GitCommit>>;
  /** By URL. */
  readonly files: ReadonlyMap<string, Answer<RemoteFile>>;
}

/** Nothing was answered yet. */
export const NO_ANSWERS: Remotes = { images: new Map(), commits: new Map(), files: new Map() };

/** An image that is wanted for a platform. */
export interface WantedImage {
  /** Normalised. */
  readonly reference: string;
  readonly platform: string;
}

/** A name in a git repository whose address is known. */
export type WantedCommit = Required<Pick<GitReference, 'url' | 'ref'>>;

/** What a build would ask the network for, as far as that would tell something. */
export interface Wanted {
  readonly images: readonly WantedImage[];
  readonly commits: readonly WantedCommit[];
  /** URLs. */
  readonly files: readonly string[];
}

/** The name under which a commit is kept. */
export function commitName({ url, ref }: WantedCommit): string {
  return `${url}#${ref}`;
}

/** Lists what a plan needs from the network: images that the registry decides, names in git repositories, files. */
export function wantedOf(plan: Plan, options: PlanOptions): Wanted {
  const images = new Map<string, WantedImage>();
  const commits = new Map<string, WantedCommit>();
  const files = new Set<string>();
  // what may be read in another way by another frontend would be asked for in vain
  for (const { op } of plan.uncovered === undefined ? plan.vertices : []) {
    if (op.kind === 'image' && imageAsked(options, op.ref, op.platform)) {
      const wanted = { reference: op.ref, platform: op.platform };
      images.set(imageName(op.ref, op.platform), wanted);
    } else if (op.kind === 'opaque' && op.git !== undefined) {
      const wanted = wantedCommit(op.git);
      if (wanted !== undefined) commits.set(commitName(wanted), wanted);
    } else if (op.kind === 'remote' && op.checksum === '') files.add(op.url);
  }
  return { images: [...images.values()], commits: [...commits.values()], files: [...files] };
}

/**
 * Of a folder, and with `.git`, the key has more than the commit (source/git/source.go shaToCacheKey): what past builds
 * had there is not noted.
 */
function wantedCommit({ url, ref, folder, keepGitDir }: GitReference): WantedCommit | undefined {
  return url === undefined || folder !== undefined || keepGitDir ? undefined : { url, ref };
}

/** What is known of the commit of a git source. */
export function commitAnswer(op: OpaqueOp, remotes: Remotes | undefined): Answer<GitCommit> | undefined {
  const wanted = op.git && wantedCommit(op.git);
  return wanted && remotes?.commits.get(commitName(wanted));
}

/** BuildKit since which an annotated tag has a key of another form (source/git/source.go CommitChecksum). */
const NEW_TAGS = 26;

/** The key of a git source (llb/fetchedKey.ts) at the commit where it is now; undefined when that is not known. */
export function gitKey(op: OpaqueOp, { remotes, frontend }: PlanOptions): string | undefined {
  const answer = commitAnswer(op, remotes);
  if (op.git === undefined || answer === undefined || !('found' in answer)) return undefined;
  const { commit, annotated } = answer.found;
  const peels = frontend !== undefined && frontend[0] === 0 && frontend[1] < NEW_TAGS;
  if (annotated && !peels) return undefined;
  // the builder stops when the commit is not the one that --checksum names
  return commit.startsWith(op.git.checksum) ? commitKey(commit, false) : undefined;
}
