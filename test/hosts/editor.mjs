// One extension-host suite, two possible hosts: the desktop editor, or VS Code in the browser.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { installCodeServer, installVsix, startCodeServer } from './codeServer.mjs';
import { getDesktop, runInDesktop } from './desktop.mjs';
import { root } from './paths.mjs';
import { atEnd, message } from './processes.mjs';

/**
 * @typedef {object} HostRun what one run of the suite in a host needs
 * @property {string} workspace the folder that is opened
 * @property {string} developmentFolder the extension under development
 * @property {string} bundle the test bundle; it exports `run()`
 * @property {boolean} trust false: the workspace is restricted
 * @property {string} [vsix] a package to install first
 * @property {Readonly<Record<string, unknown>>} settings user settings
 * @property {NodeJS.ProcessEnv} env
 * @property {string} dataFolder state, settings and extensions of this run
 * @property {string} log file for the editor's own output
 * @property {number} timeoutMs
 */
/**
 * @typedef {{ kind: 'desktop', name: string, desktop: import('./desktop.mjs').Desktop }
 *   | { kind: 'browser', name: string, install: import('./codeServer.mjs').CodeServerInstall }} Host
 */
/** @typedef {{ passed: number, failed: number, skipped: number, lines: string[], failures: string[] }} HostResult */

/** Settings that keep everything unrelated off the screen and off the network. */
export const quietSettings = Object.freeze({
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  // in the browser files are saved after a second: too soon for who looks at what is not saved
  'files.autoSave': 'off',
  'files.watcherExclude': {},
  'git.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
});

/**
 * Chooses the host: LAYER_INSIGHT_HOST (`desktop` or `browser`), else the desktop editor when it can be had.
 * @param {(line: string) => void} [progress]
 * @returns {Promise<Host>} rejects with the reasons when there is none
 */
export async function getHost(progress = console.log) {
  const wanted = process.env['LAYER_INSIGHT_HOST'];
  const reasons = [];
  if (wanted !== 'browser') {
    try {
      const desktop = await getDesktop(progress);
      return { kind: 'desktop', name: `VS Code ${desktop.version} (${desktop.executable})`, desktop };
    } catch (error) {
      reasons.push(message(error));
    }
  }
  if (wanted !== 'desktop') {
    try {
      const install = await installCodeServer(progress);
      return { kind: 'browser', name: `VS Code ${install.version} (browser)`, install };
    } catch (error) {
      reasons.push(message(error));
    }
  }
  throw new Error(reasons.join('; '));
}

/**
 * Runs the extension-host suite once.
 * @param {Host} host
 * @param {object} options
 * @param {'trusted' | 'restricted' | 'vsix'} options.mode
 * @param {string} options.workspace
 * @param {string} options.bundle
 * @param {string} [options.vsix] for mode `vsix`
 * @param {string} options.log
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.timeoutMs]
 * @returns {Promise<HostResult>} rejects when the suite did not come to its end
 */
export async function runHostSuite(host, options) {
  const { mode, workspace, bundle, vsix, log, env = process.env, timeoutMs = 240_000 } = options;
  const dataFolder = mkdtempSync(join(tmpdir(), 'li-host-'));
  const remove = () => rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  const forget = atEnd(remove);
  try {
    const report = join(dataFolder, 'report.json');
    /** @type {HostRun} */
    const hostRun = {
      workspace,
      developmentFolder: mode === 'vsix' ? emptyExtension(dataFolder) : root,
      bundle,
      trust: mode !== 'restricted',
      ...(vsix === undefined ? {} : { vsix }),
      settings: quietSettings,
      env: { ...env, LAYER_INSIGHT_HOST_MODE: mode, LAYER_INSIGHT_HOST_REPORT: report },
      dataFolder,
      log,
      timeoutMs,
    };
    const code =
      host.kind === 'desktop' ? await runInDesktop(host.desktop, hostRun) : await runInBrowser(host.install, hostRun);
    return readReport(report, code, log);
  } finally {
    forget();
    remove();
  }
}

/**
 * The development extension of a run that tests an installed package: the host insists on having one.
 * @param {string} parent
 */
function emptyExtension(parent) {
  const folder = join(parent, 'empty-extension');
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: 'empty',
    publisher: 'layer-insight-test',
    version: '0.0.0',
    engines: { vscode: '^1.100.0' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

/**
 * @param {string} report
 * @param {number} code
 * @param {string} log
 * @returns {HostResult}
 */
function readReport(report, code, log) {
  /** @type {HostResult} */
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    throw new Error(`the suite did not end in the extension host (exit code ${code}); see ${log}`);
  }
  if (code !== 0 && result.failed === 0) throw new Error(`the extension host ended with ${code}; see ${log}`);
  return result;
}

/**
 * @param {import('./codeServer.mjs').CodeServerInstall} install
 * @param {HostRun} options
 * @returns {Promise<number>} the suite's exit code
 */
async function runInBrowser(install, options) {
  const { dataFolder, settings, trust, env, log, vsix } = options;
  if (vsix !== undefined) await installVsix(install, dataFolder, vsix);
  const server = await startCodeServer(install, { dataFolder, settings, trust, env, log, automation: true });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      /** @type {Promise<number>} */
      const ended = new Promise((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
      await page.exposeFunction('codeAutomationLog', () => undefined);
      await page.goto(server.url(automationQuery(server.authority, options)));
      /** @type {Promise<number>} */
      const late = new Promise((_, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`the suite took longer than ${options.timeoutMs / 1000} s`)),
          options.timeoutMs,
        );
        void ended.then(() => clearTimeout(timer));
      });
      return await Promise.race([ended, late]);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/**
 * The page's query for a window with a development extension, and with its tests when there are any.
 * @param {string} authority
 * @param {{ workspace: string, developmentFolder: string, bundle?: string }} options
 */
export function automationQuery(authority, { workspace, developmentFolder, bundle }) {
  const remote = (/** @type {string} */ path) => `vscode-remote://${authority}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(developmentFolder)],
    ...(bundle === undefined ? [] : [['extensionTestsPath', remote(bundle)]]),
    ['skipWelcome', 'true'],
  ];
  return { folder: workspace, payload: JSON.stringify(payload) };
}
