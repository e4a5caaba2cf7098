import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCredentials } from '../../../../core/node/network/credentials';
import { folderOf } from '../folder';

const { signal } = new AbortController();

/** What is found with a configuration and a helper `docker-credential-test` (the text of a script). */
function found(config: unknown, registry = 'r.io', script = 'exit 1') {
  const folder = folderOf({
    'config.json': JSON.stringify(config),
    'bin/docker-credential-test': `#!/bin/sh\n${script}\n`,
  });
  chmodSync(join(folder, 'bin/docker-credential-test'), 0o755);
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`, DOCKER_CONFIG: folder };
  return findCredentials(registry, env, signal);
}

const auth = Buffer.from('me:secret').toString('base64');
const ME = { username: 'me', password: 'secret', identityToken: '' };
const echoes = `read -r server; printf '{"Username":"%s","Secret":"secret"}' "$server"`;

describe('credentials for a registry', () => {
  it.each([
    ['its name', { auths: { 'r.io': { auth } } }, 'r.io'],
    ['its address', { auths: { 'https://r.io': { auth } } }, 'r.io'],
    ['the old address of Docker Hub', { auths: { 'https://index.docker.io/v1/': { auth } } }, 'docker.io'],
    ['plain fields', { auths: { 'r.io': { username: 'me', password: 'secret' } } }, 'r.io'],
  ])('are found under %s', async (_, config, registry) => {
    expect(await found(config, registry)).toEqual(ME);
  });

  it.each([[{}], [{ auths: { 'other.io': { auth } } }], [{ auths: { 'r.io': {} } }], ['text'], [null]])(
    'are none in %j',
    async (config) => {
      expect(await found(config)).toBeUndefined();
    },
  );

  it('come from a helper, which gets the name of the registry on its input', async () => {
    expect(await found({ credHelpers: { 'r.io': 'test' } }, 'r.io', echoes)).toEqual({ ...ME, username: 'r.io' });
    expect(await found({ credsStore: 'test' }, 'docker.io', echoes)).toEqual({
      ...ME,
      username: 'https://index.docker.io/v1/',
    });
  });

  it('may be a token instead of a password', async () => {
    const script = `printf '{"Username":"<token>","Secret":"t"}'`;
    expect(await found({ credsStore: 'test' }, 'r.io', script)).toEqual({
      username: '',
      password: '',
      identityToken: 't',
    });
    expect(await found({ auths: { 'r.io': { identitytoken: 't' } } })).toMatchObject({ identityToken: 't' });
  });

  it('are none when the helper has none', async () => {
    const none = 'echo credentials not found in native keychain; exit 1';
    expect(await found({ credsStore: 'test' }, 'r.io', none)).toBeUndefined();
    expect(await found({ credsStore: 'test', auths: { 'r.io': { auth } } }, 'r.io', none)).toEqual(ME);
  });

  it.each([
    ['fails', 'test', 'echo oops; exit 1', /gave no credentials/],
    ['says what is no answer', 'test', 'echo hello', /gave no answer/],
    ['is not there', 'nowhere', '', /cannot be asked/],
    ['has no name of a program', '../../bin/sh', '', /no valid name/],
  ])('are not known when the helper %s', async (_, credsStore, script, message) => {
    await expect(found({ credsStore }, 'r.io', script)).rejects.toThrow(message);
  });
});
