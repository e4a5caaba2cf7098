import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { eventually, openDockerfile, prediction } from './editor';
import { logText } from './logText';
import { configure } from './shown';

const run = vscode.commands.executeCommand;

describe('the log at its most talkative', () => {
  let document: vscode.TextDocument;

  before(async () => {
    document = await openDockerfile();
    await run('_extensionTests.setLogLevel', 'trace');
    await configure('layerInsight.trace.server', 'verbose');
  });
  after(async () => {
    await run('layerInsight.choices.set', { uri: document.uri.toString() });
    await configure('layerInsight.prediction.buildArgs', undefined);
    await configure('layerInsight.trace.server', undefined);
    await run('_extensionTests.setLogLevel', 'info');
  });

  it('has the messages, and no value of a build argument', async () => {
    await eventually(async () => {
      await prediction(document);
      return logText();
    }, /layerInsight\/prediction/);
    const uri = document.uri.toString();
    await configure('layerInsight.prediction.buildArgs', { SHOP_NAME: 'value-of-settings' });
    await run('layerInsight.choices.set', {
      uri,
      target: 'build',
      buildArgs: { SHOP_NAME: 'value-of-choice', SHOP_TOKEN: 'value-of-secret' },
    });
    await eventually(async () => (await prediction(document)).target, /^build$/);
    const text = await eventually(logText, /layerInsight\/buildChoices[\s\S]*layerInsight\/prediction/);
    assert.match(text, /"target": ?"build"/);
    for (const value of ['value-of-choice', 'value-of-secret', 'value-of-settings'])
      assert.ok(!text.includes(value), text.slice(Math.max(0, text.indexOf(value) - 1000), text.indexOf(value) + 100));
  });
});
