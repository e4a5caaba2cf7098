// VS Code in the browser: the editor's own server and workbench, from the npm package code-server, on loopback.
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, hostsFolder } from './paths.mjs';
import { freePort, message, npm, run, start, stop, until } from './processes.mjs';

/** The package version; the editor in it is VS Code 1.139. */
export const codeServerVersion = '4.139.1';
/** The editor's server needs this Node.js major; ours may be older. */
const nodeMajor = '24';

/**
 * @typedef {object} CodeServerInstall
 * @property {string} folder
 * @property {string} node the Node.js program that runs the server
 * @property {string} script the server's entry point
 * @property {string} version of VS Code
 */
/**
 * @typedef {object} CodeServer
 * @property {string} origin `http://127.0.0.1:PORT`
 * @property {string} authority `127.0.0.1:PORT`, for vscode-remote URIs
 * @property {(query: Readonly<Record<string, string>>) => string} url the page's address, with the connection token
 * @property {import('node:child_process').ChildProcess} process
 * @property {() => Promise<void>} close
 */

/** Name of the npm package with the Node.js program for this platform (the names that the `node` package uses). */
function nodePackage() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  return `${prefix}-${platform}-${process.arch}`;
}

/** @param {string} folder */
function layout(folder) {
  const vscode = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  return {
    vscode,
    script: join(vscode, 'out', 'server-main.js'),
    node: join(folder, 'node_modules', nodePackage(), 'bin', program),
  };
}

/** @param {string} folder @returns {CodeServerInstall} */
function describe(folder) {
  const { vscode, script, node } = layout(folder);
  const product = JSON.parse(readFileSync(join(vscode, 'package.json'), 'utf8'));
  return { folder, node, script, version: String(product.version) };
}

/**
 * The installed server, or undefined when it is not there yet.
 * @returns {Promise<CodeServerInstall | undefined>}
 */
export async function findCodeServer() {
  const folder = join(hostsFolder(), `code-server-${codeServerVersion}`);
  return existsSync(join(folder, '.complete')) ? describe(folder) : undefined;
}

/**
 * Installs the server once (about 800 MB in the cache folder, under a minute); later calls only look.
 * @param {(line: string) => void} [progress]
 * @returns {Promise<CodeServerInstall>} rejects with what is missing
 */
export async function installCodeServer(progress = console.log) {
  const found = await findCodeServer();
  if (found !== undefined) return found;
  const missing = ['g++', 'make', 'python3'].filter((program) => findProgram(program) === undefined);
  if (missing.length > 0) {
    throw new Error(`VS Code in the browser has two native modules to compile: install ${missing.join(', ')}`);
  }
  const final = join(hostsFolder(), `code-server-${codeServerVersion}`);
  const partial = `${final}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    writeFileSync(join(partial, 'package.json'), '{"private":true}\n');
    progress(`Installing VS Code for the browser (code-server ${codeServerVersion}) into ${final} ...`);
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    const packages = [`code-server@${codeServerVersion}`, `${nodePackage()}@${nodeMajor}`];
    // No install scripts: they would build more than the editor needs.
    await npmStep(partial, ['install', '--ignore-scripts', ...quiet, ...packages]);
    const { vscode } = layout(partial);
    progress('Installing its server modules ...');
    await npmStep(vscode, ['install', '--omit=dev', '--ignore-scripts', ...quiet]);
    progress('Compiling its two native modules ...');
    await npmStep(vscode, ['rebuild', ...quiet, '@vscode/native-watchdog', '@vscode/spdlog'], {
      npm_config_ignore_scripts: 'false',
      ...nodeHeaders(),
    });
    const watchdog = join(vscode, 'node_modules', '@vscode', 'native-watchdog', 'build', 'Release', 'watchdog.node');
    if (!existsSync(watchdog)) throw new Error(`npm rebuild did not compile ${watchdog}: install scripts are blocked`);
    writeFileSync(join(partial, '.complete'), '');
    try {
      renameSync(partial, final);
    } catch (error) {
      // someone else was faster, or an unfinished folder of an older layout is in the way
      if (!existsSync(join(final, '.complete'))) throw error;
    }
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return describe(final);
}

/** Node's headers beside the running Node, so that node-gyp need not download them. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {};
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [extra]
 */
async function npmStep(cwd, args, extra = {}) {
  const result = await npm(args, { cwd, env: { ...outsideNpm(process.env), ...extra }, timeoutMs: 600_000 });
  if (result.code === 0) return;
  const tail = (result.stderr || result.stdout).trim().split('\n').slice(-15).join('\n');
  throw new Error(
    `npm ${args[0]} in ${cwd} ${result.timedOut ? 'took too long' : `ended with ${result.code}`}\n${tail}`,
  );
}

/**
 * An environment without what the npm or VS Code that runs us put there: they would steer a nested one.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function outsideNpm(env) {
  const foreign = /^(npm_(package|lifecycle|command|config_(local|global)_prefix)|INIT_CWD$|VSCODE_|ELECTRON_)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/**
 * Starts the editor's server on a free loopback port, behind a random connection token.
 * @param {CodeServerInstall} install
 * @param {object} options
 * @param {string} options.dataFolder extensions, settings and state of this server
 * @param {Readonly<Record<string, unknown>>} [options.settings] user settings
 * @param {boolean} [options.trust] false: the window is restricted
 * @param {boolean} [options.automation] lets a page load a development extension and run its tests
 * @param {NodeJS.ProcessEnv} [options.env] for the server and its extension hosts
 * @param {string} [options.log] file for the server's output
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer(install, options) {
  const { dataFolder, settings, trust = true, automation = false, env = process.env, log } = options;
  const user = join(dataFolder, 'data', 'User');
  mkdirSync(user, { recursive: true });
  if (settings !== undefined) writeFileSync(join(user, 'settings.json'), JSON.stringify(settings, null, 2));
  const port = await freePort();
  const token = randomBytes(16).toString('hex');
  const args = [
    ...[install.script, '--host', '127.0.0.1', '--port', String(port), '--connection-token', token],
    ...['--accept-server-license-terms', '--server-data-dir', dataFolder, '--telemetry-level', 'off'],
    '--force-disable-user-env', // the login shell would put its own PATH in place of ours,
    ...(automation ? ['--enable-smoke-test-driver'] : []),
    ...(trust ? ['--disable-workspace-trust'] : []),
  ];
  const child = start(install.node, args, { env: outsideNpm(env) });
  let tail = '';
  const file = log === undefined ? undefined : createWriteStream(log, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes) => {
      tail = (tail + String(bytes)).slice(-4000);
      file?.write(bytes);
    });
  }
  const origin = `http://127.0.0.1:${port}`;
  try {
    await until(() => answers(`${origin}/version`, child), {
      timeoutMs: 60_000,
      what: "the editor's server answering",
    });
  } catch (error) {
    await stop(child);
    throw new Error(`${message(error)}\n${tail}`, { cause: error });
  }
  return {
    origin,
    authority: `127.0.0.1:${port}`,
    url(query) {
      const url = new URL(origin);
      url.searchParams.set('tkn', token);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },
    process: child,
    async close() {
      await stop(child);
      file?.end();
    },
  };
}

/**
 * @param {string} url
 * @param {import('node:child_process').ChildProcess} child
 */
async function answers(url, child) {
  if (child.exitCode !== null) throw new Error(`the editor's server ended with ${child.exitCode}`);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Installs a packaged extension into a server's data folder.
 * @param {CodeServerInstall} install
 * @param {string} dataFolder
 * @param {string} vsix path of the package
 */
export async function installVsix(install, dataFolder, vsix) {
  const args = [
    install.script,
    '--install-extension',
    vsix,
    '--server-data-dir',
    dataFolder,
    '--accept-server-license-terms',
  ];
  const result = await run(install.node, args, { env: outsideNpm(process.env), timeoutMs: 120_000 });
  if (result.code !== 0) throw new Error(`installing ${vsix} failed:\n${result.stdout}${result.stderr}`);
}
