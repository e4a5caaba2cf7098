import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ShownBuilds } from '../../client/builds/shown';
import type { ShownDisk } from '../../client/views/disk/shown';
import { eventually, extensionId, file, hintOn, openDockerfile, prediction } from './editor';
import { shown, summaryText } from './shown';

/** What the stand-ins for `docker` and its socket were asked so far; see hostSuites.mjs. */
async function engineCalls(): Promise<string> {
  const path = process.env['LAYER_INSIGHT_ENGINE_SPY'];
  assert.ok(path, 'LAYER_INSIGHT_ENGINE_SPY is not set');
  return readFile(path, 'utf8');
}

describe('a restricted workspace', () => {
  let document: vscode.TextDocument;

  before(async () => {
    document = await openDockerfile();
  });

  it('is not trusted', () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  it('activates the extension and reads the Dockerfile', async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, 'the extension is not enabled in a restricted workspace');
    await eventually(() => Promise.resolve(String(extension.isActive)), /true/);
    const steps = (await prediction(document)).steps;
    assert.ok(steps.some((step) => step.text === 'COPY src/ src/'));
  });

  it('claims nothing about the cache', async () => {
    const { builder, steps } = await prediction(document);
    assert.equal(builder.engineVersion, null);
    for (const step of steps) {
      assert.ok(!['cached', 'rebuild', 'may-hit'].includes(step.verdict), `${step.text}: ${step.verdict}`);
    }
    assert.doesNotMatch(await hintOn(document, 'COPY src/'), /cached|rebuild/);
  });

  it('says in the status bar that nothing is predicted, and marks nothing', async () => {
    await eventually(summaryText, /not predicted/);
    assert.deepEqual((await shown()).status?.marks, []);
    assert.equal((await shown()).language?.severity, 'information');
  });

  it('takes no choices and looks at no other file', async () => {
    await vscode.commands.executeCommand('layerInsight.choices.set', {
      uri: document.uri.toString(),
      target: 'dependencies',
    });
    const source = await vscode.workspace.openTextDocument(file('src/cart.js'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(source.uri, new vscode.Position(0, 0), '// not saved\n');
    await vscode.workspace.applyEdit(edit);
    await sleep(1000);
    assert.equal((await prediction(document)).target, 'shop');
    assert.deepEqual((await shown()).status?.unsaved, []);
    await vscode.window.showTextDocument(source);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await openDockerfile();
  });

  it('runs no container and lists no past build', async () => {
    const run = vscode.commands.executeCommand;
    const id = 'a'.repeat(64);
    assert.equal(await run('layerInsight.image.run', 'busybox:1', { detached: true }), undefined);
    for (const what of ['shell', 'log.show', 'stop', 'remove', 'port.open'])
      await run(`layerInsight.container.${what}`, id);
    await run('layerInsight.image.shell', 'busybox:1');
    assert.deepEqual(await run('layerInsight.pastBuilds.get'), []);
    assert.deepEqual(vscode.tasks.taskExecutions, []);
  });

  it('builds nothing; tasks the editor itself asks trust for', async () => {
    const run = vscode.commands.executeCommand;
    for (const what of ['', '.run', '.stage', '.line', '.withoutCache', '.last', '.stop']) {
      await run(`layerInsight.build${what}`, file('Dockerfile'), ['restricted:1']);
    }
    const { builds } = await run<ShownBuilds>('layerInsight.builds.shown.get');
    assert.deepEqual(builds, []);
  });

  it('lists no images and reads none', async () => {
    await vscode.commands.executeCommand('layerInsight.images.focus');
    assert.deepEqual(await vscode.commands.executeCommand('layerInsight.images.rows.get'), []);
    await vscode.commands.executeCommand('layerInsight.archive.open', file('README.md'));
    await vscode.commands.executeCommand('layerInsight.image.explore', { fullTag: 'busybox:1' });
    await vscode.commands.executeCommand('layerInsight.registry.explore', '127.0.0.1:1/a:1');
    assert.deepEqual(await vscode.commands.executeCommand('layerInsight.images.rows.get'), []);
    const query = 'image=busybox%3A1&layer=0';
    const uri = vscode.Uri.from({ scheme: 'layer-insight-layer', path: '/busybox/1/bin/sh', query });
    await assert.rejects(async () => vscode.workspace.fs.readFile(uri), /restricted/);
  });

  it('measures nothing and opens no panel of disk usage', async () => {
    await vscode.commands.executeCommand('layerInsight.disk.show');
    await vscode.commands.executeCommand('layerInsight.disk.focus');
    await vscode.commands.executeCommand('layerInsight.disk.measure');
    const found = await vscode.commands.executeCommand<ShownDisk>('layerInsight.disk.shown.get');
    assert.deepEqual([found.hasPanel, found.rows, found.bytes], [false, [], undefined]);
  });

  it('neither runs docker nor connects to its socket', async () => {
    await vscode.commands.executeCommand('layerInsight.refresh');
    await sleep(2000);
    assert.equal(await engineCalls(), '');
  });

  it('would have been seen doing so', async () => {
    await promisify(execFile)('docker', ['version']).catch(() => undefined);
    assert.match(await engineCalls(), /docker version/);
  });
});
