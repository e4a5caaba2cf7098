import { strict as assert } from 'node:assert';
import { appendFile } from 'node:fs/promises';
import type * as vscode from 'vscode';
import { eventually, file, hintOn, hoverOn, openDockerfile, prediction, workspaceFolder } from './editor';
import { build, removeImages } from './builds';
import { hasEngine } from './mode';

/** Each test goes on from the state of the one before: build, edit, build again. */
describe('hints and the real builder', () => {
  let document: vscode.TextDocument;

  before(async function () {
    if (!hasEngine) this.skip();
    document = await openDockerfile();
  });
  after(removeImages);

  const verdicts = async () =>
    (await prediction(document)).steps.map((step) => `${step.text}: ${step.verdict}`).join('\n');

  it('predicts a rebuild of what was never built', async () => {
    await eventually(() => hintOn(document, 'COPY tools/install.sh'), /rebuild/);
    await eventually(() => hintOn(document, 'RUN sh tools/install.sh'), /rebuild/);
  });

  it('turns to cached when a build finishes, without being asked', async () => {
    await build(workspaceFolder().fsPath);
    for (const instruction of ['COPY tools/install.sh', 'COPY package.json', 'RUN sh tools/install.sh', 'COPY src/']) {
      await eventually(() => hintOn(document, instruction), /cached/, 30_000);
    }
    await eventually(verdicts, /RUN sh tools\/bundle\.sh.*: cached/);
    assert.equal((await prediction(document)).summary.rebuild, 0, await verdicts());
  });

  it('names the file that was edited on disk', async () => {
    await appendFile(file('src/app.js').fsPath, '// a change\n');
    await eventually(() => hintOn(document, 'COPY src/'), /rebuild: src\/app\.js/);
    await eventually(() => hintOn(document, 'RUN sh tools/bundle.sh'), /rebuild ↑\d+/);
    await eventually(() => hintOn(document, 'RUN sh tools/install.sh'), /cached/);
    await eventually(() => hoverOn(document, 'COPY src/'), /src\/app\.js/);
  });

  it('leaves the hints alone when an ignored file changes', async () => {
    const before = await verdicts();
    await appendFile(file('README.md').fsPath, 'more\n');
    await appendFile(file('src/cart.js').fsPath, '// another change\n');
    await eventually(() => hoverOn(document, 'COPY src/'), /src\/cart\.js/);
    assert.equal(await verdicts(), before);
  });

  it('is cached again after the next build', async () => {
    await build(workspaceFolder().fsPath);
    await eventually(() => hintOn(document, 'COPY src/'), /cached/, 30_000);
    await eventually(() => hintOn(document, 'RUN sh tools/bundle.sh'), /cached/);
  });
});
