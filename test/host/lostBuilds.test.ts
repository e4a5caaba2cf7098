import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { BuildFolder, kill, newestBuild, processes } from './buildSupport';
import { eventually, hintOn, prediction } from './editor';
import { EngineProxy } from './engineProxy';
import { hasEngine, hasPodman } from './mode';

const execute = promisify(execFile);
const run = vscode.commands.executeCommand;

/** Milliseconds after which a build that lost its engine must have ended. */
const SOON = 15_000;

describe('builds whose engine goes away', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'li-lost-'));
  const socket = join(scratch, 'docker.sock');
  const own = process.env['DOCKER_HOST'];
  const address = own ?? 'unix:///var/run/docker.sock';
  const proxy = new EngineProxy(socket, address.replace('unix://', ''));
  const folder = new BuildFolder(`lost-${randomUUID().slice(0, 8)}`);
  const label = `li-host=${folder.name}`;
  /** Seconds that nothing else on this machine sleeps, and longer than any test. */
  const seconds = 3000 + randomInt(1_000_000);
  const text = `FROM busybox:1\nLABEL ${label}\nRUN echo ${folder.name}\nRUN echo two\nRUN echo three\n`;
  const slow = text.replace('echo two', `echo two; sleep ${seconds}`);
  let isBehindProxy = false;

  /** By the real engine, whatever the proxy does. */
  const docker = async (...args: readonly string[]) => {
    const env = { ...process.env, DOCKER_HOST: address };
    return (await execute('docker', args, { timeout: 60_000, env })).stdout.trim();
  };
  const idsOf = async (...args: readonly string[]) =>
    (await docker(...args, '--all', '--quiet', '--filter', `label=${label}`)).split('\n').filter((id) => id !== '');
  const behind = (instruction: string) => folder.behind(instruction);
  const commands = () => processes(new RegExp(`sleep ${seconds}`));

  before(async function () {
    if (!hasEngine || !address.startsWith('unix://')) this.skip();
    isBehindProxy = true;
    await proxy.start();
    process.env['DOCKER_HOST'] = `unix://${socket}`;
    await folder.write('Dockerfile', text);
    await folder.open();
    await run('layerInsight.server.restart');
  });
  after(async () => {
    rmSync(scratch, { recursive: true, force: true });
    if (!isBehindProxy) return;
    await proxy.stop();
    if (own === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = own;
    await folder.remove();
    await run('layerInsight.server.restart');
    for (const id of await idsOf('ps')) await docker('rm', '--force', id);
    for (const id of await idsOf('image', 'ls')) await docker('rmi', '--force', id).catch(() => undefined);
    assert.deepEqual(await idsOf('image', 'ls'), []);
  });

  for (const kind of ['buildkit', 'classic'] as const) {
    it(`end soon and say so, and the next one is built (${kind})`, async () => {
      await run('layerInsight.choices.set', { uri: folder.uri.toString(), builder: kind });
      await eventually(async () => (await prediction(folder.document)).builder.kind, new RegExp(`^${kind}$`), 40_000);
      await eventually(() => hintOn(folder.document, 'RUN echo two'), /rebuild/);
      await folder.replace(slow);
      const building = run('layerInsight.build', folder.uri, []);
      await eventually(() => behind('RUN echo two'), /^running \d+ s$/);
      await eventually(commands, /sleep/);
      await proxy.stop();
      await eventually(async () => (await newestBuild()).live.state, /^lost$/, SOON);
      await building;
      assert.equal(await behind('RUN echo two'), 'stopped');
      assert.equal(await behind('RUN echo three'), 'not reached');
      await eventually(() => folder.builders(), /^$/);
      // whoever comes back finds nothing running
      await eventually(commands, /^$/);

      await folder.replace(text);
      await run('layerInsight.build', folder.uri, []);
      assert.equal((await newestBuild()).live.state, 'lost', 'was built without an engine');
      await proxy.start();
      await eventually(() => hintOn(folder.document, 'RUN echo two'), /rebuild/, 40_000);
      await run('layerInsight.build', folder.uri, []);
      const { live } = await newestBuild();
      assert.equal(live.state, 'succeeded', live.error ?? '');
      await eventually(() => behind('RUN echo three'), /^done .* · as predicted$/);
    }).timeout(120_000);
  }
});

describe('builds whose builder is killed', () => {
  const folder = new BuildFolder(`killed-${randomUUID().slice(0, 8)}`);
  const label = `li-host=${folder.name}`;
  const seconds = 3000 + randomInt(1_000_000);
  const text = `FROM localhost/busybox:1\nLABEL ${label}\nRUN echo two\nRUN echo three\n`;
  const podman = async (...args: readonly string[]) =>
    (await execute('podman', args, { timeout: 60_000 })).stdout.split('\n').filter((line) => line !== '');
  const containers = () => podman('ps', '--all', '--external', '--quiet', '--no-trunc');
  const images = () => podman('image', 'ls', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`);
  let earlier: readonly string[] = [];

  before(async function () {
    if (!hasPodman) this.skip();
    await folder.write('Dockerfile', text);
    await folder.open();
    await run('layerInsight.choices.set', { uri: folder.uri.toString(), builder: 'buildah' });
    await eventually(() => hintOn(folder.document, 'RUN echo two'), /rebuild/);
    earlier = await containers();
  });
  after(async () => {
    if (!hasPodman) return;
    await folder.remove();
    // nobody else ends what a killed Podman leaves behind
    await kill(new RegExp(`sleep ${seconds}$`));
    for (const id of (await containers()).filter((one) => !earlier.includes(one))) await podman('rm', '--force', id);
    for (const id of await images()) await podman('rmi', '--force', id).catch(() => undefined);
    assert.deepEqual(await images(), []);
  });

  it('end at once and say so, and the next one is built (Podman)', async () => {
    await folder.replace(text.replace('echo two', `echo two; sleep ${seconds}`));
    const building = run('layerInsight.build', folder.uri, []);
    await eventually(() => folder.behind('RUN echo two'), /^running \d+ s$/);
    await eventually(() => processes(new RegExp(`sleep ${seconds}`)), /sleep/);
    await kill(new RegExp(`^podman build .*${folder.name}$`));
    await eventually(async () => (await newestBuild()).live.state, /^lost$/, SOON);
    await building;
    assert.equal(await folder.behind('RUN echo two'), 'stopped');
    assert.equal(await folder.behind('RUN echo three'), 'not reached');
    await folder.replace(text);
    await eventually(() => hintOn(folder.document, 'RUN echo two'), /rebuild/);
    await run('layerInsight.build', folder.uri, []);
    assert.equal((await newestBuild()).live.state, 'succeeded');
    await eventually(() => folder.behind('RUN echo three'), /^done .* · as predicted$/);
  });
});
