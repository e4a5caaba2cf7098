import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stateFolder } from '../../../core/node/store/stateFolder';

describe('the state folder', () => {
  it.each(['linux', 'darwin', 'win32'] as const)('is chosen by XDG_STATE_HOME on %s', (platform) => {
    expect(stateFolder({ XDG_STATE_HOME: '/state' }, platform)).toBe(join('/state', 'layer-insight'));
  });

  it.each([
    ['linux', {}, join(homedir(), '.local/state/layer-insight')],
    ['linux', { XDG_STATE_HOME: '' }, join(homedir(), '.local/state/layer-insight')],
    ['freebsd', {}, join(homedir(), '.local/state/layer-insight')],
    ['darwin', {}, join(homedir(), 'Library/Application Support/layer-insight')],
    ['win32', { LOCALAPPDATA: '/Local' }, join('/Local', 'layer-insight')],
    ['win32', {}, join(homedir(), 'AppData/Local/layer-insight')],
  ] as const)('is where %s has such things (%j)', (platform, env, expected) => {
    expect(stateFolder(env, platform)).toBe(expected);
  });
});
