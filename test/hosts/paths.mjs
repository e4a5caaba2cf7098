// Where things are. Plain JavaScript without dependencies: it runs before `npm ci`.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's top folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The bundled example: a build context with two Dockerfiles. */
export const example = join(root, 'test', 'examples', 'webshop');

/** What test runs leave behind to look at: logs, results, screenshots. Git ignores it. */
export const resultsFolder = join(root, 'dist', 'test-results');

/**
 * The cache folder of the hosts (editor, engine root), shared by all checkouts; `engine.sh` uses the same rule.
 * Safe to delete.
 */
export function hostsFolder() {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return process.env['LAYER_INSIGHT_HOSTS'] || join(cache, 'layer-insight-hosts');
}

/**
 * Finds a program: an absolute path is taken when it is executable, a name is looked up in PATH.
 * @param {string} name
 * @returns {string | undefined} absolute path
 */
export function findProgram(name) {
  const windows = process.platform === 'win32';
  const suffixes = windows ? (process.env['PATHEXT'] ?? '.EXE;.CMD').split(';') : [''];
  const absolute = resolve(name) === name;
  const folders = absolute ? [''] : (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    for (const suffix of absolute ? ['', ...suffixes] : suffixes) {
      const path = absolute ? name + suffix : join(folder, name + suffix);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Whether a window can be opened here. */
export function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** @param {string} path */
export const exists = (path) => existsSync(path);
