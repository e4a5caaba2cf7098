import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ContainerView } from '../../core/model';
import { eventually, openDockerfile } from './editor';
import { hasEngine } from './mode';

const NAME = `layer-insight-host-${process.pid}`;
const IMAGE = 'busybox:1';
/** Ends at once when it is asked to. */
const WAITS = `trap 'exit 0' TERM; echo "hello $COLOR"; while :; do sleep 1 & wait $!; done`;

/** Containers by the commands of the palette, without their questions. */
describe('containers', () => {
  const run = vscode.commands.executeCommand;
  const docker = async (...args: readonly string[]) =>
    (await promisify(execFile)('docker', args, { timeout: 60_000 })).stdout.trim();
  const ended: { name: string; code: number | undefined }[] = [];
  const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) =>
    ended.push({ name: execution.task.name, code: exitCode }),
  );
  let container: ContainerView | undefined;
  const started = (): ContainerView => {
    assert.ok(container, 'no container was started');
    return container;
  };
  const stateOf = (id: string) => docker('container', 'inspect', '--format', '{{.State.Status}}', id);
  const endOf = (name: string) => Promise.resolve(JSON.stringify(ended.filter((task) => task.name === name)));

  before(async function () {
    if (!hasEngine) this.skip();
    await openDockerfile();
  });
  after(async () => {
    listening.dispose();
    if (!hasEngine) return;
    await docker('rm', '--force', NAME).catch(() => undefined);
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  it('run in the background as they are ordered, with their ports to be opened', async () => {
    const order = {
      ...{ name: NAME, command: ['sh', '-c', WAITS], ports: ['127.0.0.1::80'], environment: { COLOR: 'blue' } },
      detached: true,
    };
    container = await run<ContainerView | undefined>('layerInsight.image.run', IMAGE, order);
    const { id, name, state, ports } = started();
    assert.deepEqual([name, state], [NAME, 'running']);
    assert.match(ports[0]?.url ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(await stateOf(id), 'running');
    assert.equal(await docker('logs', id), 'hello blue');
  });

  it('show their log in a terminal, until they end', async () => {
    const { id } = started();
    void run('layerInsight.container.log.show', id);
    const terminals = () => Promise.resolve(vscode.window.terminals.map(({ name }) => name).join());
    await eventually(terminals, new RegExp(`Log of ${NAME}`));
    assert.equal(await endOf(`Log of ${NAME}`), '[]');
  });

  /** Waits for the terminal of a shell, leaves it, and waits for what the command says of its end. */
  const leave = async (terminal: string, command: Thenable<unknown>): Promise<void> => {
    const opened = () => vscode.window.terminals.find(({ name }) => name.includes(terminal));
    await eventually(() => Promise.resolve(opened()?.name ?? 'none'), new RegExp(terminal));
    const isOver = Promise.resolve(command).then(() => 'over');
    await eventually(async () => {
      opened()?.sendText('exit');
      return Promise.race([isOver, new Promise<string>((resolve) => setTimeout(() => resolve('open'), 500))]);
    }, /^over$/);
    await eventually(() => endOf(terminal), /"code":0/);
  };

  it('have a shell in a terminal', async () => {
    const { id } = started();
    await leave(`Shell in ${NAME}`, run('layerInsight.container.shell', id));
    assert.equal(await stateOf(id), 'running');
  });

  it('of a shell in an image are gone at its end', async () => {
    const before = await docker('ps', '--all', '--quiet');
    await leave(`Shell in ${IMAGE}`, run('layerInsight.image.shell', IMAGE));
    assert.equal(await docker('ps', '--all', '--quiet'), before);
  });

  it('that run are not removed', async () => {
    const { id } = started();
    await run('layerInsight.container.remove', id, true);
    assert.equal(await stateOf(id), 'running');
  });

  it('are stopped, and their log ends', async () => {
    const { id } = started();
    await run('layerInsight.container.stop', id);
    assert.equal(await stateOf(id), 'exited');
    await eventually(() => endOf(`Log of ${NAME}`), /"code":0/);
  });

  it('are removed, this one only', async () => {
    const { id } = started();
    const before = (await docker('ps', '--all', '--quiet', '--no-trunc')).split('\n');
    await run('layerInsight.container.remove', id, true);
    const after = (await docker('ps', '--all', '--quiet', '--no-trunc')).split('\n');
    assert.ok(before.includes(id) && !after.includes(id));
  });

  it('run in a terminal as tasks, and are gone at their end', async () => {
    const order = { name: NAME, command: ['sh', '-c', 'test -t 0'], detached: false, remove: true };
    await run('layerInsight.image.run', IMAGE, order);
    await eventually(() => endOf(`Run ${IMAGE}`), /"code":0/);
    assert.equal(await docker('ps', '--all', '--quiet', '--filter', `name=${NAME}`), '');
  });
});
