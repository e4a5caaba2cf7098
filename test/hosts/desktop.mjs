// The desktop editor: one that is installed, or one that @vscode/test-electron downloads.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { outsideNpm } from './codeServer.mjs';
import { findProgram, hasDisplay, hostsFolder } from './paths.mjs';
import { message, run } from './processes.mjs';

/**
 * @typedef {object} Desktop
 * @property {string} executable the editor itself (Electron), or its command-line launcher where only that was found
 * @property {string} version
 */

/** Command-line launchers, best first. */
const launchers = ['code', 'code-insiders', 'codium', 'vscodium', 'code-oss'];

/**
 * The installed desktop editor: LAYER_INSIGHT_VSCODE, then the usual commands and places.
 * @returns {Desktop | undefined}
 */
export function findDesktop() {
  const chosen = process.env['LAYER_INSIGHT_VSCODE'];
  if (chosen) {
    const program = findProgram(chosen);
    return program === undefined ? undefined : desktopOf(program);
  }
  for (const name of launchers) {
    const launcher = findProgram(name);
    if (launcher !== undefined) return desktopOf(launcher);
  }
  const place = usualPlaces().find((path) => existsSync(path));
  return place === undefined ? undefined : desktopOf(place);
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    const apps = ['Visual Studio Code', 'Visual Studio Code - Insiders', 'VSCodium'];
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      apps.map((app) => join(folder, `${app}.app`, 'Contents', 'MacOS', 'Electron')),
    );
  }
  if (process.platform === 'win32') {
    const folders = [
      join(process.env['LOCALAPPDATA'] ?? homedir(), 'Programs'),
      process.env['ProgramFiles'] ?? 'C:\\Program Files',
    ];
    return folders.flatMap((folder) => [
      join(folder, 'Microsoft VS Code', 'Code.exe'),
      join(folder, 'Microsoft VS Code Insiders', 'Code - Insiders.exe'),
      join(folder, 'VSCodium', 'VSCodium.exe'),
    ]);
  }
  return [
    '/usr/share/code/code',
    '/opt/visual-studio-code/code',
    '/usr/share/codium/codium',
    '/snap/code/current/usr/share/code/code',
  ];
}

/**
 * The editor behind a launcher script: the script returns at once, the editor itself stays until its window is closed.
 * @param {string} program
 * @returns {Desktop}
 */
function desktopOf(program) {
  const real = realpathSync(program);
  const bin = dirname(real);
  const candidates = [
    join(bin, '..', 'code'),
    join(bin, '..', 'code-insiders'),
    join(bin, '..', 'codium'),
    join(bin, '..', 'Code.exe'),
    join(bin, '..', 'Code - Insiders.exe'),
    join(bin, '..', 'VSCodium.exe'),
    join(bin, '..', '..', '..', '..', 'MacOS', 'Electron'),
  ];
  const isScript = /[\\/]bin[\\/][^\\/]+$/.test(real);
  const editor = isScript ? candidates.find((path) => findProgram(path) !== undefined) : undefined;
  const executable = editor ?? real;
  return { executable, version: versionOf(executable) };
}

/** @param {string} executable */
function versionOf(executable) {
  const here = dirname(executable);
  for (const folder of [join(here, 'resources', 'app'), join(here, '..', 'Resources', 'app')]) {
    try {
      return String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
    } catch {
      // not the layout of this platform
    }
  }
  return 'unknown version';
}

/**
 * The installed editor, else a downloaded one.
 * @param {(line: string) => void} [progress]
 * @returns {Promise<Desktop>} rejects with the reason why there is none
 */
export async function getDesktop(progress = console.log) {
  if (!hasDisplay()) throw new Error('no display for the desktop editor');
  const installed = findDesktop();
  if (installed !== undefined) return installed;
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  progress('Downloading the desktop VS Code ...');
  try {
    const cachePath = join(hostsFolder(), 'vscode-desktop');
    const reporter = new SilentReporter();
    const executable = await downloadAndUnzipVSCode({ version: 'stable', cachePath, reporter, timeout: 20_000 });
    return { executable, version: versionOf(executable) };
  } catch (error) {
    throw new Error(`VS Code could not be downloaded: ${message(error)}`, { cause: error });
  }
}

/**
 * Runs a test bundle in the desktop editor's extension host.
 * @param {Desktop} desktop
 * @param {import('./editor.mjs').HostRun} options
 */
export async function runInDesktop(desktop, options) {
  const user = join(options.dataFolder, 'User');
  mkdirSync(user, { recursive: true });
  writeFileSync(join(user, 'settings.json'), JSON.stringify(options.settings));
  const extensions = join(options.dataFolder, 'extensions');
  const folders = [`--user-data-dir=${options.dataFolder}`, `--extensions-dir=${extensions}`];
  const env = outsideNpm(options.env);
  if (options.vsix !== undefined) {
    const args = [...folders, '--install-extension', options.vsix, '--force'];
    const { resolveCliPathFromVSCodeExecutablePath } = await import('@vscode/test-electron');
    const cli = resolveCliPathFromVSCodeExecutablePath(desktop.executable);
    const installed = await run(cli, args, { env, timeoutMs: 120_000 });
    if (installed.code !== 0) throw new Error(`installing ${options.vsix} failed:\n${installed.stderr}`);
  }
  const args = [
    options.workspace,
    `--extensionDevelopmentPath=${options.developmentFolder}`,
    `--extensionTestsPath=${options.bundle}`,
    ...folders,
    ...['--disable-updates', '--skip-welcome', '--skip-release-notes', '--disable-gpu', '--disable-telemetry'],
    ...(options.trust ? ['--disable-workspace-trust'] : []),
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  const result = await run(desktop.executable, args, { env, timeoutMs: options.timeoutMs });
  writeFileSync(options.log, result.stdout + result.stderr);
  return result.code;
}
