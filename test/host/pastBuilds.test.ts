import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { PastBuildRow } from '../../client/views/builds/view';
import { build, removeImages } from './builds';
import { eventually, file, openDockerfile } from './editor';
import { hasEngine } from './mode';

/** Past builds of the Dockerfile, and it as it was. */
describe('past builds', () => {
  const run = vscode.commands.executeCommand;
  const list = () => run<PastBuildRow[]>('layerInsight.pastBuilds.get');
  const count = async () => `${(await list()).length} builds`;
  let text = '';

  before(async function () {
    if (!hasEngine) this.skip();
    text = (await openDockerfile()).getText();
  });
  after(async () => {
    if (!hasEngine) return;
    await removeImages();
    await run('workbench.action.closeAllEditors');
    await openDockerfile();
  });

  it('are listed, the newest first, as soon as they end', async () => {
    const before = (await list()).length;
    await build(vscode.Uri.joinPath(file('Dockerfile'), '..').fsPath);
    await eventually(count, new RegExp(`^${before + 1} builds$`), 30_000);
    const [newest] = await list();
    assert.match(newest?.description ?? '', / · \d+ of \d+ cached/);
    assert.equal(newest?.result, 'completed');
  });

  it('have the Dockerfile as it was', async () => {
    const [newest] = await list();
    await run('layerInsight.pastBuild.dockerfile.open', newest);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'layer-insight-report');
    assert.equal(document.getText(), text);
    assert.equal(document.languageId, 'dockerfile');
    // the list stays that of the Dockerfile, whose editor may be a preview
    assert.equal((await list())[0]?.uri, newest?.uri);
  });

  it('are compared with now', async () => {
    const [newest] = await list();
    await run('layerInsight.pastBuild.dockerfile.diff', newest);
    const label = () => Promise.resolve(vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? '');
    await eventually(label, /^Dockerfile \(.*\) ↔ now$/);
    await openDockerfile();
    await run('layerInsight.pastBuild.explain', newest);
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /^from .*\nto +now/m);
  });
});
