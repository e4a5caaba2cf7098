import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ContextIndex, readIgnoreRules } from '../../core/node/context/contextIndex';
import { HashPool } from '../../core/node/hash/pool';
import { stateFolder } from '../../core/node/store/stateFolder';
import { compare, timeOf, type Command, type Row } from './measure';
import { touchAll } from './project';

/** What the measurements of the command line share. */
export interface Place {
  readonly dist: string;
  readonly project: string;
  /** For state folders. */
  readonly scratch: string;
}

const RUNS = 7;

function predict(place: Place, state: string): Command {
  const env = { ...process.env, XDG_STATE_HOME: state };
  return { program: process.execPath, args: [join(place.dist, 'cli.js'), 'predict', '.'], cwd: place.project, env };
}

function build(place: Place): Command {
  return { program: 'docker', args: ['build', '-q', '.'], cwd: place.project };
}

/** A project that was never seen, with nothing to read: against a build in which all is cached. */
export async function measureCold(place: Place): Promise<Row> {
  const state = join(place.scratch, 'cold');
  const forget = () => {
    rmSync(state, { recursive: true, force: true });
  };
  await timeOf(build(place));
  const what = 'never seen, nothing to hash, against docker build all cached';
  return compare(what, predict(place, state), build(place), { budget: 0.35, runs: RUNS, before: forget });
}

/** All files were written and are what they were: each has to be read. */
export async function measureHash(place: Place): Promise<Row> {
  const [state, kept] = [join(place.scratch, 'hash'), join(place.scratch, 'hash-kept')];
  await timeOf(build(place));
  const pool = new HashPool('');
  const index = new ContextIndex(place.project, stateFolder({ XDG_STATE_HOME: kept }), pool);
  await index.scan(readIgnoreRules(place.project, join(place.project, 'Dockerfile')));
  await index.read(index.tree.nodes());
  await index.save();
  pool.dispose();
  touchAll(place.project);
  const restore = () => {
    rmSync(state, { recursive: true, force: true });
    cpSync(kept, state, { recursive: true });
  };
  const script = 'find . -path ./.git -prune -o -type f -print0 | xargs -0 sha256sum';
  const sums: Command = { program: 'sh', args: ['-c', script], cwd: place.project };
  const what = 'everything to hash, against sha256sum of all';
  const row = await compare(what, predict(place, state), sums, { budget: 1.3, runs: RUNS, before: restore });
  await timeOf({ program: 'git', args: ['status', '--short'], cwd: place.project }); // its index, too, is old now
  return row;
}

/** A project that was seen before, from the shell. */
export async function measureWarm(place: Place): Promise<Row> {
  const state = join(place.scratch, 'warm');
  const status: Command = { program: 'git', args: ['status', '--short'], cwd: place.project };
  await timeOf(build(place));
  for (let run = 0; run < 2; run++) await timeOf(predict(place, state));
  return compare('seen before, against git status', predict(place, state), status, { budget: 4, runs: 2 * RUNS });
}
