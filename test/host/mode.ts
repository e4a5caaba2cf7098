/** The state that this run of the suite is for. */
export type HostMode = 'trusted' | 'restricted' | 'vsix';

const modes: readonly HostMode[] = ['trusted', 'restricted', 'vsix'];

export const mode: HostMode = modes.find((name) => name === process.env['LAYER_INSIGHT_HOST_MODE']) ?? 'trusted';

/** Whether a real engine is there; with one the build tests must run. */
export const hasEngine = process.env['LAYER_INSIGHT_REQUIRE_ENGINE'] === '1';

/** Whether Podman is there, found by its name as everywhere. */
export const hasPodman = process.env['LAYER_INSIGHT_REQUIRE_PODMAN'] === '1';
