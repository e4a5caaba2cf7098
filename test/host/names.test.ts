import { strict as assert } from 'node:assert';
import { rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { eventually, file, hintOn, openDockerfile, prediction } from './editor';
import { configure, shown, summaryText } from './shown';

/** What is said with and without an engine. */
const HINT = /rebuild|\d k?B/;
const TEXT = 'FROM scratch\nCOPY src/ /src/\n';

describe('Dockerfiles of every kind', () => {
  const created = ['Containerfile', 'Dockerfile.dev', 'release.dockerfile', 'Dockerfile.new'];

  before(async () => {
    await configure('layerInsight.hints.density', 'all');
  });
  after(async () => {
    await configure('layerInsight.hints.density', undefined);
    for (const name of created) await rm(file(name).fsPath, { force: true });
    await openDockerfile();
  });

  for (const name of ['Containerfile', 'Dockerfile.dev', 'release.dockerfile']) {
    it(`have hints and a summary: ${name}`, async () => {
      await writeFile(file(name).fsPath, TEXT);
      const document = await openDockerfile(name);
      assert.equal(document.languageId, 'dockerfile');
      await eventually(() => hintOn(document, 'COPY src/'), HINT);
      await eventually(async () => (await shown()).status?.uri ?? '', new RegExp(`/${name}$`));
      assert.match((await prediction(document)).dockerfile, new RegExp(`${name}$`));
    });
  }

  it('wait for their file where there is none yet, and are predicted from then on', async () => {
    const untitled = file('Dockerfile.new').with({ scheme: 'untitled' });
    const draft = await vscode.workspace.openTextDocument(untitled);
    await vscode.window.showTextDocument(draft);
    assert.equal(draft.languageId, 'dockerfile');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(untitled, new vscode.Position(0, 0), TEXT);
    await vscode.workspace.applyEdit(edit);
    // nothing is known of it, and nothing that is known of another one is shown for it
    await eventually(summaryText, /^$/);
    assert.equal(await hintOn(draft, 'COPY src/'), '');
    assert.ok(await draft.save(), 'not saved');
    const saved = await openDockerfile('Dockerfile.new');
    await eventually(() => hintOn(saved, 'COPY src/'), HINT);
  });

  it('are predicted as typed, and say that a build reads what is saved', async () => {
    const document = await openDockerfile('Dockerfile.dev');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(2, 0), 'COPY package.json /\n');
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    await eventually(() => hintOn(document, 'COPY package.json'), HINT);
    const unsaved = async () => ((await shown()).status?.unsaved ?? []).join('\n');
    await eventually(unsaved, /Dockerfile\.dev is not saved/);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await eventually(unsaved, /^$/);
  });
});
