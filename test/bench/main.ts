import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { measureActivation } from './activation';
import { measureCold, measureHash, measureWarm, type Place } from './commandLine';
import { measureChange, measureEditing } from './editing';
import { measureLayers } from './layers';
import { print, type Row } from './measure';
import { makeProject } from './project';

interface Measurement {
  readonly name: string;
  readonly needsEngine: boolean;
  readonly run: (place: Place) => Promise<readonly Row[]>;
}

const MEASUREMENTS: readonly Measurement[] = [
  { name: 'cold', needsEngine: true, run: async (place) => [await measureCold(place)] },
  { name: 'warm', needsEngine: true, run: async (place) => [await measureWarm(place)] },
  { name: 'change', needsEngine: true, run: measureChange },
  // last of those with this project: it makes every file look changed
  { name: 'hash', needsEngine: true, run: async (place) => [await measureHash(place)] },
  { name: 'layers', needsEngine: false, run: measureLayers },
  { name: 'editing', needsEngine: false, run: measureEditing },
  { name: 'activation', needsEngine: false, run: measureActivation },
];

async function main([dist = '', scratch = '', ...names]: readonly string[]): Promise<void> {
  const files = Number(process.env['LAYER_INSIGHT_BENCH_FILES'] ?? '50000');
  const hasEngine = process.env['LAYER_INSIGHT_BENCH_ENGINE'] === '1';
  const place: Place = { dist, scratch, project: join(scratch, 'project') };
  mkdirSync(place.project);
  const chosen = MEASUREMENTS.filter(({ name }) => names.length === 0 || names.includes(name));
  console.log(`${files} files, ${cpus().length} processors, Node ${process.version}`);
  if (chosen.some(({ needsEngine }) => needsEngine)) await makeProject(place.project, files);
  const rows: Row[] = [];
  for (const { name, needsEngine, run } of chosen) {
    if (needsEngine && !hasEngine) console.log(`${name}: not without an engine`);
    else rows.push(...(await run(place)));
  }
  print(rows);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
