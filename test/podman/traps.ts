import { BUILDAH } from '../engine/builders.js';
import type { Shared } from '../engine/traps/scenario.js';
import { describeTrapsOf } from '../engine/traps/trap.js';
import { ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { builderForSuite } from './suite.js';

/** A group of traps for Podman; skipped where there is none. */
export async function describePodmanTraps(title: string, define: (shared: () => Shared) => void): Promise<void> {
  const suite = `traps of Podman: ${title}`;
  const missing = (await builderForSuite(suite)) === undefined;
  describeTrapsOf(suite, { kind: BUILDAH, provideBase: () => ensurePodmanBaseImage(podmanProgram()), missing }, define);
}
