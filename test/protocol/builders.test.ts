import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prediction } from '../../core/model';
import { Client } from './client';

let client: Client;
/** A folder with a `git` that notes its calls; everything else is where it is. */
let bin: string;

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=me', '-c', 'user.email=me@here', ...args], {
    cwd: client.folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
  }).trim();
const commitAll = (): void => {
  git('add', '-A');
  git('commit', '-qm', 'all');
};
const gitCalls = (): number => {
  const path = join(bin, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
};

async function start(options: { trusted?: boolean; env?: NodeJS.ProcessEnv } = {}): Promise<void> {
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...options.env };
  ({ client } = await Client.start({ ...options, env }));
  git('init', '-q', '-b', 'main');
  commitAll();
}

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'li-git-'));
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho call >> '${bin}/calls'\nexec '${real}' "$@"\n`);
  chmodSync(join(bin, 'git'), 0o755);
});
afterEach(async () => {
  await client.stop();
  rmSync(bin, { recursive: true, force: true });
});

const stepOf = ({ steps }: Prediction, start: string) => {
  const step = steps.find(({ text }) => text.startsWith(start));
  if (step === undefined) throw new Error(`no step begins with ${start}`);
  return step;
};
const verdict = async (start: string): Promise<string> => stepOf(await client.prediction(), start).verdict;
const reason = async (start = 'COPY package'): Promise<string> =>
  stepOf(await client.prediction(), start).reason.message;
const labels = async (): Promise<string> => (await client.hints()).map(({ label }) => JSON.stringify(label)).join('\n');

describe('the builder that was chosen', () => {
  beforeEach(() => start());

  it('is the one that is looked for', async () => {
    await client.open();
    expect(await client.prediction()).toMatchObject({ builder: { kind: 'none' } });
    await client.choose({ builder: 'buildah' });
    await expect.poll(() => reason()).toContain('"podman" was not found');
    expect(await client.prediction()).toMatchObject({ builder: { kind: 'buildah', chosenBy: 'chosen' } });
    await client.choose({ builder: 'classic' });
    await expect.poll(async () => (await client.prediction()).builder.kind).toBe('classic');
    expect(await reason()).toContain('no-engine.sock');
    await client.choose({});
    await expect.poll(async () => (await client.prediction()).builder.kind).toBe('none');
    expect(await reason()).toContain('no-engine.sock');
  });

  it('decides what hints, layers, explanation and report say', async () => {
    await client.open();
    await client.choose({ builder: 'buildah' });
    await expect.poll(() => reason()).toContain('podman');
    const line = readFileSync(join(client.folder, 'Dockerfile'), 'utf8')
      .split('\n')
      .findIndex((one) => one.startsWith('COPY src/'));
    expect(await client.explain(line)).toContain('"podman" was not found');
    expect(await client.report()).toContain('"podman" was not found');
    expect(JSON.stringify(await client.layers())).toContain('podman');
    expect(client.engineStates.at(-1)?.message).toContain('podman');
  });

  it('reads the ignore file that it knows', async () => {
    writeFileSync(join(client.folder, 'Dockerfile.dockerignore'), '*\n');
    writeFileSync(join(client.folder, '.containerignore'), 'package.json\n');
    await client.open();
    const missing = async () => (await client.prediction()).problems.map(({ message }) => message).join('\n');
    await expect.poll(missing).toMatch(/install\.sh/);
    await client.choose({ builder: 'classic' });
    await expect.poll(missing).toBe('');
    rmSync(join(client.folder, 'Dockerfile.dockerignore'));
    await client.choose({ builder: 'buildah' });
    await expect.poll(missing).toMatch(/package\.json/);
  });

  it('holds for one Dockerfile, and before it is opened', async () => {
    await client.choose({ builder: 'buildah' });
    await client.open();
    await client.open('Dockerfile.slow');
    expect((await client.prediction()).builder.kind).toBe('buildah');
    expect((await client.prediction('Dockerfile.slow')).builder.kind).toBe('none');
    // whichever was heard of last
    expect((await client.status()).engine?.message).toContain('podman');
    expect((await client.status('Dockerfile.slow')).engine?.message).not.toContain('podman');
  });

  it('goes before the setting', async () => {
    client.settings = { engine: { kind: 'podman' } };
    await client.open();
    expect((await client.prediction()).builder.kind).toBe('buildah');
    await client.choose({ builder: 'classic' });
    await expect.poll(async () => (await client.prediction()).builder.kind).toBe('classic');
    await client.choose({});
    await expect.poll(async () => (await client.prediction()).builder.kind).toBe('buildah');
  });
});

describe('a commit in the place of past builds', () => {
  beforeEach(() => start());
  const compare = async (commit = 'HEAD'): Promise<void> => {
    await client.choose({ commit });
    await expect.poll(async () => (await client.prediction()).baseline).toBe(`git:${commit}`);
  };
  const edit = (path = 'src/app.js'): void => appendFileSync(join(client.folder, path), '// changed\n');

  it('makes everything cached that is as it was', async () => {
    await client.open();
    expect(await verdict('COPY src/')).toBe('unknown');
    await compare();
    await expect.poll(() => verdict('COPY src/')).toBe('cached');
    await expect.poll(() => verdict('RUN sh tools/bundle')).toBe('cached');
    expect(await labels()).toMatch(/cached|✓/i);
    expect(client.engineStates.at(-1)).toMatchObject({
      code: 'none',
      message: 'no engine is asked: compared with git:HEAD',
    });
  });

  it('makes what changed rebuild, with its name', async () => {
    edit();
    await client.open();
    await compare();
    await expect.poll(() => verdict('COPY src/')).toBe('rebuild');
    expect(await reason('COPY src/')).toContain('src/app.js');
    await expect.poll(() => verdict('COPY public/')).toBe('cached');
    await expect.poll(() => verdict('RUN sh tools/bundle')).toBe('rebuild');
    expect(JSON.stringify(await client.layers())).toContain('src/app.js');
    const line = readFileSync(join(client.folder, 'Dockerfile'), 'utf8')
      .split('\n')
      .findIndex((one) => one.startsWith('COPY src/'));
    expect(await client.explain(line)).toContain('src/app.js');
  });

  it('follows what is typed, and what is saved', async () => {
    const text = readFileSync(join(client.folder, 'Dockerfile'), 'utf8');
    await client.open();
    await compare();
    await expect.poll(() => verdict('RUN sh tools/install')).toBe('cached');
    await client.change(text.replace('RUN sh tools/install.sh', 'RUN sh tools/install.sh --now'));
    expect(await verdict('RUN sh tools/install')).toBe('rebuild');
    await client.change(text);
    expect(await verdict('RUN sh tools/install')).toBe('cached');
    edit();
    await client.fileChanged('src/app.js');
    await expect.poll(() => verdict('COPY src/')).toBe('rebuild');
  });

  it('is given up again', async () => {
    await client.open();
    await compare();
    await client.choose({});
    await expect.poll(async () => (await client.prediction()).baseline).toBe('engine');
    expect(await reason()).toContain('no-engine.sock');
    await expect.poll(() => client.engineStates.at(-1)?.code).toBe('not-reachable');
  });

  it('that moves is followed after a refresh', async () => {
    edit();
    await client.open();
    await compare();
    await expect.poll(() => verdict('COPY src/')).toBe('rebuild');
    commitAll();
    await client.refresh();
    await expect.poll(() => verdict('COPY src/')).toBe('cached');
  });

  it('that is none is a problem with its name, and may be one later', async () => {
    await client.open();
    await client.choose({ commit: 'later' });
    await expect.poll(() => client.codes()).toContain('baseline-unreadable');
    const message = JSON.stringify(client.problems());
    expect(message).toContain('git:later');
    expect(message).toMatch(/later is no commit of/);
    expect(await reason()).toContain('git:later');
    git('branch', 'later');
    await client.refresh();
    await expect.poll(() => verdict('COPY src/')).toBe('cached');
    await expect.poll(() => client.codes()).not.toContain('baseline-unreadable');
  });

  it('of no repository is a problem', async () => {
    rmSync(join(client.folder, '.git'), { recursive: true });
    await client.open();
    await client.choose({ commit: 'HEAD' });
    await expect.poll(() => client.codes()).toContain('baseline-unreadable');
    expect(JSON.stringify(client.problems())).toMatch(/repository/);
  });

  it('that looks like an option or a command is none', async () => {
    await client.open();
    for (const commit of ['--output=pwned', '$(touch pwned)', '; touch pwned', 'HEAD:Dockerfile', '']) {
      await client.choose({ commit });
      await expect.poll(() => client.codes(), { message: commit }).toContain('baseline-unreadable');
      await client.choose({});
      await expect.poll(() => client.codes()).not.toContain('baseline-unreadable');
    }
    expect(existsSync(join(client.folder, 'pwned'))).toBe(false);
  });

  it('goes with target and arguments', async () => {
    await client.open();
    await compare();
    await client.choose({ commit: 'HEAD', target: 'test' });
    await expect.poll(() => verdict('RUN sh tools/check')).toBe('cached');
    await client.choose({ commit: 'HEAD', buildArgs: { SHOP_NAME: 'x' } });
    await expect.poll(() => verdict('RUN sh tools/check')).toBe('unused');
  });

  it('runs no hooks and no programs of the repository', async () => {
    git('config', 'core.fsmonitor', `${bin}/hook`);
    git('config', 'filter.x.smudge', `${bin}/hook`);
    writeFileSync(join(bin, 'hook'), `#!/bin/sh\ntouch '${bin}/ran'\ncat\n`);
    chmodSync(join(bin, 'hook'), 0o755);
    writeFileSync(join(client.folder, '.gitattributes'), 'src/app.js filter=x\n');
    git('-c', 'core.fsmonitor=false', '-c', 'filter.x.smudge=', 'add', '-A');
    git('-c', 'core.fsmonitor=false', '-c', 'filter.x.smudge=', 'commit', '-qm', 'filter');
    rmSync(join(bin, 'ran'), { force: true });
    await client.open();
    await compare();
    await expect.poll(() => verdict('COPY public/')).toBe('cached');
    expect(existsSync(join(bin, 'ran'))).toBe(false);
  });
});

describe('a choice that is made while the first look is under way', () => {
  it('counts', async () => {
    // an engine that takes connections and says nothing
    const engine = createServer(() => undefined);
    const socket = join(bin, 'engine.sock');
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
    const program = join(bin, 'docker');
    writeFileSync(program, '#!/bin/sh\nsleep 3\nexit 1\n');
    chmodSync(program, 0o755);
    await start({ env: { DOCKER_HOST: `unix://${socket}` } });
    client.settings = { engine: { dockerPath: program } };
    const opened = client.open();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await client.choose({ commit: 'HEAD' });
    await opened;
    await expect.poll(async () => (await client.prediction()).baseline, { timeout: 40_000 }).toBe('git:HEAD');
    engine.close();
  }, 60_000);
});

describe('a workspace that is not trusted', () => {
  beforeEach(() => start({ trusted: false }));

  it('runs no git, whatever was chosen, until it is trusted', async () => {
    await client.open();
    await client.choose({ commit: 'HEAD' });
    await client.refresh();
    expect(await reason()).toContain('not trusted');
    expect((await client.prediction()).baseline).toBe('engine');
    expect(gitCalls()).toBe(0);
    await client.trust();
    await expect.poll(() => verdict('COPY src/')).toBe('cached');
    expect(gitCalls()).toBeGreaterThan(0);
  });

  it('looks for no builder', async () => {
    await client.open();
    await client.choose({ builder: 'buildah' });
    expect(await reason()).toContain('not trusted');
  });
});
