import { strict as assert } from 'node:assert';
import { appendFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { eventually, file, hintOn, lineOf, openDockerfile, prediction, stepOf } from './editor';
import { hasEngine } from './mode';
import { configure, shown, summaryText } from './shown';

/** Goes on from a built example, in which a change then makes steps rebuild. */
describe('surfaces around the editor', () => {
  let document: vscode.TextDocument;
  const run = vscode.commands.executeCommand;
  const marks = async () =>
    ((await shown()).status?.marks ?? [])
      .map(({ line, kind }) => `${document.lineAt(line).text.slice(0, 20)}: ${kind}`)
      .join('\n');

  before(async function () {
    if (!hasEngine) this.skip();
    document = await openDockerfile();
  });

  it('predict with the build arguments that were chosen', async () => {
    const uri = document.uri.toString();
    const bundle = async () => {
      const { verdict, reason } = await stepOf(document, 'RUN sh tools/bundle.sh');
      return `${verdict}: ${reason.message}`;
    };
    await eventually(bundle, /^cached/);
    await run('layerInsight.choices.set', { uri, buildArgs: { SHOP_NAME: 'Another Shop' } });
    await eventually(bundle, /^rebuild: .*SHOP_NAME/);
    await run('layerInsight.choices.set', { uri });
    await eventually(bundle, /^cached/);
    // what is shown follows the answer after a pause
    const declared = async () => JSON.stringify((await shown()).status?.arguments ?? []);
    await eventually(declared, /^\[\{"name":"SHOP_NAME","defaultValue":"The Corner Shop"\}\]$/);
  });

  it('mark the lines', async () => {
    // Marks wait for a pause, unlike hints: these may still be those from before the last build, which look the same as
    // the ones that this test waits for, while the server has not seen the change yet.
    await eventually(marks, /COPY src\/ src\/: cached$/m);
    await appendFile(file('src/app.js').fsPath, '// for the surfaces\n');
    await eventually(marks, /COPY src\/ src\/: rebuild$/m);
    const all = await marks();
    assert.match(all, /RUN sh tools\/install.*: cached/);
    assert.match(all, /RUN sh tools\/bundle.*: rebuild-inherited/);
    assert.doesNotMatch(all, /^(ARG|USER|CMD)/m);
  });

  it('tell the prediction in the status bar, in words for screen readers too', async () => {
    const text = await eventually(summaryText, /\d+\/\d+ cached · ≈/);
    const item = (await shown()).summary;
    assert.match(item?.accessibilityLabel ?? '', /Dockerfile: \d+\/\d+ cached/, text);
    assert.match(item?.tooltip ?? '', /Looked at \d\d:\d\d/);
  });

  it('tell engine and age of the answer in the language status', async () => {
    await eventually(async () => JSON.stringify((await shown()).language), /"detail":"Looked at/);
    const { language } = await shown();
    assert.match(language?.text ?? '', /Docker/);
    assert.equal(language?.severity, 'information');
    assert.equal(language.busy, false);
  });

  it('go to the next and the previous rebuild, round and round', async () => {
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    const lines = (await shown()).status?.rebuilds ?? [];
    assert.ok(lines.length >= 2, String(lines));
    const cursor = () => Promise.resolve(`line ${editor.selection.active.line}`);
    for (const line of [...lines, lines[0]]) {
      await run('layerInsight.rebuild.next');
      await eventually(cursor, new RegExp(`^line ${line}$`));
    }
    await run('layerInsight.rebuild.previous');
    await eventually(cursor, new RegExp(`^line ${lines.at(-1)}$`));
  });

  it('select the row of the cursor in the Layers view and leave the focus alone', async () => {
    await run('layerInsight.layers.focus');
    const editor = await vscode.window.showTextDocument(document);
    for (const instruction of ['COPY src/', 'RUN sh tools/inst']) {
      const line = lineOf(document, instruction);
      editor.selection = new vscode.Selection(line, 0, line, 0);
      await eventually(async () => (await shown()).selectedRow ?? '', new RegExp(`^${instruction}`));
      assert.equal(vscode.window.activeTextEditor?.document, document);
    }
    // the stage of this one is folded away
    const line = lineOf(document, 'RUN sh tools/check.sh');
    editor.selection = new vscode.Selection(line, 0, line, 0);
    await eventually(async () => (await shown()).selectedRow ?? '', /^test$/);
  });

  it('predict for the target that was chosen, and for the settings again', async () => {
    const uri = document.uri.toString();
    const target = async () => `${(await prediction(document)).target}, ${(await shown()).status?.target ?? ''}`;
    await run('layerInsight.choices.set', { uri, target: 'dependencies' });
    await eventually(target, /^dependencies, dependencies$/);
    await eventually(async () => (await stepOf(document, 'COPY src/')).verdict, /^unused$/);
    await run('layerInsight.server.restart');
    await eventually(target, /^dependencies, dependencies$/);
    await run('layerInsight.choices.set', { uri });
    await eventually(target, /^shop, shop$/);
  });

  it('say what a build will not see because it is not saved', async () => {
    const source = await vscode.workspace.openTextDocument(file('src/cart.js'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(source.uri, new vscode.Position(0, 0), '// not saved\n');
    await vscode.workspace.applyEdit(edit);
    const unsaved = async () => ((await shown()).status?.unsaved ?? []).join('\n');
    await eventually(unsaved, /src\/cart\.js is not saved/);
    await eventually(async () => (await shown()).layersMessage, /src\/cart\.js is not saved/);
    await vscode.window.showTextDocument(source);
    await run('workbench.action.files.revert');
    await openDockerfile();
    await eventually(unsaved, /^$/);
  });

  it('say what a change of the active file costs, if wanted', async () => {
    await vscode.window.showTextDocument(file('src/cart.js'));
    assert.equal((await shown()).editCost, undefined);
    await configure('layerInsight.editCost.enabled', true);
    const cost = async () => (await shown()).editCost?.text ?? '';
    await eventually(cost, /Dockerfile: \d+ steps? rebuilds?/);
    await vscode.window.showTextDocument(file('README.md'));
    await eventually(cost, /^$/);
    await configure('layerInsight.editCost.enabled', undefined);
    await openDockerfile();
  });

  it('write the prediction as text', async () => {
    await openDockerfile();
    await run('layerInsight.report.show');
    const report = vscode.window.activeTextEditor?.document;
    assert.equal(report?.uri.scheme, 'layer-insight-report');
    assert.equal(report.isUntitled, false);
    assert.match(report.getText(), /^Line 17: COPY src\/ src\/$/m);
    assert.match(report.getText(), /Will rebuild: .*src\/app\.js/);
    await run('workbench.action.closeActiveEditor');
    await openDockerfile();
  });

  it('explain a line in a document of its own where the hover is for others', async () => {
    const editor = await vscode.window.showTextDocument(document);
    const line = lineOf(document, 'COPY src/');
    editor.selection = new vscode.Selection(line, 12, line, 12);
    await run('layerInsight.line.explain');
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
    await eventually(() => Promise.resolve(tabs().join('\n')), /Dockerfile, line \d+/);
    await run('workbench.action.closeEditorsInOtherGroups');
    await openDockerfile();
  });

  it('offer what to do in the hover, with links to our own commands only', async () => {
    const hovers = await run<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      new vscode.Position(lineOf(document, 'COPY src/'), 1),
    );
    const blocks = hovers.flatMap(({ contents }) => contents).filter((one) => one instanceof vscode.MarkdownString);
    const links = blocks.filter((one) => one.value.includes('(command:'));
    assert.equal(links.length, 1);
    for (const text of ['Explain', 'Show in Layers', 'Report as Text', 'Hide Hints'])
      assert.ok(links[0]?.value.includes(`[${text}](command:layerInsight.`), text);
    const trust = links[0]?.isTrusted;
    assert.ok(typeof trust === 'object', 'trusted without limits, or not at all');
    for (const id of trust.enabledCommands) assert.match(id, /^layerInsight\./);
    for (const one of blocks) if (!links.includes(one)) assert.ok(one.isTrusted !== true, one.value);
  });

  it('hide everything with the last visible Dockerfile', async () => {
    await vscode.window.showTextDocument(file('README.md'));
    await eventually(summaryText, /^$/);
    await openDockerfile();
    await eventually(summaryText, /cached/);
  });

  it('show fewer hints when the density says so', async () => {
    await configure('layerInsight.hints.density', 'problems');
    await eventually(() => hintOn(document, 'RUN sh tools/install.sh'), /^$/);
    await eventually(() => hintOn(document, 'COPY src/'), /rebuild/);
    await configure('layerInsight.hints.density', undefined);
    await eventually(() => hintOn(document, 'RUN sh tools/install.sh'), /\S/);
  });
});
