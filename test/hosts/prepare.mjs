// Fetches what the hosts of the suites are made of, without starting any: CI does it beside its checks.
import { join } from 'node:path';
import { installCodeServer } from './codeServer.mjs';
import { cannotStartEngine, findEngine } from './engine.mjs';
import { root } from './paths.mjs';
import { message, run } from './processes.mjs';

/**
 * @param {'Docker' | 'Podman'} name
 * @param {string} script beside this one
 */
async function install(name, script) {
  const reason = cannotStartEngine(name);
  if (reason !== undefined) throw new Error(reason);
  const done = await run('bash', [join(root, 'test', 'hosts', script), 'install'], { timeoutMs: 420_000 });
  if (done.code !== 0) throw new Error(done.stderr.trim());
}

/** @type {readonly [string, () => Promise<unknown>][]} */
const parts = [
  ['Docker engine', async () => (await findEngine()).engine ?? install('Docker', 'engine.sh')],
  ['Podman', () => install('Podman', 'podman.sh')],
  ['VS Code in the browser', () => installCodeServer()],
];
for (const [name, prepare] of parts) {
  const begun = Date.now();
  const how = await prepare().then(
    () => 'ready',
    (error) => message(error),
  );
  console.log(`${name}: ${how} after ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}
