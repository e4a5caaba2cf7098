import type { Grammar } from './dialect.js';
import type { BuildFlags } from './project.js';
import { NO_FLAGS } from './project.js';
import type { Random } from './random.js';

function ip(random: Random): string {
  return `10.0.0.${random.int(1, 200)}`;
}

function ulimit(random: Random): string {
  return random.pick(['nofile=1024:2048', 'nofile=512', 'nproc=300', 'core=0']);
}

/** The options of the first build: mostly none. */
export function generateFlags(random: Random, grammar: Grammar): BuildFlags {
  const flags: BuildFlags = {
    ...NO_FLAGS,
    secrets: random.chance(0.4) ? { tok: random.word(8), ...(random.chance(0.3) ? { other: '1' } : {}) } : {},
    addHosts: random.chance(0.1) ? [`db:${ip(random)}`] : [],
    ulimits: random.chance(0.1) ? [ulimit(random)] : [],
    shmSize: random.chance(0.08) ? '64m' : undefined,
    network: random.chance(0.08) ? random.pick(['host', 'none', 'default'] as const) : undefined,
    labels: random.chance(0.1) ? ['x=y'] : [],
  };
  return grammar.secrets ? flags : { ...flags, secrets: NO_FLAGS.secrets };
}

/** One option added, removed or changed, with words that say so. */
export function changeFlags(
  random: Random,
  flags: BuildFlags,
  stages: readonly string[],
  grammar: Grammar,
): { readonly flags: BuildFlags; readonly why: string } {
  const changed = (change: Partial<BuildFlags>): { readonly flags: BuildFlags; readonly why: string } => ({
    flags: { ...flags, ...change },
    why: Object.entries(change)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
      .join(', '),
  });
  const [first] = flags.addHosts;
  return random.weighted<() => ReturnType<typeof changed>>([
    [
      grammar.secrets ? 3 : 0,
      () =>
        Object.keys(flags.secrets).length > 0 && random.chance(0.9)
          ? changed({ secrets: { ...flags.secrets, tok: random.word(9) } })
          : changed({ secrets: { tok: random.word(7) } }),
    ],
    [
      2,
      () => {
        if (first === undefined) return changed({ addHosts: [`db:${ip(random)}`] });
        const other = first.startsWith('db') ? 'web' : 'DB';
        return changed({
          addHosts: random.pick([[], [first.replace(/:.*/, `:${ip(random)}`)], [first, `${other}:${ip(random)}`]]),
        });
      },
    ],
    [1, () => changed({ ulimits: flags.ulimits.length > 0 && random.chance(0.5) ? [] : [ulimit(random)] })],
    [1, () => changed({ shmSize: random.pick([undefined, '64m', '67108864', '128m'] as const) })],
    [1, () => changed({ network: random.pick([undefined, 'default', 'host', 'none'] as const) })],
    [1, () => changed({ labels: random.pick([[], [`x=${random.word(2)}`]]) })],
    [
      grammar.noCacheFilter && stages.length > 0 ? 2 : 0,
      () =>
        changed({
          noCacheFilter: flags.noCacheFilter.length > 0 || stages.length === 0 ? [] : [random.pick(stages)],
        }),
    ],
  ])();
}
