import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { build, removeImages } from './builds';
import { eventually, file, openDockerfile, prediction } from './editor';
import { hasEngine } from './mode';
import { shown } from './shown';

/** Goes on from a built example in which src/app.js was changed since. */
describe('the ledger', () => {
  let document: vscode.TextDocument;
  const run = vscode.commands.executeCommand;
  const report = (): string => {
    const shownDocument = vscode.window.activeTextEditor?.document;
    assert.equal(shownDocument?.uri.scheme, 'layer-insight-report');
    return shownDocument.getText();
  };

  before(async function () {
    if (!hasEngine) this.skip();
    document = await openDockerfile();
  });
  after(removeImages);

  it('says in the language status how often predictions were right, when a build ended', async () => {
    await eventually(async () => String((await prediction(document)).summary.rebuild), /^[1-9]/);
    await build(vscode.Uri.joinPath(file('Dockerfile'), '..').fsPath);
    const accuracy = async () => (await shown()).accuracy;
    const words = await eventually(accuracy, /^certain verdicts: \d+ of \d+ right over \d+ builds?$/, 30_000);
    const [, right, total] = /(\d+) of (\d+)/.exec(words) ?? [];
    assert.equal(right, total, words);
  });

  it('opens the accuracy as a report', async () => {
    await run('layerInsight.accuracy.show');
    assert.match(report(), /^certain verdicts: /);
    assert.match(report(), /COPY rebuild \(file-changed\)$/m);
    await run('workbench.action.closeActiveEditor');
    await openDockerfile();
  });

  it('explains a miss: the first step in which a build and now differ', async () => {
    const words = new TextEncoder().encode(`// ${'another content '.repeat(20)}\n`);
    await vscode.workspace.fs.writeFile(file('src/delivery.js'), words);
    await eventually(async () => String((await prediction(document)).summary.rebuild), /^[1-9]/);
    // a build that nobody remembers has no answer, and says so
    await run('layerInsight.miss.explain', 'nosuchbuild', 'now');
    assert.match(report(), /no remembered build/);
    await run('workbench.action.closeActiveEditor');
    await openDockerfile();
    const picked = run('layerInsight.miss.explain', undefined, 'now');
    // the newest of the earlier builds stands first
    await eventually(async () => {
      await run('workbench.action.acceptSelectedQuickOpenItem');
      return vscode.window.activeTextEditor?.document.uri.scheme ?? '';
    }, /^layer-insight-report$/);
    await picked;
    assert.match(report(), /First difference: line \d+, COPY\n {2}src\/delivery\.js changed \(content\)/);
    await run('workbench.action.closeActiveEditor');
    await openDockerfile();
  });
});
