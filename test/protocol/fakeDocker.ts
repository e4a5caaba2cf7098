import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const transcripts = join(import.meta.dirname, '../fixtures/build');

/** How the next build goes: what it prints, its exit code, and whether it goes on after half of that until it is stopped. */
export interface NextBuild {
  readonly transcript: string;
  readonly code: number;
  readonly hangs?: boolean;
  /** Milliseconds between two lines. */
  readonly pause?: number;
}

/**
 * A `docker` that is not there but for what the server asks it: a builder of a driver that needs no engine, without any
 * past, which is asked by commands; its builds print what a real one once printed.
 */
export class FakeDocker {
  readonly folder = mkdtempSync(join(tmpdir(), 'li-docker-'));
  readonly program = join(this.folder, 'docker');

  constructor() {
    mkdirSync(join(this.folder, 'config/buildx/instances'), { recursive: true });
    writeFileSync(
      join(this.folder, 'config/buildx/instances/far'),
      JSON.stringify({ Name: 'far', Driver: 'remote', Nodes: [{ Name: 'far0', Endpoint: 'tcp://far:1234' }] }),
    );
    writeFileSync(this.program, `#!${process.execPath}\n${SCRIPT}`);
    chmodSync(this.program, 0o755);
    this.next({ transcript: 'buildkitCached.txt', code: 0 });
  }

  /** Settings with which it is the builder. */
  get settings() {
    return { engine: { dockerPath: this.program, builder: 'far' } };
  }

  get env(): NodeJS.ProcessEnv {
    return { DOCKER_CONFIG: join(this.folder, 'config'), FAKE_DOCKER: this.folder };
  }

  next(build: NextBuild): void {
    const lines = readFileSync(join(transcripts, build.transcript), 'utf8').split('\n');
    writeFileSync(join(this.folder, 'next.json'), JSON.stringify({ pause: 2, ...build, lines }));
  }

  /** What builds were called with, in their order. */
  calls(): readonly { readonly pid: number; readonly args: readonly string[]; readonly dockerfile: string }[] {
    const path = join(this.folder, 'calls');
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ReturnType<FakeDocker['calls']>[0]);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Is a process there? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const SCRIPT = `
const { appendFileSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const [plugin, command, ...args] = process.argv.slice(2);
const folder = process.env.FAKE_DOCKER;
if (plugin === '--version') console.log('Docker version 28.5.2, build fake');
else if (command === 'inspect') console.log('Name: far\\nStatus: running\\nBuildKit version: v0.25.2\\nPlatforms: linux/amd64');
else if (command === 'history' || command === 'du') process.exit(0);
else if (command === 'build') build();
else {
  console.error('ERROR: unknown command "' + command + '"');
  process.exit(1);
}
async function build() {
  const { lines, code, hangs, pause } = JSON.parse(readFileSync(join(folder, 'next.json'), 'utf8'));
  const dockerfile = readFileSync(args[args.indexOf('--file') + 1], 'utf8');
  appendFileSync(join(folder, 'calls'), JSON.stringify({ pid: process.pid, args, dockerfile }) + '\\n');
  const until = hangs ? Math.floor(lines.length / 2) : lines.length;
  for (const line of lines.slice(0, until)) {
    process.stderr.write(line + '\\n');
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  if (hangs) setInterval(() => undefined, 1000);
  else process.exit(code);
}
`;
