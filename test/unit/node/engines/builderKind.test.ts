import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBuilder, type ChosenBuilder } from '../../../../core/node/engines/builderKind';
import { proxyArguments } from '../../../../core/node/engines/classicAccess';
import { folderOf } from '../folder';
import { FakeDocker, type Answers } from './fakeDocker';

interface Given {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
  readonly answers?: Answers;
  readonly builder?: string;
  readonly wanted?: ChosenBuilder['kind'];
}

const NO_PLUGIN: Answers = {
  'buildx version': { err: "docker: 'buildx' is not a docker command.\n", code: 1 },
  '--version': { out: 'Docker version 28.5.2, build ecc6942\n' },
};
const PLUGIN = { 'config/cli-plugins/docker-buildx': '' };

function find({ files = {}, env = {}, answers = NO_PLUGIN, builder, wanted }: Given): Promise<ChosenBuilder> {
  const folder = folderOf({ 'config/config.json': '{}', ...files });
  const { program } = new FakeDocker(folder, { '': answers });
  const all = { PATH: process.env['PATH'], DOCKER_CONFIG: join(folder, 'config'), ...env };
  return findBuilder({ program, builder, env: all, wanted });
}

describe('the builder that docker build would use', () => {
  it('is BuildKit where the buildx plugin is installed', async () => {
    expect(await find({ files: PLUGIN })).toMatchObject({ kind: 'buildkit' });
  });

  it('is BuildKit where docker alone knows of the plugin', async () => {
    const answers = { 'buildx version': { out: 'github.com/docker/buildx 0.29.1\n' } };
    expect(await find({ answers })).toEqual({ kind: 'buildkit', why: 'buildx is installed' });
  });

  it('is Podman where that stands in for docker', async () => {
    const answers = { 'buildx version': { out: 'buildah 1.43.2\n' } };
    expect(await find({ answers })).toEqual({ kind: 'buildah', why: 'docker is Podman here' });
  });

  it('is the classic one without the plugin', async () => {
    expect(await find({})).toEqual({ kind: 'classic', why: 'docker has no buildx plugin' });
  });

  it('is the classic one of a docker that is older than the plugin', async () => {
    const answers = { ...NO_PLUGIN, '--version': { out: 'Docker version 20.10.24+dfsg1, build 297e128\n' } };
    expect(await find({ answers })).toEqual({ kind: 'classic', why: 'docker 20 builds without BuildKit' });
  });

  it.each(['0', 'false', 'F', 'FALSE'])(
    'is the classic one with DOCKER_BUILDKIT=%s, whatever else is said',
    async (value) => {
      const env = { DOCKER_BUILDKIT: value, BUILDX_BUILDER: 'big' };
      expect(await find({ files: PLUGIN, env })).toEqual({ kind: 'classic', why: `DOCKER_BUILDKIT=${value}` });
    },
  );

  it.each(['1', 'true', 'T'])('is BuildKit with DOCKER_BUILDKIT=%s', async (value) => {
    expect(await find({ env: { DOCKER_BUILDKIT: value } })).toMatchObject({ kind: 'buildkit' });
  });

  it('is found out as without the variable where that is empty', async () => {
    expect(await find({ env: { DOCKER_BUILDKIT: '' } })).toMatchObject({ kind: 'classic' });
  });

  it('is none that docker would take where the variable is no truth value', async () => {
    await expect(find({ env: { DOCKER_BUILDKIT: 'maybe' } })).rejects.toThrow(/neither true nor false/);
  });

  it('is BuildKit where docker is configured to build with buildx', async () => {
    const files = { 'config/config.json': '{"aliases":{"builder":"buildx"}}' };
    expect(await find({ files })).toMatchObject({ kind: 'buildkit' });
  });

  it('is BuildKit where a builder of buildx is asked for by name, even with DOCKER_BUILDKIT=0', async () => {
    expect(await find({ env: { DOCKER_BUILDKIT: '0' }, builder: 'big' })).toMatchObject({ kind: 'buildkit' });
  });

  it.each(['buildkit', 'classic', 'buildah'] as const)('is %s where somebody chose it', async (wanted) => {
    expect(await find({ files: PLUGIN, wanted })).toEqual({ kind: wanted, why: 'chosen' });
  });
});

describe('proxies in the configuration of docker', () => {
  const proxies = (config: unknown) => {
    const folder = folderOf({ 'config/config.json': JSON.stringify(config) });
    return Object.fromEntries(proxyArguments({ DOCKER_CONFIG: join(folder, 'config') }, 'unix:///engine.sock'));
  };

  it('become build arguments in both spellings', () => {
    expect(proxies({ proxies: { default: { httpProxy: 'http://p:1', noProxy: 'a,b' } } })).toEqual({
      ...{ HTTP_PROXY: 'http://p:1', http_proxy: 'http://p:1' },
      ...{ NO_PROXY: 'a,b', no_proxy: 'a,b' },
    });
  });

  it('are those of the engine where it has some', () => {
    const all = { default: { httpProxy: 'http://p:1' }, 'unix:///engine.sock': { ftpProxy: 'ftp://p:2' } };
    expect(proxies({ proxies: all })).toEqual({ FTP_PROXY: 'ftp://p:2', ftp_proxy: 'ftp://p:2' });
  });

  it('are none without settings', () => {
    expect(proxies({})).toEqual({});
    expect(proxies({ proxies: 7 })).toEqual({});
  });
});
