import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { findProgram } from '../hosts/paths.mjs';
import { expectNoFindings, realBuilder, runCases } from './differential.js';
import { engineForSuite, reachableEngine } from './engine.js';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const SUITE = 'predictions by commands, without a connection to the builder';
// the stand-in is a shell script
const engine = process.platform === 'win32' ? undefined : await engineForSuite(SUITE);

const BUILDS = Number(process.env['LAYER_INSIGHT_COMMAND_BUILDS'] ?? 10);
const SHRINK_MS = 90_000;
const seed = process.env['LAYER_INSIGHT_SEED'] ?? `fresh-${randomUUID()}`;

describe.skipIf(engine === undefined)(SUITE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-commands-'));
  const refusals = join(folder, 'refusals');
  let path = '';
  let baseImage = '';
  let own: OwnEngine | undefined;

  beforeAll(async () => {
    // one question for each remembered build: among all builds of the other suites each prediction would take long
    if (noOwnEngine === undefined) own = await startOwnEngine();
    path = process.env['PATH'] ?? '';
    expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
    baseImage = await ensureBaseImage();
    const docker = findProgram('docker') ?? '';
    const script = [
      '#!/bin/sh',
      'if [ "$1 $2" = "buildx dial-stdio" ]; then',
      `  echo refused >>'${refusals}'`,
      `  echo 'ERROR: unknown command: "dial-stdio"' >&2`,
      '  exit 1',
      'fi',
      `exec '${docker}' "$@"`,
      '',
    ];
    writeFileSync(join(folder, 'docker'), script.join('\n'), { mode: 0o755 });
    process.env['PATH'] = `${folder}${delimiter}${path}`;
  });
  afterAll(async () => {
    process.env['PATH'] = path;
    await own?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    `never claims a certain verdict that the builder contradicts (seed ${seed})`,
    async () => {
      const score = new Score();
      const predictor = commandLinePredictor(CLI, join(folder, 'state'));
      const run = { seed, builds: BUILDS, baseImage, runId: `li-${randomUUID()}`, shrinkMs: SHRINK_MS };
      const findings = await runCases(run, { predictor, builder: realBuilder, score });
      console.log(`${(await reachableEngine()) ?? ''}, by commands\nseed ${seed}\n${score.table()}`);
      expectNoFindings(findings);
      expect(score.count('cached', 'right')).toBeGreaterThan(0);
      expect(score.count('rebuild', 'right')).toBeGreaterThan(0);
      expect(readFileSync(refusals, 'utf8')).toMatch(/^(?:refused\n)+$/);
    },
    BUILDS * 10_000 + 6 * SHRINK_MS,
  );
});
