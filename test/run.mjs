// `npm test`: brings up the hosts, runs the suites, adds up. Plain JavaScript: it runs before `npm ci`.
//
//   npm test                      every suite
//   npm test -- unit protocol     just these
//
// CI=true (or LAYER_INSIGHT_CI=1): a suite that cannot run is a failure.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findChromium } from './hosts/browser.mjs';
import { installCodeServer } from './hosts/codeServer.mjs';
import { getHost } from './hosts/editor.mjs';
import { emptyEngine, findEngine, provideBaseImage, startEngine } from './hosts/engine.mjs';
import { runHost } from './hosts/hostSuites.mjs';
import { hostsFolder, root } from './hosts/paths.mjs';
import { atEnd, cleanUp, isStopping, message } from './hosts/processes.mjs';
import { providePodmanBaseImage, startPodman } from './hosts/podman.mjs';
import { PACKAGED, packageExtension, prepareProject } from './hosts/project.mjs';
import { hasTests, runVitest } from './hosts/vitest.mjs';

/** @typedef {import('./hosts/vitest.mjs').Counts} Counts */
/**
 * @typedef {object} Hosts what the suites share; a text says why there is none
 * @property {import('./hosts/engine.mjs').Engine | string} engine
 * @property {import('./hosts/podman.mjs').Podman | string} podman
 * @property {import('./hosts/editor.mjs').Host | string} editor
 * @property {import('./hosts/codeServer.mjs').CodeServerInstall | string} browserEditor
 * @property {NodeJS.ProcessEnv} env
 */
/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Total */
/**
 * @typedef {'engine' | 'podman' | 'editor' | 'browserEditor'} HostName
 */
/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} title
 * @property {readonly HostName[]} needs
 * @property {readonly HostName[]} [uses] used where it is there
 * @property {string} folder its tests
 * @property {string} [beside] runs while others run, from the beginning of the suite with this name on: it has its builder
 *   for itself, or waits most of the time
 * @property {boolean} [onRequest] runs only when it is named
 * @property {(hosts: Hosts) => Promise<Counts>} run
 */

const ci = ['true', '1'].includes(process.env['CI'] ?? '') || process.env['LAYER_INSIGHT_CI'] === '1';

/**
 * @param {string} name
 * @param {string} title
 * @param {readonly string[]} folders
 * @param {Partial<Suite> & { minutes?: number, serial?: boolean, workers?: number, without?: readonly string[] }} [options]
 * @returns {Suite}
 */
function vitestSuite(
  name,
  title,
  folders,
  { needs = [], uses = [], minutes = 4, beside, serial = false, workers, without = [] } = {},
) {
  const [folder = ''] = folders;
  const timeoutMs = minutes * 60_000;
  return {
    name,
    title,
    needs,
    uses,
    folder,
    ...(beside === undefined ? {} : { beside }),
    run: ({ env }) =>
      runVitest(name, folders.filter(hasTests), {
        env: needs.includes('engine') ? { ...env, LAYER_INSIGHT_FIRST_BUILD: '1' } : env,
        timeoutMs,
        serial,
        workers,
        without,
        quiet: beside !== undefined,
      }),
  };
}

/**
 * A suite whose files all need the packaged extension.
 * @param {Suite} suite
 * @returns {Suite}
 */
function packaged(suite) {
  return {
    ...suite,
    async run(hosts) {
      await packageExtension();
      return suite.run({ ...hosts, env: { ...hosts.env, [PACKAGED]: '1' } });
    },
  };
}

/**
 * @param {'trusted' | 'restricted' | 'vsix'} mode
 * @param {string} title
 * @returns {Suite}
 */
function hostSuite(mode, title) {
  return {
    name: `host-${mode}`,
    title,
    // the same tests as of the packaged extension, for whoever develops
    onRequest: mode === 'trusted',
    needs: ['editor'],
    uses: mode === 'restricted' ? [] : ['engine', 'podman'],
    folder: 'test/host',
    async run({ editor, env }) {
      if (typeof editor === 'string') throw new Error(editor);
      return runHost(editor, mode, { env, timeoutMs: 600_000 });
    },
  };
}

/** @type {readonly Suite[]} */
const suites = [
  vitestSuite('unit', 'Unit', ['test/unit']),
  vitestSuite('conformance', 'Conformance', ['test/conformance']),
  vitestSuite('judge', "The judge's own", ['test/judge', 'test/generator']),
  vitestSuite('manifest', 'Manifest', ['test/manifest']),
  vitestSuite('protocol', 'Language server', ['test/protocol']),
  vitestSuite('engine', 'Real engine', ['test/engine'], {
    ...{ needs: ['engine'], minutes: 30, without: ['test/engine/traps', 'test/engine/classic'] },
  }),
  vitestSuite('engine-traps', 'Traps of the real engine', ['test/engine/traps'], {
    // they wait for the builder a fifth of their time
    ...{ needs: ['engine'], minutes: 12, workers: 3 },
  }),
  vitestSuite('engine-classic', 'Classic builder', ['test/engine/classic'], {
    needs: ['engine'],
    minutes: 15,
    workers: 3,
  }),
  vitestSuite('podman', 'Podman', ['test/podman'], { needs: ['podman'], minutes: 30, beside: 'engine' }),
  vitestSuite('editing', 'Scripted editing', ['test/editing'], {
    ...{ needs: ['engine'], minutes: 6, beside: 'engine-classic' },
  }),
  hostSuite('trusted', 'Extension host, trusted workspace'),
  hostSuite('restricted', 'Extension host, restricted workspace'),
  hostSuite('vsix', 'Extension host, packaged extension'),
  // serial: two editors at once are too much for two cores
  packaged(
    vitestSuite('ui', 'Browser UI', ['test/ui'], {
      needs: ['browserEditor', 'engine'],
      uses: ['podman'],
      minutes: 14,
      serial: true,
    }),
  ),
];

process.exitCode = await main(process.argv.slice(2));

/** @param {readonly string[]} names */
async function main(names) {
  const wanted = (/** @type {Suite} */ suite) =>
    (names.length === 0 && suite.onRequest !== true) ||
    names.some((name) => suite.name === name || suite.name.startsWith(`${name}-`));
  const unknown = names.filter(
    (name) => !suites.some((suite) => suite.name === name || suite.name.startsWith(`${name}-`)),
  );
  if (unknown.length > 0) {
    console.error(
      `npm test: no suite ${unknown.join(', ')}; suites: ${suites.map((suite) => suite.name).join(' ')} host`,
    );
    return 2;
  }
  const total = { passed: 0, failed: 0, skipped: 0, failures: [] };
  try {
    await prepareProject();
    const chosen = suites.filter(wanted);
    const hosts = await bringUp(chosen);
    await runSuites(chosen, hosts, total);
    if (isStopping()) return 130;
  } catch (error) {
    console.error(message(error));
    add(total, { passed: 0, failed: 1, skipped: 0, failures: [message(error)] });
  } finally {
    await cleanUp();
  }
  // once more at the end, where a log that was cut still has them
  for (const failure of total.failures) console.log(`\nFAILED ${failure}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}

/**
 * @param {readonly Suite[]} chosen
 * @param {Hosts} hosts
 * @param {Total} total
 */
async function runSuites(chosen, hosts, total) {
  /** @type {Promise<void>[]} */
  const beside = [];
  const waiting = new Set(chosen.filter((suite) => suite.beside !== undefined));
  for (const suite of chosen.filter((suite) => suite.beside === undefined)) {
    if (isStopping()) return;
    // suites of the editor measure times: nothing runs beside them
    if (suite.name.startsWith('host-') || suite.name === 'ui') await Promise.all(beside.splice(0));
    if (typeof hosts.engine !== 'string' && suite.needs.includes('engine')) await emptyEngine(hosts.engine);
    const running = runSuite(suite, hosts);
    for (const one of waiting) {
      if (one.beside !== suite.name) continue;
      waiting.delete(one);
      beside.push(runSuite(one, hosts).then((counts) => add(total, counts)));
    }
    add(total, await running);
  }
  // those whose company was not asked for
  for (const one of waiting) add(total, await runSuite(one, hosts));
  await Promise.all(beside);
}

/**
 * @param {Suite} suite
 * @param {Hosts} hosts
 * @returns {Promise<Counts>}
 */
async function runSuite(suite, hosts) {
  console.log(`\n=== ${suite.title} (${suite.name})${suite.beside === undefined ? '' : `, beside ${suite.beside}`}`);
  const reason = whyNot(suite, hosts);
  if (reason !== undefined) {
    console.log(`${suite.name} was not run: ${reason}${ci ? ' (a failure in CI)' : ''}`);
    return { passed: 0, failed: ci ? 1 : 0, skipped: ci ? 0 : 1, failures: ci ? [`${suite.name}: ${reason}`] : [] };
  }
  const begun = Date.now();
  /** @type {Counts} */
  let counts;
  try {
    counts = await suite.run({ ...hosts, env: { ...hosts.env, ...pathOf(suite, hosts), ...stateOf(suite.name) } });
  } catch (error) {
    console.log(`${suite.name}: ${message(error)}`);
    counts = { passed: 0, failed: 1, skipped: 0, failures: [`${suite.name}: ${message(error)}`] };
  }
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  console.log(
    `--- ${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s`,
  );
  return counts;
}

/**
 * @param {Suite} suite
 * @param {Hosts} hosts
 */
function whyNot(suite, hosts) {
  if (!hasTests(suite.folder)) return `${suite.folder} has no tests`;
  for (const need of suite.needs) {
    const host = hosts[need];
    if (typeof host === 'string') return host;
  }
  return undefined;
}

/**
 * @param {Total} total
 * @param {Counts} counts
 */
function add(total, counts) {
  total.failures.push(...(counts.failures ?? []));
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}

/**
 * Brings up what the chosen suites need, and says what it found.
 * @param {readonly Suite[]} chosen
 * @returns {Promise<Hosts>}
 */
async function bringUp(chosen) {
  const needed = new Set(chosen.flatMap((suite) => [...suite.needs, ...(suite.uses ?? [])]));
  const engine = needed.has('engine') ? await engineOrReason() : 'no suite asked for an engine';
  const podman = needed.has('podman') ? await podmanOrReason() : 'no suite asked for Podman';
  const editor = needed.has('editor') ? await getHost().catch(message) : 'no suite asked for an editor';
  const browserEditor = needed.has('browserEditor') ? await browserEditorOrReason() : 'no suite asked for it';
  const editorName = typeof editor === 'string' ? `none (${editor})` : editor.name;
  console.log('');
  console.log(`Node     ${process.version} on ${process.platform} ${process.arch}`);
  if (typeof engine === 'string') {
    console.log(`Engine   none (${engine})`);
  } else {
    console.log(
      `Engine   Docker ${engine.engineVersion} at ${engine.endpoint}${engine.own ? ', started for this run' : ''}`,
    );
    console.log(`BuildKit ${engine.buildkitVersion}, buildx ${engine.buildxVersion}`);
  }
  if (typeof podman === 'string') console.log(`Podman   none (${podman})`);
  else console.log(`Podman   ${podman.version}, Buildah ${podman.buildahVersion}, at ${podman.socket}`);
  console.log(`Editor   ${editorName}`);
  return { engine, podman, editor, browserEditor, env: suiteEnvironment(engine, podman) };
}

async function engineOrReason() {
  const found = await findEngine();
  const answer = found.engine === undefined ? await startEngine() : found;
  if (answer.engine === undefined) {
    return found.engine === undefined ? `${found.reason}; ${answer.reason}` : answer.reason;
  }
  const missing = await provideBaseImage(answer.engine);
  return missing ?? answer.engine;
}

async function podmanOrReason() {
  const answer = await startPodman();
  if (answer.podman === undefined) return answer.reason;
  return (await providePodmanBaseImage(answer.podman)) ?? answer.podman;
}

async function browserEditorOrReason() {
  if (process.platform === 'win32') return 'the browser suite runs on Linux and macOS only';
  if (findChromium() === undefined) return 'no Chromium found: install it or set CHROMIUM to its path';
  return installCodeServer().catch(message);
}

/**
 * The environment of every suite: the engine and Podman.
 * @param {import('./hosts/engine.mjs').Engine | string} engine
 * @param {import('./hosts/podman.mjs').Podman | string} podman
 * @returns {NodeJS.ProcessEnv}
 */
function suiteEnvironment(engine, podman) {
  return {
    ...process.env,
    ...(typeof engine === 'string'
      ? {}
      : { ...engine.env, LAYER_INSIGHT_REQUIRE_ENGINE: '1', ...(engine.own ? { LAYER_INSIGHT_OWN_ENGINE: '1' } : {}) }),
    ...(typeof podman === 'string' ? {} : podman.env),
    LAYER_INSIGHT_HOSTS: hostsFolder(),
    LAYER_INSIGHT_ROOT: root,
  };
}

/**
 * Podman is found as everywhere, by its name; other suites do not see it.
 * @param {Suite} suite
 * @param {Hosts} hosts
 * @returns {NodeJS.ProcessEnv}
 */
function pathOf(suite, { podman, env }) {
  const program = typeof podman === 'string' ? undefined : podman.env['LAYER_INSIGHT_PODMAN_PROGRAM'];
  if (![...suite.needs, ...(suite.uses ?? [])].includes('podman') || program === undefined) return {};
  return { PATH: `${dirname(program)}${delimiter}${env['PATH'] ?? ''}` };
}

/**
 * State folders of a suite's own: a run neither reads nor writes what the user's editor remembers.
 * @param {string} name
 * @returns {NodeJS.ProcessEnv}
 */
function stateOf(name) {
  const state = mkdtempSync(join(tmpdir(), `li-state-${name}-`));
  atEnd(() => rmSync(state, { recursive: true, force: true }));
  return { XDG_STATE_HOME: join(state, 'state'), XDG_CACHE_HOME: join(state, 'cache') };
}
