import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runBuild } from '../../../../core/node/build/runBuild';
import { writeCutFile } from '../../../../core/node/build/cutFile';

const root = mkdtempSync(join(tmpdir(), 'li-run-build-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function start(script: string, kind: 'buildkit' | 'buildah' = 'buildkit') {
  const stopping = new AbortController();
  const program = join(mkdtempSync(join(root, 'p-')), 'builder');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const said = { stdout: '', stderr: '' };
  const ended = runBuild(
    { kind, program, args: ['one', '$two'], env: { GIVEN: 'by us' }, shown: '' },
    {
      ...{ cwd: root, env: process.env, signal: stopping.signal },
      onOutput: (stream, chunk) => (said[stream] += chunk),
    },
  );
  return { said, ended, stopping };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

// the stand-ins are shell scripts
describe.skipIf(process.platform === 'win32')('running a builder', () => {
  it('gives arguments as they are, both streams and the exit code', async () => {
    const { said, ended } = start('echo "$1 $2 $GIVEN"; echo bad >&2; exit 7');
    expect(await ended).toEqual({ code: 7, canceled: false, lost: false });
    expect(said).toEqual({ stdout: 'one $two by us\n', stderr: 'bad\n' });
  });

  it('stops all of the group', async () => {
    const { said, ended, stopping } = start('sleep 60 & echo $!; wait');
    await expect.poll(() => said.stdout).toMatch(/\d+\n/);
    stopping.abort();
    expect(await ended).toMatchObject({ canceled: true, lost: false });
    await expect.poll(() => isAlive(Number(said.stdout))).toBe(false);
  });

  it('ends by force what does not stop', { timeout: 15_000 }, async () => {
    const { said, ended, stopping } = start(`trap '' INT TERM; echo ready; sleep 60; sleep 60`);
    await expect.poll(() => said.stdout).toBe('ready\n');
    const began = Date.now();
    stopping.abort();
    expect(await ended).toMatchObject({ code: null, canceled: true });
    expect(Date.now() - began).toBeGreaterThan(4000);
  });

  it('stops the command that Buildah runs, and lets Podman clear up', { timeout: 15_000 }, async () => {
    // as Podman does: the helper ends its command when it is told to, and nothing else does
    const helper = `trap 'kill $!; echo helper ended; exit 1' TERM; setsid sleep 60 & echo $!; wait`;
    const name = join(mkdtempSync(join(root, 'h-')), 'helper');
    writeFileSync(name, helper);
    const { said, ended, stopping } = start(
      `bash -c 'exec -a buildah-oci-runtime bash ${name}'; echo cleared; exit 125`,
      'buildah',
    );
    await expect.poll(() => said.stdout).toMatch(/\d+\n/);
    const command = Number(said.stdout);
    stopping.abort();
    expect(await ended).toMatchObject({ code: 125, canceled: true });
    expect(said.stdout).toBe(`${command}\nhelper ended\ncleared\n`);
    await expect.poll(() => isAlive(command)).toBe(false);
  });

  it('stops a command of Buildah that was only about to begin', { timeout: 15_000 }, async () => {
    const name = join(mkdtempSync(join(root, 'h-')), 'helper');
    writeFileSync(name, `trap 'kill $!; exit 1' TERM; setsid sleep 60 & echo $!; wait`);
    const { said, ended, stopping } = start(
      `echo STEP; sleep 0.3; bash -c 'exec -a buildah-oci-runtime bash ${name}'; exit 125`,
      'buildah',
    );
    await expect.poll(() => said.stdout).toBe('STEP\n');
    stopping.abort();
    expect(await ended).toMatchObject({ code: 125, canceled: true });
    const command = Number(/\d+/.exec(said.stdout)?.[0]);
    expect(command).toBeGreaterThan(0);
    await expect.poll(() => isAlive(command)).toBe(false);
  });

  it('ends what a Podman that does not clear up leaves behind', { timeout: 15_000 }, async () => {
    const { said, ended, stopping } = start(`setsid sleep 60 >/dev/null 2>&1 & echo $!; wait`, 'buildah');
    await expect.poll(() => said.stdout).toMatch(/\d+\n/);
    const command = Number(said.stdout);
    stopping.abort();
    expect(await ended).toMatchObject({ canceled: true });
    await expect.poll(() => isAlive(command)).toBe(false);
  });

  it('knows an engine that went away', async () => {
    const { ended } = start('echo "ERROR: error reading from server: EOF" >&2; exit 1');
    expect(await ended).toMatchObject({ code: 1, lost: true });
    expect(await start('echo "connection refused" >&2').ended).toMatchObject({ code: 0, lost: false });
  });

  it('knows a builder that somebody killed', async () => {
    expect(await start('kill -KILL $$').ended).toEqual({ code: null, canceled: false, lost: true });
  });

  it('says what is missing', async () => {
    const options = { cwd: root, env: process.env, signal: new AbortController().signal, onOutput: () => undefined };
    const missing = { kind: 'buildkit' as const, program: join(root, 'nothing'), args: [], env: {}, shown: '' };
    await expect(runBuild(missing, options)).rejects.toThrow('was not found');
    await expect(runBuild(missing, { ...options, cwd: join(root, 'nowhere') })).rejects.toThrow('is not there');
  });
});

describe('a file that ends with a line', () => {
  it('has its ignore file beside it, and is removed', async () => {
    const dockerfile = join(root, 'My.Dockerfile');
    writeFileSync(`${dockerfile}.dockerignore`, 'secret\n');
    const cut = await writeCutFile(dockerfile, 'FROM a\nRUN b\nRUN c\n', 2);
    expect(readFileSync(cut.path, 'utf8')).toBe('FROM a\nRUN b\n');
    expect(readFileSync(`${cut.path}.dockerignore`, 'utf8')).toBe('secret\n');
    await cut.remove();
    expect(existsSync(cut.path)).toBe(false);
    await expect(writeCutFile(dockerfile, 'FROM a\n', 9)).rejects.toThrow('no instruction');
  });
});
