import type { BuildCacheUse } from '../../core/model';

/** What a build is wanted for, beyond what is chosen for its Dockerfile. */
export interface BuildIntent {
  /** URI of the Dockerfile. */
  readonly uri: string;
  readonly cache: BuildCacheUse;
  /** A profile that is chosen first. */
  readonly profile?: string;
  /** Instead of the chosen one. */
  readonly target?: string;
  /** Instead of those of the profile. */
  readonly tags?: readonly string[];
  /** 1-based: up to the instruction there. */
  readonly line?: number;
}

/** A build as `tasks.json` has it. Nothing in it is a value of an argument. */
export interface BuildDefinition {
  readonly type: string;
  /** Relative to the workspace folder, or absolute. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly tags?: readonly string[];
  readonly profile?: string;
  /** True, or the name of the stage of which no result is taken. */
  readonly noCache?: boolean | string;
  readonly line?: number;
}

/** A definition of what is wanted. */
export function definitionOf(type: string, dockerfile: string, intent: Omit<BuildIntent, 'uri'>): BuildDefinition {
  const { cache, profile, target, tags, line } = intent;
  return {
    type,
    dockerfile,
    ...(target === undefined ? {} : { target }),
    ...(tags === undefined ? {} : { tags }),
    ...(profile === undefined ? {} : { profile }),
    ...(cache === 'all' ? {} : { noCache: cache === 'none' ? true : cache.exceptStage }),
    ...(line === undefined ? {} : { line }),
  };
}

/** What a definition wants; what somebody wrote by hand may be anything. */
export function wantedBy(definition: Readonly<Record<string, unknown>>): Omit<BuildIntent, 'uri'> {
  const { target, tags, profile, noCache, line } = definition;
  const names = typeof tags === 'string' ? [tags] : tags;
  return {
    cache: noCache === true ? 'none' : typeof noCache === 'string' && noCache !== '' ? { exceptStage: noCache } : 'all',
    ...(typeof target === 'string' ? { target } : {}),
    ...(Array.isArray(names) ? { tags: names.filter((tag): tag is string => typeof tag === 'string') } : {}),
    ...(typeof profile === 'string' && profile !== '' ? { profile } : {}),
    ...(typeof line === 'number' && line > 0 ? { line } : {}),
  };
}

/** Whether two definitions are of the same build. */
export function isSameBuild(one: Readonly<Record<string, unknown>>, other: BuildDefinition): boolean {
  const text = (definition: Readonly<Record<string, unknown>>) =>
    JSON.stringify([definition['type'], definition['dockerfile'], sorted(wantedBy(definition))]);
  return text(one) === text({ ...other });
}

function sorted(intent: Omit<BuildIntent, 'uri'>): unknown {
  return Object.entries(intent).sort(([one], [other]) => (one < other ? -1 : 1));
}
