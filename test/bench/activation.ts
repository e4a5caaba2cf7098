import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './commandLine';
import { median, ms, type Row } from './measure';

const RUNS = 9;
/** Of the editor's interface, what is used anywhere. */
const USED = /\bvscode\.(\w+)/g;

/** An editor in which everything can be called, constructed, read and iterated, and nothing happens. */
const EDITOR = `
const nothing = new Proxy(function () {}, {
  get(target, name) {
    if (name === Symbol.iterator) return [][Symbol.iterator].bind([]);
    if (name === Symbol.toPrimitive) return () => '';
    if (name === 'then') return undefined;
    if (name === 'prototype') return target.prototype;
    return nothing;
  },
  apply: () => nothing,
  construct: () => nothing,
});
const names = process.argv[3].split(' ');
module.exports = Object.fromEntries(names.map((name) => [name, nothing]));
`;

const PROBE = `
const started = performance.now();
require(process.argv[2]).activate({
  subscriptions: [],
  extension: { packageJSON: { version: '0' }, id: 'layer-insight.layer-insight' },
  asAbsolutePath: (path) => path,
  workspaceState: { get: (key, missing) => missing, update: () => Promise.resolve() },
  extensionUri: {},
});
process.stdout.write(String(performance.now() - started), () => process.exit(0));
`;

/** Loading and activating the extension with no editor around it: its first step, before any Dockerfile. */
export function measureActivation({ dist, scratch }: Place): Promise<Row[]> {
  const folder = join(scratch, 'activation');
  mkdirSync(join(folder, 'vscode'), { recursive: true });
  writeFileSync(join(folder, 'vscode', 'index.js'), EDITOR);
  const probe = join(folder, 'probe.js');
  writeFileSync(probe, PROBE);
  const bundle = join(dist, 'extension.js');
  const client = join(dist, '..', 'client');
  const files = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readFileSync(join(client, name), 'utf8')).join('\n');
  const used = new Set([...text.matchAll(USED)].map(([, name]) => name));
  const env = { ...process.env, NODE_PATH: folder };
  const took = Array.from({ length: RUNS }, () =>
    Number(execFileSync(process.execPath, [probe, bundle, [...used].join(' ')], { encoding: 'utf8', env })),
  );
  const value = median(took);
  return Promise.resolve([
    { what: 'activation of the extension', ours: ms(value), peer: '', value, budget: 50, unit: 'ms' },
  ]);
}
