// `npm start`: from a fresh clone to the example in an editor with the extension loaded.
//
//   npm start                 prints the prediction of the example, then opens it in VS Code
//   npm start -- --no-open    only prints
import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { installCodeServer, installVsix, outsideNpm, startCodeServer } from './codeServer.mjs';
import { getDesktop } from './desktop.mjs';
import { quietSettings } from './editor.mjs';
import { findEngine } from './engine.mjs';
import { example, root } from './paths.mjs';
import { atEnd, cleanUp, message, run } from './processes.mjs';
import { packageExtension, prepareProject } from './project.mjs';

const options = process.argv.slice(2);
const unknown = options.filter((option) => option !== '--no-open');
if (unknown.length > 0) {
  console.error(`npm start: unknown option ${unknown.join(' ')}; known: --no-open`);
  process.exit(2);
}

try {
  await prepareProject();
  await printPrediction();
  if (!options.includes('--no-open')) await open();
  await cleanUp();
} catch (error) {
  console.error(message(error));
  await cleanUp();
  process.exitCode = 1;
}

/** Prints what the command line says about the example. */
async function printPrediction() {
  const folder = relative(process.cwd(), example) || '.';
  console.log(`\n$ layer-insight predict ${folder}\n`);
  const cli = join(root, 'dist', 'cli.js');
  const result = await run(process.execPath, [cli, 'predict', example], {
    cwd: process.cwd(),
    timeoutMs: 60_000,
    show: true,
  });
  if (result.code !== 0) {
    console.log(`\nlayer-insight ended with exit code ${result.code}.`);
    process.exitCode = 1;
  }
  const { engine, reason } = await engineState();
  if (engine) {
    console.log(
      `\nTo see verdicts change: docker build ${folder}, edit a file there, and run npm start -- --no-open again.`,
    );
  } else {
    console.log(`\nNo Docker engine was reached (${reason}).`);
    console.log(howToStart());
  }
}

/** @returns {Promise<{ engine: boolean, reason: string }>} */
async function engineState() {
  const answer = await findEngine();
  return answer.engine === undefined ? { engine: false, reason: answer.reason } : { engine: true, reason: '' };
}

/** How an engine is started on this kind of machine. */
function howToStart() {
  const advice = 'Start one and run this again';
  if (process.platform === 'darwin') return `${advice}: open Docker Desktop, or \`colima start\`.`;
  if (process.platform === 'win32') return `${advice}: open Docker Desktop.`;
  const own = process.getuid?.() === 0 ? '; for a throw-away one: eval "$(test/hosts/engine.sh up /tmp/engine)"' : '';
  return `${advice}: \`sudo systemctl start docker\`, or set DOCKER_HOST to one that runs${own}.`;
}

/** Opens the example in the desktop editor, else in the browser. */
async function open() {
  console.log('');
  try {
    const desktop = await getDesktop();
    const child = spawn(
      desktop.executable,
      [
        ...['--new-window', `--extensionDevelopmentPath=${root}`, example, join(example, 'Dockerfile')],
        ...(process.getuid?.() === 0
          ? ['--no-sandbox', `--user-data-dir=${join(tmpdir(), 'layer-insight-vscode')}`]
          : []),
      ],
      { detached: true, stdio: 'ignore', env: outsideNpm(process.env) },
    );
    await new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(undefined));
      child.once('error', reject);
    });
    child.unref();
    console.log(`Opened the example in VS Code ${desktop.version} (${desktop.executable}) with Layer Insight loaded.`);
  } catch (error) {
    console.log(`Desktop editor: ${message(error)}. Using VS Code in the browser.`);
    await openInBrowser();
  }
}

/** Serves the example in the browser until Ctrl+C. */
async function openInBrowser() {
  const install = await installCodeServer();
  const dataFolder = mkdtempSync(join(tmpdir(), 'li-start-'));
  atEnd(() => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 }));
  console.log('Packaging the extension ...');
  await installVsix(install, dataFolder, await packageExtension());
  const server = await startCodeServer(install, { dataFolder, settings: quietSettings });
  const file = `vscode-remote://${server.authority}${join(example, 'Dockerfile')}`;
  console.log(`\nVS Code ${install.version} with Layer Insight and the example, on this machine only:\n`);
  console.log(`  ${server.url({ folder: example, payload: JSON.stringify([['openFile', file]]) })}\n`);
  console.log('Open this address in a browser. Ctrl+C here ends it.');
  await new Promise((resolve) => server.process.once('exit', resolve));
  throw new Error("the editor's server has ended");
}
