import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { eventually, extensionId, hintOn, hoverOn, openDockerfile, prediction, stepOf } from './editor';
import { mode } from './mode';

describe('a Dockerfile in the editor', () => {
  let document: vscode.TextDocument;

  before(async () => {
    document = await openDockerfile();
  });

  it('activates the extension', async () => {
    assert.equal(document.languageId, 'dockerfile');
    assert.equal(vscode.workspace.isTrusted, mode !== 'restricted');
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension, 'the extension is not installed');
    await eventually(() => Promise.resolve(String(extension.isActive)), /true/);
  });

  it('has a hint on every instruction that makes a layer', async () => {
    for (const instruction of ['COPY tools/install.sh', 'COPY src/', 'RUN sh tools/install.sh', 'COPY --from=build']) {
      await eventually(() => hintOn(document, instruction), /\S/);
    }
  });

  it('says that the test stage is not needed for the image', async () => {
    await eventually(async () => (await stepOf(document, 'RUN sh tools/check.sh')).verdict, /^unused$/);
  });

  it('knows the exact size of copied files before any build', async () => {
    const bytes = (await vscode.workspace.fs.stat(vscode.Uri.joinPath(document.uri, '../package.json'))).size;
    const lock = (await vscode.workspace.fs.stat(vscode.Uri.joinPath(document.uri, '../package-lock.json'))).size;
    await eventually(
      async () => JSON.stringify((await stepOf(document, 'COPY package.json')).size),
      new RegExp(`"bytes":${bytes + lock}\\b`),
    );
  });

  it('explains a hint in the hover', async () => {
    const step = await stepOf(document, 'COPY src/');
    const shown = await eventually(() => hoverOn(document, 'COPY src/'), /\S/);
    assert.ok(shown.includes(step.reason.message), `"${shown}" does not say "${step.reason.message}"`);
  });

  it('offers the Layers view', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes('layerInsight.layers.focus'), 'no Layers view');
    assert.ok(commands.includes('layerInsight.refresh'));
    await vscode.commands.executeCommand('layerInsight.layers.focus');
  });

  it('follows the unsaved text', async () => {
    const before = (await prediction(document)).steps.length;
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, '\nRUN echo new\n');
    await vscode.workspace.applyEdit(edit);
    await eventually(async () => String((await prediction(document)).steps.length), new RegExp(`^${before + 1}$`));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually(async () => String((await prediction(document)).steps.length), new RegExp(`^${before}$`));
  });
});
