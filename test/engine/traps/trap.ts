import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../../hosts/baseImage.js';
import { engineForSuite } from '../engine.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from '../ownEngine.js';
import { BUILDKIT, CLASSIC, isPredicted, type BuilderKind } from '../builders.js';
import type { Step } from './lines.js';
import { shortcoming } from './notYet.js';
import { CLI, Scenario, type Asked, type Shared } from './scenario.js';
import { verify } from './verify.js';

/** One row of the table of traps: a build, a change, and what the next build does. */
export interface Trap {
  /** Files beside the usual ones (a.txt, b.txt, d/x.txt, d/y.log, d/sub/z.txt). */
  readonly files?: Readonly<Record<string, string>>;
  /** The Dockerfile of the first build; default: the second's. */
  readonly first?: readonly Step[];
  /** A build between the two. */
  readonly between?: readonly Step[];
  /** The Dockerfile of the second build, with what is expected of it. */
  readonly second: readonly Step[];
  readonly askedFirst?: Asked;
  readonly askedSecond?: Asked;
  /** Both builds are asked for like this. */
  readonly asked?: Asked;
  /** Before the first build, for what `files` cannot say. */
  readonly prepare?: (scenario: Scenario) => void | Promise<void>;
  readonly change?: (scenario: Scenario) => void | Promise<void>;
  /** Codes of the problems that the prediction has to name. */
  readonly problems?: readonly string[];
}

/** Seconds suffice; on a machine that does much else beside it is not a mistake to be slow. */
const TIMEOUT_MS = 180_000;

/** A group of traps on the engine that the environment names. */
export function describeTraps(title: string, define: (shared: () => Shared) => void): Promise<void> {
  return describeOnEngine(`traps: ${title}`, define);
}

/** A group of tests of scenarios; skipped when there is no engine. */
export async function describeOnEngine(suite: string, define: (shared: () => Shared) => void): Promise<void> {
  const engine = await engineForSuite(suite);
  describe.skipIf(engine === undefined)(suite, { timeout: TIMEOUT_MS }, () => defineOn({}, define));
}

/** A group of traps for the classic builder of the engine that the environment names. */
export async function describeClassicTraps(title: string, define: (shared: () => Shared) => void): Promise<void> {
  const suite = `traps of the classic builder: ${title}`;
  const engine = await engineForSuite(suite);
  describe.skipIf(engine === undefined)(suite, { timeout: TIMEOUT_MS }, () => defineOn({ kind: CLASSIC }, define));
}

/** A group of traps for a builder that is there. */
export function describeTrapsOf(
  suite: string,
  on: { readonly kind: BuilderKind; readonly provideBase: () => Promise<string>; readonly missing: boolean },
  define: (shared: () => Shared) => void,
): void {
  describe.skipIf(on.missing)(suite, { timeout: TIMEOUT_MS }, () => defineOn(on, define));
}

/** The same on an engine that is started for this group alone. */
export function describeOnOwnEngine(
  suite: string,
  daemonOptions: readonly string[],
  define: (shared: () => Shared) => void,
): void {
  if (noOwnEngine !== undefined) console.warn(`skipped: ${suite}: ${noOwnEngine}`);
  describe.skipIf(noOwnEngine !== undefined)(suite, { timeout: TIMEOUT_MS }, () => defineOn({ daemonOptions }, define));
}

interface Place {
  readonly kind?: BuilderKind;
  /** Of an engine that is started for the group. */
  readonly daemonOptions?: readonly string[];
  readonly provideBase?: () => Promise<string>;
}

function defineOn(
  { kind = BUILDKIT, daemonOptions, provideBase = ensureBaseImage }: Place,
  define: (shared: () => Shared) => void,
): void {
  let state = '';
  let engine: OwnEngine | undefined;
  let base = '';
  beforeAll(async () => {
    state = mkdtempSync(join(tmpdir(), 'li-trap-state-'));
    if (isPredicted(kind)) expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
    if (daemonOptions !== undefined) engine = await startOwnEngine(daemonOptions);
    base = await provideBase();
  });
  afterAll(async () => {
    rmSync(state, { recursive: true, force: true });
    await engine?.stop();
  });
  define(() => ({ base, state, kind }));
}

/** Plays a trap: build, look, change, predict, build. */
export async function playTrap(shared: Shared, title: string, one: Trap): Promise<void> {
  const scenario = new Scenario({ ...shared, files: one.files });
  try {
    await one.prepare?.(scenario);
    const first = one.first ?? one.second;
    const asked = one.askedFirst ?? one.asked;
    for (const steps of one.between === undefined ? [first] : [first, one.between]) {
      const report = await scenario.build(steps, asked);
      expect(report.succeeded, report.error).toBe(true);
      // as an editor does after a build: what the files are now is what that build saw
      if (one.change !== undefined && isPredicted(scenario.kind)) await scenario.predict(steps, asked);
    }
    await one.change?.(scenario);
    await verify(scenario, one.second, {
      asked: one.askedSecond ?? one.asked,
      problems: one.problems,
      shortcoming: shortcoming(title),
    });
  } finally {
    await scenario.removeImages();
    scenario.remove();
  }
}

/** A trap as a test; its title starts with its number in the table, as in `T33: chmod of a copied file`. */
export function trap(shared: () => Shared, title: string, one: Trap): void {
  it(title, () => playTrap(shared(), title, one));
}
