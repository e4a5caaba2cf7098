// The extension-host suite: bundled once, run in three states.
import { randomInt, randomUUID } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runHostSuite } from './editor.mjs';
import { example, resultsFolder, root } from './paths.mjs';
import { atEnd, message } from './processes.mjs';
import { packageExtension } from './project.mjs';

/** Bundles `test/host` for the extension host. Mocha and the editor's API come from outside. */
export async function bundleHostSuite() {
  const { build } = await import('esbuild');
  const outfile = join(root, 'dist', 'test', 'host.js');
  await build({
    entryPoints: [join(root, 'test', 'host', 'index.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
  return outfile;
}

/**
 * A copy of the example that a suite may edit. One of its files is unlike any other's, in content and in size, so that
 * no earlier build on the engine matches what depends on it, or could.
 * @param {string} name
 */
export function exampleCopy(name) {
  const parent = mkdtempSync(join(tmpdir(), `li-${name}-`));
  const folder = join(parent, 'webshop');
  cpSync(example, folder, { recursive: true });
  for (const entry of readdirSync(folder, { recursive: true })) {
    // copying sets the mode at the end: where that comes late, a builder may have taken the file for an older one
    const path = join(folder, String(entry));
    if (statSync(path).isFile()) writeFileSync(path, readFileSync(path));
  }
  appendFileSync(join(folder, 'tools', 'install.sh'), `# ${randomUUID()} ${'-'.repeat(randomInt(10_000))}\n`);
  atEnd(() => rmSync(parent, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs the suite in one state and prints its report.
 * @param {import('./editor.mjs').Host} host
 * @param {'trusted' | 'restricted' | 'vsix'} mode
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number }} options
 * @returns {Promise<import('./vitest.mjs').Counts>}
 */
export async function runHost(host, mode, { env, timeoutMs }) {
  mkdirSync(resultsFolder, { recursive: true });
  const log = join(resultsFolder, `host-${mode}.log`);
  rmSync(log, { force: true });
  try {
    const bundle = await bundleHostSuite();
    const vsix = mode === 'vsix' ? { vsix: await packageExtension() } : {};
    const workspace = exampleCopy(`host-${mode}`);
    const hostEnv = mode === 'restricted' ? { ...env, ...engineSpy() } : env;
    const result = await runHostSuite(host, { mode, workspace, bundle, log, env: hostEnv, timeoutMs, ...vsix });
    console.log(result.lines.join('\n'));
    return { ...result, failures: result.failures.map((failure) => `host ${mode}: ${failure}`) };
  } catch (error) {
    console.log(`host ${mode}: ${message(error)}`);
    return { passed: 0, failed: 1, skipped: 0, failures: [`host ${mode}: ${message(error)}`] };
  }
}

/**
 * Stand-ins for the `docker` program and for the engine's socket that only write down that they were used: a restricted
 * workspace must touch neither.
 * @returns {NodeJS.ProcessEnv}
 */
function engineSpy() {
  const folder = mkdtempSync(join(tmpdir(), 'li-spy-'));
  const notes = join(folder, 'calls');
  writeFileSync(notes, '');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['docker', 'podman', 'buildah']) {
    const script = `#!/bin/sh\necho "${name} $*" >>'${notes}'\nexit 1\n`;
    writeFileSync(join(bin, name), script, { mode: 0o755 });
  }
  const socket = join(folder, 'docker.sock');
  const server = createServer((connection) => {
    appendFileSync(notes, 'connection\n');
    connection.destroy();
  });
  server.listen(socket);
  atEnd(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    DOCKER_HOST: `unix://${socket}`,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    LAYER_INSIGHT_ENGINE_SPY: notes,
  };
}
