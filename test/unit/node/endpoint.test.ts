import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildxFolder,
  dockerConfigFolder,
  findEndpoint,
  type DockerEndpoint,
} from '../../../core/node/engines/endpoint';
import { folderOf } from './folder';

const DEFAULT_HOST = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
const metaOf = (name: string): string => `contexts/meta/${createHash('sha256').update(name).digest('hex')}/meta.json`;
const context = (name: string, host: string): Record<string, string> => ({
  [metaOf(name)]: JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
});
const builder = (name: string, driver: string): Record<string, string> => ({
  [`buildx/instances/${name}`]: JSON.stringify({ Name: name, Driver: driver }),
});
const current = (value: object): Record<string, string> => ({ 'buildx/current': JSON.stringify(value) });

/** The endpoint with a docker configuration of these files. */
function find(files: Record<string, string>, env: NodeJS.ProcessEnv = {}, chosen?: string): DockerEndpoint {
  return findEndpoint({ DOCKER_CONFIG: folderOf(files), ...env }, chosen);
}

describe('where the configuration is', () => {
  it('is as docker and buildx have it', () => {
    expect(dockerConfigFolder({})).toBe(join(homedir(), '.docker'));
    expect(dockerConfigFolder({ DOCKER_CONFIG: '' })).toBe(join(homedir(), '.docker'));
    expect(dockerConfigFolder({ DOCKER_CONFIG: '/c' })).toBe('/c');
    expect(buildxFolder({ DOCKER_CONFIG: '/c' })).toBe(join('/c', 'buildx'));
    expect(buildxFolder({ DOCKER_CONFIG: '/c', BUILDX_CONFIG: '/b' })).toBe('/b');
  });
});

describe('the engine', () => {
  it.each([
    ['nothing is configured', {}],
    ['the configuration is broken', { 'config.json': '{"currentContext":', 'buildx/current': '[]' }],
    ['the default context is chosen', { 'config.json': '{"currentContext":"default"}' }],
    ['names are no text', { 'config.json': '{"currentContext":7}', ...current({ Name: 7 }) }],
  ])('is the default when %s', (_, files) => {
    expect(find(files)).toEqual({
      host: DEFAULT_HOST,
      origin: 'the default',
      context: 'default',
      builder: 'default',
      driver: 'docker',
    });
  });

  it('is the one of the current context', () => {
    const files = { 'config.json': '{"currentContext":"desk"}', ...context('desk', 'unix:///desk.sock') };
    const expected = { host: 'unix:///desk.sock', origin: 'docker context desk', context: 'desk', builder: 'desk' };
    expect(find(files)).toMatchObject(expected);
  });

  it('is chosen by DOCKER_CONTEXT before the configuration', () => {
    const contexts = { ...context('desk', 'unix:///desk.sock'), ...context('far', 'ssh://far') };
    const files = { 'config.json': '{"currentContext":"desk"}', ...contexts };
    expect(find(files, { DOCKER_CONTEXT: 'far' })).toMatchObject({ host: 'ssh://far', context: 'far' });
    expect(find(files, { DOCKER_CONTEXT: 'default' })).toMatchObject({ host: DEFAULT_HOST, origin: 'the default' });
  });

  it('is chosen by DOCKER_HOST before everything else', () => {
    const files = { 'config.json': '{"currentContext":"desk"}', ...context('desk', 'unix:///desk.sock') };
    const env = { DOCKER_HOST: 'tcp://10.0.0.1:2376', DOCKER_CONTEXT: 'desk' };
    expect(find(files, env)).toMatchObject({ host: 'tcp://10.0.0.1:2376', origin: 'DOCKER_HOST', context: 'default' });
    expect(find(files, { DOCKER_HOST: '' }).host).toBe('unix:///desk.sock');
  });

  it('has no address when its context is not there', () => {
    expect(find({}, { DOCKER_CONTEXT: 'gone' })).toMatchObject({ host: '', origin: 'docker context gone' });
  });
});

describe('the builder', () => {
  const files = { ...builder('big', 'docker-container'), ...builder('other', 'remote') };

  it('is the one that buildx chose for this engine', () => {
    expect(find({ ...files, ...current({ Key: DEFAULT_HOST, Name: 'big', Global: false }) })).toMatchObject({
      builder: 'big',
      driver: 'docker-container',
    });
  });

  it('is not the one that buildx chose for another engine, unless for all', () => {
    const key = 'unix:///other.sock';
    expect(find({ ...files, ...current({ Key: key, Name: 'big', Global: false }) }).builder).toBe('default');
    expect(find({ ...files, ...current({ Key: key, Name: 'big', Global: true }) }).builder).toBe('big');
  });

  it('is chosen by BUILDX_BUILDER, and before that by who asks', () => {
    const env = { BUILDX_BUILDER: 'big' };
    expect(find(files, env)).toMatchObject({ builder: 'big', driver: 'docker-container' });
    expect(find(files, env, 'other')).toMatchObject({ builder: 'other', driver: 'remote' });
    expect(find(files, { BUILDX_BUILDER: '' }).builder).toBe('default');
  });

  it('is the own one of the engine when nothing is noted about it', () => {
    expect(find({}, {}, 'default')).toMatchObject({ builder: 'default', driver: 'docker' });
  });
});

describe('the engine of a builder', () => {
  const noted = (name: string, driver: string, endpoint: string): Record<string, string> => ({
    [`buildx/instances/${name}`]: JSON.stringify({ Name: name, Driver: driver, Nodes: [{ Endpoint: endpoint }] }),
  });

  it('is the one that its container runs on', () => {
    const files = { ...context('desk', 'unix:///desk.sock'), ...noted('big', 'docker-container', 'desk') };
    expect(find(files, {}, 'big')).toMatchObject({
      host: 'unix:///desk.sock',
      origin: 'docker context desk',
      variables: { DOCKER_HOST: undefined, DOCKER_CONTEXT: 'desk' },
    });
    expect(find(noted('big', 'docker-container', 'ssh://far'), {}, 'big')).toMatchObject({
      host: 'ssh://far',
      origin: 'builder big',
      variables: { DOCKER_HOST: 'ssh://far', DOCKER_CONTEXT: undefined },
    });
    expect(find(noted('big', 'docker-container', DEFAULT_HOST), {}, 'big').variables).toBeUndefined();
  });

  it('is that of the context by whose name it goes', () => {
    const files = { 'config.json': '{"currentContext":"far"}', ...context('far', 'ssh://far') };
    const both = { ...files, ...context('desk', 'unix:///desk.sock') };
    expect(find(both, {}, 'desk')).toMatchObject({ host: 'unix:///desk.sock', builder: 'desk', driver: 'docker' });
    expect(find(files, {}, 'default')).toMatchObject({ host: DEFAULT_HOST, variables: { DOCKER_CONTEXT: 'default' } });
    expect(find(files, {}, 'nobody').host).toBe('ssh://far');
  });

  it('is the current one for a builder that is elsewhere', () => {
    expect(find(noted('far', 'remote', 'tcp://far:1234'), {}, 'far').host).toBe(DEFAULT_HOST);
    expect(find({ 'config.json': '{"currentContext":"desk"}' }, { DOCKER_CONTEXT: '' }).context).toBe('desk');
  });
});
