import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder in which editor and command line remember the same things: what files looked like, past builds. Safe to
 * delete. Absolute; it need not exist yet.
 */
export function stateFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const chosen = env['XDG_STATE_HOME'];
  if (chosen !== undefined && chosen !== '') return join(chosen, 'layer-insight');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'layer-insight');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'layer-insight');
  return join(homedir(), '.local', 'state', 'layer-insight');
}

/** The folder for what can be found out again at any time: what is in layers. Safe to delete; it need not exist yet. */
export function cacheFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const chosen = env['XDG_CACHE_HOME'];
  if (chosen !== undefined && chosen !== '') return join(chosen, 'layer-insight');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'layer-insight');
  if (platform === 'win32') return join(stateFolder(env, platform), 'cache');
  return join(homedir(), '.cache', 'layer-insight');
}
