import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ShownDisk } from '../../client/views/disk/shown';
import { eventually, openDockerfile } from './editor';
import { hasEngine } from './mode';

const NAME = 'layer-insight-disk-host';

/** Where the bytes of the engine are, as panel and tree have it. */
describe('disk usage', () => {
  const run = vscode.commands.executeCommand;
  const docker = async (...args: readonly string[]) =>
    (await promisify(execFile)('docker', args, { timeout: 120_000 })).stdout;
  const shown = () => run<ShownDisk>('layerInsight.disk.shown.get');
  const state = async () => {
    const { isBusy, isStale, message, bytes } = await shown();
    return `${isBusy ? 'busy' : 'idle'} ${isStale ? 'stale' : 'fresh'} ${bytes === undefined ? 'nothing' : 'bytes'} ${message}`;
  };
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const isPanel = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputWebview && input.viewType.endsWith('layerInsight.diskUsage');
  // the editor tells of its tabs a moment later
  const panelTabs = () => Promise.resolve(String(tabs().filter(isPanel).length));

  before(function () {
    if (!hasEngine) this.skip();
  });
  after(async () => {
    if (!hasEngine) return;
    await docker('rm', '--force', NAME).catch(() => undefined);
    await run('workbench.action.closeAllEditors');
    await openDockerfile();
  });

  it('is not measured until somebody opens it', async () => {
    await openDockerfile();
    const { measuredAt, rows, hasPanel, isBusy } = await shown();
    assert.deepEqual([measuredAt, rows, hasPanel, isBusy], [undefined, [], false, false]);
  });

  it('is measured when the panel is opened, and shown by tree and panel alike', async () => {
    await run('layerInsight.disk.show');
    await eventually(state, /^idle fresh bytes $/);
    const { rows, bytes = 0, hasPanel, viewMessage } = await shown();
    assert.ok(hasPanel, 'there is no panel');
    await eventually(panelTabs, /^1$/);
    assert.ok(bytes > 0);
    const [total, ...parts] = rows;
    assert.equal(total?.label, 'Total');
    assert.match(total.tooltip, new RegExp(`^${bytes.toLocaleString('en')} bytes, each counted once`));
    assert.ok(parts.length > 0 && parts.every(({ description }) => description !== ''), JSON.stringify(parts));
    assert.equal(viewMessage, '');
  });

  it('is one panel, however often it is asked for, and not measured again for that', async () => {
    const { measuredAt } = await shown();
    await run('layerInsight.disk.show');
    await eventually(panelTabs, /^1$/);
    assert.equal((await shown()).measuredAt, measuredAt);
  });

  it('is said to have changed when it has, and measured when asked', async () => {
    const { measuredAt } = await shown();
    await docker('create', '--name', NAME, 'busybox:1', 'true');
    await eventually(state, /^idle stale bytes/);
    assert.match((await shown()).viewMessage, /changed since/);
    await run('layerInsight.disk.measure');
    assert.equal(await state(), 'idle fresh bytes ');
    assert.notEqual((await shown()).measuredAt, measuredAt);
  });

  it('ends when it is stopped, and the report before stays', async () => {
    const { measuredAt } = await shown();
    const measuring = run('layerInsight.disk.measure');
    await run('layerInsight.disk.stop');
    await measuring;
    const after = await shown();
    assert.equal(after.isBusy, false);
    assert.ok(after.measuredAt === measuredAt || after.message === '', after.message);
    assert.ok((after.bytes ?? 0) > 0);
  });

  it('is closed with its tab', async () => {
    const panel = tabs().find(isPanel);
    assert.ok(panel);
    await vscode.window.tabGroups.close(panel);
    assert.equal((await shown()).hasPanel, false);
  });
});
