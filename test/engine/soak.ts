import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ensureBaseImage, ensurePodmanBaseImage } from '../hosts/baseImage.js';
import { podmanProgram } from '../judge/index.js';
import { BUILDAH, BUILDKIT, CLASSIC, type BuilderKind } from './builders.js';
import { runCases, useFirst, type Finding } from './differential.js';
import { commandLinePredictor } from './predictor.js';
import { Score } from './score.js';

/** Builds of one seed: short case numbers, and a state folder that stays as small as a project's. */
const CHUNK = 150;
const SHRINK_MS = 180_000;
const PROGRESS_MS = 60_000;

const KINDS: Readonly<Record<string, BuilderKind>> = { buildkit: BUILDKIT, classic: CLASSIC, buildah: BUILDAH };

/** Plays builds until so many are done; see soak.mjs. */
async function main([cli = '', state = '', name = 'buildkit']: readonly string[]): Promise<void> {
  const builds = Number(process.env['LAYER_INSIGHT_BUILDS'] ?? 3000);
  const fixed = process.env['LAYER_INSIGHT_SEED'];
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`no builder ${name}; builders: ${Object.keys(KINDS).join(' ')}`);
  const baseImage = await (kind === BUILDAH ? ensurePodmanBaseImage(podmanProgram()) : ensureBaseImage());
  if (kind === BUILDKIT) await useFirst(baseImage);
  const score = new Score();
  const findings: Finding[] = [];
  let told = performance.now();
  const summary = (): string =>
    [score.table(), ...score.openReasons(5), `${findings.length} findings`, ...findings.map(({ text }) => text)].join(
      '\n',
    );
  // whoever stops it wants to know what was found so far
  process.once('SIGINT', () => {
    console.log(summary());
    process.exit(findings.length > 0 ? 1 : 130);
  });
  const onCase = (finding: Finding | undefined): void => {
    if (finding) {
      findings.push(finding);
      console.log(`\n${finding.text}\n`);
    }
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    const { certain, open } = score.certainty();
    const share = ((100 * certain) / Math.max(1, certain + open)).toFixed(1);
    console.log(`${score.builds} of ${builds} builds, ${findings.length} findings, ${share} % certain`);
  };
  const lane = async (): Promise<void> => {
    while (score.builds < builds) {
      const seed = fixed ?? `soak-${randomUUID()}`;
      const left = builds - score.builds;
      console.log(`seed ${seed}`);
      const run = {
        ...{ seed, baseImage, runId: `li-${randomUUID()}`, shrinkMs: SHRINK_MS, maxFindings: 20, onCase },
        builds: fixed === undefined ? Math.min(CHUNK, left) : left,
      };
      const predictor = commandLinePredictor(cli, join(state, randomUUID()), kind.predictor());
      await runCases(run, { predictor, builder: kind.build, kind, score });
      if (findings.length >= 40 || fixed?.includes('/') === true) break;
    }
  };
  const lanes = Number(process.env['LAYER_INSIGHT_LANES'] ?? 1);
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(summary());
  if (findings.length > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
