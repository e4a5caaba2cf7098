import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { build, removeImages } from './builds';
import { eventually, hintOn, openDockerfile, prediction, stepOf, workspaceFolder } from './editor';
import { EngineProxy } from './engineProxy';
import { hasEngine } from './mode';
import { shown, summaryText } from './shown';

const run = vscode.commands.executeCommand;

/** The server's process: started by this extension host, which also runs the tests. */
async function serverProcess(): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  const processes = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line));
  const found = processes.filter((one) => Number(one?.[2]) === process.pid && one?.[3]?.includes('server.js'));
  assert.equal(found.length, 1, stdout);
  return Number(found[0]?.[1]);
}

describe('after a crash of the server', () => {
  let document: vscode.TextDocument;
  const uri = (): string => document.uri.toString();

  before(async function () {
    if (!hasEngine) this.skip();
    document = await openDockerfile();
  });
  after(async () => {
    if (!hasEngine) return;
    await run('layerInsight.choices.set', { uri: uri() });
    await removeImages();
  });

  it('hints come back by themselves, for the choices that were made', async () => {
    const bundle = async () => {
      const { verdict, reason } = await stepOf(document, 'RUN sh tools/bundle.sh');
      return `${(await prediction(document)).target}: ${verdict}: ${reason.message}`;
    };
    await build(workspaceFolder().fsPath);
    await eventually(bundle, /^shop: cached/);
    await run('layerInsight.choices.set', { uri: uri(), target: 'build', buildArgs: { SHOP_NAME: 'Crash Shop' } });
    await eventually(bundle, /^build: rebuild: .*SHOP_NAME/);
    const before = await serverProcess();
    process.kill(before, 'SIGKILL');
    await eventually(async () => String((await serverProcess()) !== before), /true/);
    await eventually(bundle, /^build: rebuild: .*SHOP_NAME/);
    await eventually(() => hintOn(document, 'RUN sh tools/install.sh'), /cached/);
    await eventually(() => hintOn(document, 'RUN sh tools/bundle.sh'), /rebuild/);
    await eventually(async () => (await shown()).status?.target ?? '', /^build$/);
    assert.equal((await shown()).language?.severity, 'information');
  });
});

describe('an engine that goes away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-proxy-'));
  const address = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const proxy = new EngineProxy(join(folder, 'docker.sock'), address.replace('unix://', ''));
  const own = process.env['DOCKER_HOST'];
  let document: vscode.TextDocument | undefined;

  before(async function () {
    if (!hasEngine || !address.startsWith('unix://')) this.skip();
    document = await openDockerfile();
    await proxy.start();
    process.env['DOCKER_HOST'] = `unix://${join(folder, 'docker.sock')}`;
    await run('layerInsight.server.restart');
    await eventually(summaryText, /\d+\/\d+ cached/);
  });
  after(async () => {
    await proxy.stop();
    if (own === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = own;
    rmSync(folder, { recursive: true, force: true });
    if (document !== undefined) await run('layerInsight.server.restart');
  });

  const hint = async (instruction: string) => (document === undefined ? '' : hintOn(document, instruction));
  const language = async () => {
    const { severity, text } = (await shown()).language ?? {};
    return `${severity}: ${text}`;
  };

  it('is a warning in the language status, and nothing is claimed about its cache', async () => {
    await eventually(language, /^information: Docker/);
    await proxy.stop();
    // a question that was under way has its time, and the next one comes after a pause
    await eventually(language, /^warning: No engine answers at .* Start it/, 45_000);
    await eventually(() => hint('RUN sh tools/install.sh'), /^$/);
    await eventually(summaryText, /not predicted/);
  });

  it('is found again without a restart', async () => {
    await proxy.start();
    await eventually(language, /^information: Docker/, 30_000);
    await eventually(() => hint('RUN sh tools/install.sh'), /cached/);
    await eventually(summaryText, /\d+\/\d+ cached/);
  });
});
