import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  eventually,
  extensionId,
  file,
  hintOn,
  hoverOn,
  openDockerfile,
  prediction,
  stepOf,
  workspaceFolder,
} from './editor';
import { configure, shown, summaryText } from './shown';

const execute = promisify(execFile);

async function git(...args: readonly string[]): Promise<void> {
  const who = ['-c', 'user.name=me', '-c', 'user.email=me@here'];
  await execute('git', [...who, ...args], { cwd: workspaceFolder().fsPath, timeout: 30_000 });
}

/** An entry of a menu in the manifest. */
interface MenuEntry {
  readonly command: string;
  readonly when?: string;
}
interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[];
    readonly menus: { readonly commandPalette: readonly MenuEntry[] };
  };
}

/** Needs git, and no engine: a commit stands for what was built. */
describe('the builder and the baseline that were chosen', () => {
  let document: vscode.TextDocument;
  let source: string;
  const run = vscode.commands.executeCommand;
  const choose = (choices: object) => run('layerInsight.choices.set', { uri: document.uri.toString(), ...choices });
  const baseline = async () => (await prediction(document)).baseline;

  before(async () => {
    source = await readFile(file('src/app.js').fsPath, 'utf8');
    await configure('layerInsight.hints.density', 'all');
    document = await openDockerfile();
    await git('init', '-q');
    await git('add', '-A');
    await git('commit', '-qm', 'all');
  });
  after(async () => {
    await choose({});
    await eventually(baseline, /^engine$/);
    await rm(file('.git').fsPath, { recursive: true, force: true });
    await writeFile(file('src/app.js').fsPath, source);
    await configure('layerInsight.hints.density', undefined);
    await openDockerfile();
  });

  it('can be chosen in the palette', async () => {
    const { contributes } = vscode.extensions.getExtension<unknown>(extensionId)?.packageJSON as Manifest;
    const registered = await vscode.commands.getCommands(true);
    for (const command of ['layerInsight.builder.choose', 'layerInsight.baseline.choose']) {
      assert.ok(registered.includes(command), `${command} is not registered`);
      assert.match(contributes.commands.find((one) => one.command === command)?.title ?? '', /\S/);
      const entries = contributes.menus.commandPalette.filter((one) => one.command === command);
      assert.ok(!entries.some(({ when }) => when === 'false'), `${command} is hidden`);
    }
    const hidden = contributes.menus.commandPalette.find((one) => one.command === 'layerInsight.choices.set');
    assert.ok(hidden === undefined || hidden.when === 'false');
  });

  it('show cached hints for a commit, with or without an engine', async () => {
    await choose({ commit: 'HEAD' });
    await eventually(baseline, /^git:HEAD$/);
    await eventually(() => hintOn(document, 'COPY src/'), /cached/);
    assert.match(await hintOn(document, 'RUN sh tools/bundle.sh'), /cached/);
    await eventually(summaryText, /cached/);
    assert.match(await hoverOn(document, 'COPY src/'), /[Cc]ached/);
  });

  it('name the file that is another one than in the commit', async () => {
    await appendFile(file('src/app.js').fsPath, '// not committed\n');
    await eventually(() => hintOn(document, 'COPY src/'), /rebuild/);
    assert.match((await stepOf(document, 'COPY src/')).reason.message, /src\/app\.js/);
    assert.equal((await stepOf(document, 'COPY public/')).verdict, 'cached');
  });

  it('follow the branch after a commit', async () => {
    await git('commit', '-qam', 'more');
    await run('layerInsight.refresh');
    await eventually(() => hintOn(document, 'COPY src/'), /cached/);
  });

  it('hold after the server was restarted', async () => {
    await run('layerInsight.server.restart');
    await eventually(baseline, /^git:HEAD$/);
    await eventually(() => hintOn(document, 'COPY src/'), /cached/);
  });

  it('say which commit is none', async () => {
    await choose({ commit: 'no-such-branch' });
    const problems = () =>
      Promise.resolve(
        vscode.languages
          .getDiagnostics(document.uri)
          .map(({ message }) => message)
          .join('\n'),
      );
    await eventually(problems, /no-such-branch/);
    assert.equal((await stepOf(document, 'COPY src/')).verdict, 'unknown');
    await choose({ commit: 'HEAD' });
    await eventually(problems, /^(?!.*no-such-branch)/s);
  });

  it('look for another builder', async () => {
    await choose({ builder: 'classic' });
    await eventually(async () => (await prediction(document)).builder.kind, /^classic$/);
    await eventually(async () => (await shown()).language?.text ?? '', /\S/);
    await choose({});
    await eventually(async () => (await prediction(document)).builder.kind, /^(?:buildkit|none)$/);
  });
});
