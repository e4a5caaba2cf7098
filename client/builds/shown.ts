import type { BuildView } from '../../server/protocol';
import type { BuildsFeed } from './buildsFeed';
import type { LiveLines, ShownBuildLine } from './liveLines';

/** Builds as they are on the screen; tests ask for it, since decorations cannot be read back. */
export interface ShownBuilds {
  /** Newest first. */
  readonly builds: readonly BuildView[];
  /** What stands on the lines of each Dockerfile that was built. */
  readonly lines: Readonly<Record<string, readonly ShownBuildLine[]>>;
}

/** What is on the screen of builds. */
export function shownBuilds(feed: BuildsFeed, lines: LiveLines): ShownBuilds {
  const uris = [...new Set(feed.all.map(({ uri }) => uri))];
  return { builds: feed.all, lines: Object.fromEntries(uris.map((uri) => [uri, lines.shown(uri)])) };
}
