import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { accepting, BuildFolder, newestBuild, shownBuilds } from './buildSupport';
import { eventually, hintOn, lineOf, prediction } from './editor';
import { hasEngine } from './mode';
import { configure } from './shown';

const execute = promisify(execFile);
const run = vscode.commands.executeCommand;
/** Unlike any other, so that no earlier build matches it, or could. */
const FOLDER = `commands-${randomUUID().slice(0, 8)}`;
const FIRST_TAG = `${FOLDER}:latest`;
const TAG = `li-host-build:${randomUUID().slice(0, 8)}`;

const DOCKERFILE = `FROM busybox:1 AS first
WORKDIR /app
COPY a.txt ./
RUN cat a.txt
FROM first AS second
RUN echo two
FROM second
RUN echo three
`;
/** Long enough to be looked at and stopped. */
const SLOW = DOCKERFILE.replace('echo two', 'echo two; sleep 60');

/** Builds by commands and tasks, with the user's own builder. */
describe('builds from the editor', () => {
  const folder = new BuildFolder(FOLDER);
  let document: vscode.TextDocument;
  const newest = newestBuild;
  const behind = (instruction: string, of = document) => folder.behind(instruction, of);
  const stateOf = (instruction: string) => folder.stateOf(instruction);
  const write = (name: string, text: string) => folder.write(name, text);
  const replace = (text: string) => folder.replace(text);
  const open = (name: string) => folder.open(name);
  const cursor = (instruction: string) => folder.cursor(instruction);
  const hasImage = (name: string) =>
    execute('docker', ['image', 'inspect', name]).then(
      () => true,
      () => false,
    );

  before(async function () {
    if (!hasEngine) this.skip();
    await write('Dockerfile', DOCKERFILE);
    // in content and in size
    await write('a.txt', `${randomUUID()}${'-'.repeat(randomInt(10_000))}\n`);
    document = await open('Dockerfile');
    await eventually(() => hintOn(document, 'COPY a.txt'), /rebuild/);
  });
  after(async () => {
    if (!hasEngine) return;
    await configure('layerInsight.codeLens.enabled', undefined);
    const built = (await shownBuilds()).builds.filter(({ uri }) => uri.includes(FOLDER));
    const ids = built.flatMap(({ live }) => live.image ?? []);
    await folder.remove();
    for (const image of new Set([TAG, FIRST_TAG, ...ids])) {
      await execute('docker', ['image', 'rm', '--force', image]).catch(() => undefined);
    }
  });

  it('say line by line what was done, and that it was as predicted', async () => {
    const codes: (number | undefined)[] = [];
    const listening = vscode.tasks.onDidEndTaskProcess(({ exitCode }) => codes.push(exitCode));
    await run('layerInsight.build', document.uri, [TAG]);
    await eventually(() => Promise.resolve(String(codes)), /^0$/);
    listening.dispose();
    const view = await newest();
    assert.equal(view.live.state, 'succeeded');
    assert.equal(view.live.exitCode, 0);
    assert.deepEqual(view.tags, [TAG]);
    assert.ok(await hasImage(TAG));
    await eventually(() => behind('COPY a.txt'), /^done .* · as predicted$/);
    await eventually(() => behind('RUN echo three'), /^done .* · as predicted$/);
    assert.notEqual(view.summary, '');
  });

  it('ask for a name once, and nothing the second time', async () => {
    await accepting(run('layerInsight.build'));
    assert.deepEqual((await newest()).tags, [FIRST_TAG]);
    await run('layerInsight.build');
    const view = await newest();
    assert.deepEqual(view.tags, [FIRST_TAG]);
    assert.equal(await behind('RUN cat a.txt'), 'cached · as predicted');
    assert.ok(await hasImage(FIRST_TAG));
  });

  it('show the log of a build, and of the instruction under the cursor', async () => {
    await run('layerInsight.build.withoutCache', document.uri, '');
    assert.equal(await stateOf('RUN echo two'), 'done');
    cursor('RUN echo two');
    await run('layerInsight.build.stepLog.show');
    const step = vscode.window.activeTextEditor?.document;
    assert.equal(step?.uri.scheme, 'layer-insight-report');
    assert.match(step.getText(), /two/);
    await run('workbench.action.closeActiveEditor');
    await run('layerInsight.build.log.show');
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /three/);
    await run('workbench.action.closeActiveEditor');
    await run('layerInsight.build.report.show');
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /RUN/);
    await run('workbench.action.closeActiveEditor');
    await open('Dockerfile');
  });

  it('leave the lines when the text is edited', async () => {
    assert.notEqual(await behind('RUN echo two'), '');
    await replace(DOCKERFILE.replace('echo two', 'echo 2'));
    await eventually(async () => JSON.stringify((await shownBuilds()).lines[document.uri.toString()]), /^\[\]$/);
    await replace(DOCKERFILE);
    await document.save();
  });

  it('build a stage, without a cache or with one', async () => {
    cursor('RUN cat a.txt');
    await run('layerInsight.build.stage');
    assert.equal((await newest()).live.state, 'succeeded');
    assert.match(await stateOf('RUN echo two'), /^(unused|not-reached)$/);
    assert.match(await stateOf('RUN cat a.txt'), /^(cached|done)$/);
  });

  it('build up to a line, under no name', async () => {
    await run('layerInsight.build.line', document.uri, lineOf(document, 'RUN echo two'));
    const view = await newest();
    assert.equal(view.live.state, 'succeeded', view.live.error ?? '');
    assert.deepEqual(view.tags, []);
    assert.match(await stateOf('RUN echo two'), /^(cached|done)$/);
    // what was cut off is no part of the build
    assert.equal(await stateOf('RUN echo three'), 'none');
  });

  it('build again what was built last', async () => {
    const before = (await newest()).id;
    await run('layerInsight.build.last');
    const view = await newest();
    assert.notEqual(view.id, before);
    assert.deepEqual(view.tags, []);
    assert.equal(await stateOf('RUN echo three'), 'none');
  });

  it('save the Dockerfile first, and mark what failed', async () => {
    await replace(DOCKERFILE.replace('echo two', 'echo boom >&2; false'));
    assert.ok(document.isDirty);
    await run('layerInsight.build', document.uri, []);
    assert.ok(!document.isDirty);
    const { live } = await newest();
    assert.equal(live.state, 'failed');
    assert.notEqual(live.exitCode, 0);
    assert.match(await behind('RUN echo boom'), /^failed · exit code: 1 · boom/);
    assert.match(await behind('RUN echo three'), /^not reached$/);
    const errors = () => folder.errors();
    await eventually(errors, new RegExp(`^${lineOf(document, 'RUN echo boom')}: [^]*boom`, 'm'));
    await replace(DOCKERFILE);
    await document.save();
    await run('layerInsight.build', document.uri, []);
    await eventually(errors, /^$/);
  });

  it('are stopped, and leave no builder behind', async () => {
    await replace(SLOW);
    const building = run('layerInsight.build', document.uri, []);
    await eventually(() => behind('RUN echo two'), /^running \d s$/);
    await run('layerInsight.build.stop');
    await building;
    assert.equal((await newest()).live.state, 'canceled');
    assert.equal(await behind('RUN echo two'), 'stopped');
    assert.equal(await behind('RUN echo three'), 'not reached');
    await eventually(() => folder.builders(), /^$/);
  });

  it('follow the text that is edited while they run', async () => {
    const building = run('layerInsight.build', document.uri, []);
    await eventually(() => behind('RUN echo two'), /^running \d s$/);
    const before = lineOf(document, 'RUN echo two');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '# more\n\n');
    await vscode.workspace.applyEdit(edit);
    assert.equal(lineOf(document, 'RUN echo two'), before + 2);
    assert.match(await behind('RUN echo two'), /^running \d s$/);
    await run('layerInsight.build.stop');
    await building;
  });

  it('run side by side', async () => {
    await replace(SLOW);
    await document.save();
    await write('Other.Dockerfile', 'FROM busybox:1\nRUN echo other; sleep 60\n');
    const other = await open('Other.Dockerfile');
    const both = [run('layerInsight.build', document.uri, []), run('layerInsight.build', other.uri, [])];
    await eventually(() => behind('RUN echo two'), /^running \d s$/);
    await eventually(() => behind('RUN echo other', other), /^running \d s$/);
    const running = (await shownBuilds()).builds.filter(({ live }) => live.state === 'running');
    assert.equal(running.length, 2);
    for (const { id } of running) await run('layerInsight.build.stop', id);
    await Promise.all(both);
    await open('Dockerfile');
  });

  it('are tasks, one for each profile, which end with their terminals', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'layerInsight.build' });
    const ours = tasks.filter(({ definition }) => definition['dockerfile'] === `${FOLDER}/Dockerfile`);
    assert.deepEqual(
      ours.map(({ definition }) => definition['profile'] as unknown),
      ['default'],
    );
    const [task] = ours;
    assert.ok(task);
    const before = new Set(vscode.window.terminals);
    const ended = new Promise<number | undefined>((resolve) => {
      const listening = vscode.tasks.onDidEndTaskProcess(({ exitCode }) => {
        listening.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    await eventually(() => behind('RUN echo two'), /^running \d s$/);
    assert.deepEqual((await newest()).tags, [FIRST_TAG]);
    const terminal = vscode.window.terminals.find((one) => !before.has(one)) ?? vscode.window.terminals.at(-1);
    assert.ok(terminal);
    terminal.dispose();
    assert.notEqual(await ended, 0);
    await eventually(async () => (await newest()).live.state, /^canceled$/);
    await eventually(() => folder.builders(), /^$/);
  });

  it('are predicted as the profile that is chosen', async () => {
    await replace(DOCKERFILE);
    await document.save();
    await run('layerInsight.choices.set', { uri: document.uri.toString(), target: 'first' });
    await run('layerInsight.profile.save', 'first stage');
    await run('layerInsight.profile.choose', 'default');
    await eventually(async () => (await prediction(document)).target, /^2$/);
    await run('layerInsight.profile.choose', 'first stage');
    await eventually(async () => (await prediction(document)).target, /^first$/);
    await run('layerInsight.build');
    assert.match(await stateOf('RUN echo two'), /^(unused|not-reached)$/);
    await run('layerInsight.profile.choose', 'default');
  });

  it('are made as a bake file says, whose profile is chosen by its name', async () => {
    const bake = `target "early" {\n  target = "first"\n  tags = ["${TAG}-bake"]\n}\n`;
    await write('docker-bake.hcl', bake);
    await run('layerInsight.profile.choose', 'bake early');
    await eventually(async () => (await prediction(document)).target, /^first$/);
    await run('layerInsight.build');
    assert.deepEqual((await newest()).tags, [`${TAG}-bake`]);
    assert.match(await stateOf('RUN echo two'), /^(unused|not-reached)$/);
    await execute('docker', ['image', 'rm', '--force', `${TAG}-bake`]);
    await run('layerInsight.profile.choose', 'default');
  });

  it('are offered above the stages to those who want that', async () => {
    const titles = async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        100,
      );
      return lenses.map(({ range, command }) => `${range.start.line} ${command?.title ?? ''}`).join('\n');
    };
    assert.equal(await titles(), '');
    await configure('layerInsight.codeLens.enabled', true);
    await eventually(titles, /^0 Build\n0 Build and run\n0 Build to this stage\n4 Build to this stage$/);
    await configure('layerInsight.codeLens.enabled', undefined);
  });

  it('and runs of what was built, as the image wants to be run', async () => {
    const ended: string[] = [];
    const listening = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) =>
      ended.push(`${execution.task.name} ${exitCode ?? 'none'}`),
    );
    await write('Run.Dockerfile', `FROM busybox:1\nLABEL of=${FOLDER}\nCMD ["sh", "-c", "exit 7"]\n`);
    const { uri } = await open('Run.Dockerfile');
    await accepting(run('layerInsight.build.run', uri, [TAG]));
    await eventually(() => Promise.resolve(ended.join()), new RegExp(`Run ${TAG} 7`));
    listening.dispose();
    assert.deepEqual((await newest()).tags, [TAG]);
    const { stdout } = await execute('docker', ['ps', '--all', '--quiet', '--filter', `ancestor=${TAG}`]);
    for (const id of stdout.split('\n').filter((line) => line !== '')) await execute('docker', ['rm', '--force', id]);
    await open('Dockerfile');
  });
});
