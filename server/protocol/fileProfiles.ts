import { RequestType } from 'vscode-languageserver-protocol';
import type { SecretSource } from '../../core/model';
import type { DocumentParams } from './messages';

/** How a compose or bake file builds a Dockerfile. Paths are absolute. */
export interface FileProfileView {
  readonly kind: 'compose' | 'bake';
  /** The target, or the service of compose. */
  readonly name: string;
  readonly file: string;
  readonly context: string;
  /** Name of a stage; empty: the last one. */
  readonly target: string;
  /** Values, secret-looking ones too: whoever gets them must not store those. */
  readonly args: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** Empty: the builder's own, or several. */
  readonly platform: string;
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly string[];
  /** What else the file says, which a build from here would be without: `contexts`, `labels`, `platforms`. */
  readonly leftOut: readonly string[];
}

/** What files say of a Dockerfile. */
export interface FileProfilesView {
  readonly profiles: readonly FileProfileView[];
  /** A sentence for each file that could not be read. */
  readonly problems: readonly string[];
}

/**
 * Client → server: how the compose and bake files beside and above a Dockerfile build it. Read by `docker buildx bake`,
 * which runs with the workspace's trust only; no engine is needed.
 */
export const FileProfilesRequest = new RequestType<DocumentParams, FileProfilesView, void>('layerInsight/fileProfiles');
