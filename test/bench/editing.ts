import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './commandLine';
import { LanguageServer } from './languageServer';
import { median, ms, quantile, type Row } from './measure';
import { filesOf, longDockerfile } from './project';

const EDITS = 100;
const CHANGES = 30;
/** Milliseconds between two edits, as somebody types. */
const BETWEEN = 60;

function ours(place: Place, dockerfile: string, state: string): Promise<LanguageServer> {
  const env = { ...process.env, XDG_STATE_HOME: join(place.scratch, state) };
  // as the client starts it
  const args = ['--max-semi-space-size=4', join(place.dist, 'server.js'), '--stdio'];
  return LanguageServer.start(process.execPath, args, dockerfile, env);
}

/** One file changes while its project is open: until the new hints are there. Also the memory of that server. */
export async function measureChange(place: Place): Promise<Row[]> {
  const server = await ours(place, join(place.project, 'Dockerfile'), 'change');
  await server.prediction();
  await sleep(8000); // files are read ahead, and all is written down
  const files = filesOf(join(place.project, 'packages'));
  const took: number[] = [];
  for (let change = 0; change < CHANGES; change++) {
    const path = files[(change * 7919) % files.length] ?? '';
    appendFileSync(path, '// changed\n');
    const started = performance.now();
    const news = server.next();
    await server.fileChanged(path);
    await news;
    await server.hints();
    took.push(performance.now() - started);
    await sleep(400);
  }
  await sleep(3000);
  const memory = server.memory();
  await server.stop();
  execFileSync('git', ['checkout', '-q', '.'], { cwd: place.project });
  const p95 = quantile(took, 0.95);
  const rows: Row[] = [
    {
      ...{ what: 'one file changed, in the running server: p95', ours: `${ms(median(took))} p50`, peer: '' },
      ...{ value: p95, budget: 10, unit: 'ms' },
    },
  ];
  if (memory !== undefined) {
    const what = 'memory of the server with that context open';
    rows.push({ what, ours: '', peer: '', value: memory, budget: 200, unit: 'MB' });
  }
  return rows;
}

/** Typing in a long Dockerfile: until the hints are there, against the diagnostics of docker-langserver. */
export async function measureEditing(place: Place): Promise<Row[]> {
  const folder = join(place.scratch, 'long');
  mkdirSync(folder, { recursive: true });
  for (let file = 0; file < 5; file++) writeFileSync(join(folder, `file${file}.txt`), `${file}\n`);
  const dockerfile = join(folder, 'Dockerfile');
  const text = longDockerfile(600);
  writeFileSync(dockerfile, text);
  const line = text.split('\n').findIndex((one, index) => index > 300 && one.startsWith('RUN'));

  const own = await typing(await ours(place, dockerfile, 'editing'), line, true);
  const what = 'edit to hints, 600 lines';
  const peer = await peerServer(place.scratch, dockerfile);
  const others = peer === undefined ? undefined : await typing(peer, line, false);
  const theirs = (part: number) => (others === undefined ? 'not there' : ms(quantile(others, part)));
  return [
    { what: `${what}: p50`, ours: ms(median(own)), peer: theirs(0.5), value: median(own), budget: 5, unit: 'ms' },
    {
      ...{ what: `${what}: p95`, ours: ms(quantile(own, 0.95)), peer: theirs(0.95) },
      ...{ value: quantile(own, 0.95), budget: 16, unit: 'ms' },
    },
  ];
}

async function typing(server: LanguageServer, line: number, isOurs: boolean): Promise<number[]> {
  if (isOurs) await server.prediction();
  else server.awaits = 'diagnostics';
  await sleep(3000);
  const took: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const started = performance.now();
    const news = isOurs ? undefined : server.next();
    await server.edit(line, 'RUN echo "'.length, 'x');
    await (isOurs ? server.hints() : news);
    if (edit > 5) took.push(performance.now() - started);
    await sleep(BETWEEN);
  }
  await server.stop();
  return took;
}

/** Fetched for this run only: it is no dependency of ours. */
async function peerServer(scratch: string, dockerfile: string): Promise<LanguageServer | undefined> {
  const folder = join(scratch, 'peer');
  mkdirSync(folder, { recursive: true });
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--silent',
    'dockerfile-language-server-nodejs',
  ];
  try {
    execFileSync('npm', args, { stdio: 'ignore', timeout: 120_000 });
  } catch {
    return undefined;
  }
  const program = join(folder, 'node_modules', '.bin', 'docker-langserver');
  return LanguageServer.start(process.execPath, [program, '--stdio'], dockerfile, process.env);
}
