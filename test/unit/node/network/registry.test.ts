import { describe, expect, it } from 'vitest';
import { NetworkLookups } from '../../../../core/node/network/lookups';
import type { BuilderNetwork } from '../../../../core/node/network/reach';
import { placeOf } from '../../../../core/node/network/registry';
import type { Wanted } from '../../../../core/evidence/remotes';
import { folderOf } from '../folder';
import { Content, digestOf, LAYERS, serve, type TestServer } from './servers';

const { signal } = new AbortController();
const HERE: BuilderNetwork = { isHere: true, mirrorsHub: false, buildkit: '0.25.2' };

/** What is said of an image; the credentials are those of a docker configuration. */
async function told(host: string, config = {}, platform = 'linux/amd64', network = HERE): Promise<unknown> {
  const folder = folderOf({ 'config.json': JSON.stringify(config) });
  const lookups = new NetworkLookups({ ...process.env, DOCKER_CONFIG: folder });
  const reference = `${host}/a/b:1`;
  const wanted: Wanted = { images: [{ reference, platform }], commits: [], files: [] };
  await lookups.ask(wanted, network, Infinity, signal);
  const answer = lookups.remotes.images.get(`${reference} ${platform}`);
  return answer !== undefined && 'failure' in answer ? answer.failure : answer?.found;
}

/** A registry that wants a token, which it gives to those who show a name and a password. */
async function guarded(
  content: Content,
  wants: string | undefined,
): Promise<{ registry: TestServer; realm: TestServer }> {
  const realm = await serve((request, response) => {
    const isGood = wants === undefined || request.headers.authorization === wants;
    response.writeHead(isGood ? 200 : 401).end(JSON.stringify({ token: 'let-me-in' }));
  });
  const registry = await serve((request, response) => {
    if (request.headers.authorization === 'Bearer let-me-in') content.answer(request, response);
    else {
      const challenge = `Bearer realm="http://${realm.host}/token",service="the registry",scope="x"`;
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    }
  });
  return { registry, realm };
}

const basic = (text: string): string => Buffer.from(text).toString('base64');

describe('a reference', () => {
  it.each([
    ['docker.io/library/busybox:1', 'docker.io', 'library/busybox', '1'],
    ['127.0.0.1:5000/a/b:c', '127.0.0.1:5000', 'a/b', 'c'],
    ['ghcr.io/a/b:c@sha256:0', 'ghcr.io', 'a/b', 'sha256:0'],
    ['ghcr.io/a/b@sha256:0', 'ghcr.io', 'a/b', 'sha256:0'],
  ])('%s names a place', (reference, domain, path, name) => {
    expect(placeOf(reference)).toEqual({ domain, path, name });
  });
});

describe('an image of a registry', () => {
  const config = {
    Env: ['A=1'],
    WorkingDir: '/w',
    User: 'me',
    Shell: ['/bin/x'],
    OnBuild: ['RUN y'],
  };

  it('is described as an engine would', async () => {
    const content = new Content();
    const { digest } = content.image({ config }, '1');
    const { host, requests } = await serve((request, response) => content.answer(request, response));
    expect(await told(host)).toEqual({
      ...{ chainId: 'sha256:layer', digests: [digest], env: ['A=1'], workingDir: '/w', user: 'me' },
      ...{ shell: ['/bin/x'], onbuild: ['RUN y'], platform: 'linux/amd64', bytes: null },
      registryLayers: LAYERS,
    });
    expect(requests.map((one) => one.split(' ')[0])).toEqual(['HEAD', 'GET', 'GET']);
  });

  it('is that of the platform in an index, under the digest of the index', async () => {
    const content = new Content();
    const entry = (architecture: string, variant?: string) => ({
      ...content.image({ architecture, ...(variant === undefined ? {} : { variant }), config: { User: architecture } }),
      platform: { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) },
    });
    const unknown = { digest: 'sha256:0', platform: { os: 'unknown', architecture: 'unknown' } };
    const index = { manifests: [unknown, entry('amd64'), entry('arm', 'v6'), entry('arm64', 'v8')] };
    const { digest } = content.manifest(index, '1');
    const { host } = await serve((request, response) => content.answer(request, response));
    expect(await told(host)).toMatchObject({ user: 'amd64', digests: [digest] });
    expect(await told(host, {}, 'linux/arm64')).toMatchObject({ user: 'arm64', platform: 'linux/arm64' });
    expect(await told(host, {}, 'linux/arm/v7')).toMatchObject({ user: 'arm', platform: 'linux/arm/v6' });
    expect(await told(host, {}, 'linux/s390x')).toBe('the registry does not have it for linux/s390x');
  });

  it('is no other one than was asked for', async () => {
    const content = new Content();
    content.image({ architecture: 'arm64' }, '1');
    const { host } = await serve((request, response) => content.answer(request, response));
    expect(await told(host)).toBe('the registry has it for linux/arm64 only');
  });

  it('is not there', async () => {
    const { host } = await serve((_, response) => response.writeHead(404).end());
    expect(await told(host)).toBe(`${host} has no a/b 1`);
  });

  it.each([
    ['no JSON', 'text', /sends what is no JSON/],
    ['an old form', JSON.stringify({ schemaVersion: 1, fsLayers: [] }), /in a form that is not known/],
    ['a digest that is none', JSON.stringify({ config: { digest: '../../x' } }), /names no digest/],
    ['nothing', '', /sends what is no JSON/],
    ['another kind of value', 'null', /in a form that is not known/],
  ])('is not what a server makes of it: %s', async (_, text, message) => {
    const { host } = await serve((request, response) => response.end(request.method === 'HEAD' ? undefined : text));
    expect(await told(host)).toMatch(message);
  });

  it('is not described by a configuration of another digest', async () => {
    const content = new Content();
    content.manifest({ config: { digest: digestOf('right') }, layers: [] }, '1');
    content.blobs.set(digestOf('right'), '{}');
    const { host } = await serve((request, response) => content.answer(request, response));
    expect(await told(host)).toMatch(/sends something else than what was asked for/);
  });

  it('is not asked for where the builder would ask somebody else', async () => {
    const { host, requests } = await serve((_, response) => response.end());
    expect(await told(host, {}, 'linux/amd64', { ...HERE, isHere: false })).toMatch(/another machine for the builder/);
    expect(await told('docker.io', {}, 'linux/amd64', { ...HERE, mirrorsHub: true })).toMatch(/mirror of Docker Hub/);
    expect(requests).toEqual([]);
  });

  it('has no answer when nobody wants one any more', async () => {
    const { host } = await serve(() => undefined);
    const lookups = new NetworkLookups(process.env);
    const wanted: Wanted = { images: [{ reference: `${host}/a:1`, platform: 'linux/amd64' }], commits: [], files: [] };
    expect(await lookups.ask(wanted, HERE, Infinity, AbortSignal.timeout(100))).toBe(false);
    expect(lookups.remotes.images.size).toBe(0);
  });

  it('is asked for again when the answer is old, and then only for its digest', async () => {
    const content = new Content();
    content.image({}, '1');
    const { host, requests } = await serve((request, response) => content.answer(request, response));
    const lookups = new NetworkLookups(process.env);
    const wanted: Wanted = { images: [{ reference: `${host}/a:1`, platform: 'linux/amd64' }], commits: [], files: [] };
    expect(await lookups.ask(wanted, HERE, 60_000, signal)).toBe(true);
    expect(await lookups.ask(wanted, HERE, 60_000, signal)).toBe(false);
    expect(requests.length).toBe(3);
    expect(await lookups.ask(wanted, HERE, 0, signal)).toBe(false);
    expect(requests.slice(3)).toEqual(['HEAD /v2/a/manifests/1']);
    content.image({ config: { User: 'new' } }, '1');
    expect(await lookups.ask(wanted, HERE, 0, signal)).toBe(true);
  });
});

describe('a registry that wants credentials', () => {
  const content = new Content();
  const { digest } = content.image({}, '1');

  it('gets a token that everybody can have', async () => {
    const { registry, realm } = await guarded(content, undefined);
    expect(await told(registry.host)).toMatchObject({ digests: [digest] });
    expect(realm.requests).toEqual(['GET /token?service=the+registry&scope=repository%3Aa%2Fb%3Apull']);
  });

  it('gets what the configuration of docker has for it', async () => {
    const wants = `Basic ${basic('me:pass:word')}`;
    const { registry } = await guarded(content, wants);
    const auth = basic('me:pass:word');
    expect(await told(registry.host, { auths: { [registry.host]: { auth } } })).toMatchObject({ digests: [digest] });
    expect(registry.requests.join()).not.toContain('Basic');
    expect(await told(registry.host)).toBe(`${registry.host} wants credentials`);
    expect(await told(registry.host, { auths: { [registry.host]: { auth: basic('a:b') } } })).toMatch(
      /other credentials/,
    );
  });

  it('gets them directly where it wants that', async () => {
    const { host } = await serve((request, response) => {
      if (request.headers.authorization === `Basic ${basic('me:pw')}`) content.answer(request, response);
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
    });
    expect(await told(host, { auths: { [host]: { auth: basic('me:pw') } } })).toMatchObject({ digests: [digest] });
    expect(await told(host)).toBe(`${host} wants credentials for a/b`);
  });

  it('gets no token from an open place elsewhere', async () => {
    const { host } = await serve((_, response) =>
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="http://example.com/token"' }).end(),
    );
    expect(await told(host)).toMatch(/names no safe place for its tokens/);
  });

  it('that refuses all the same says so', async () => {
    const { host } = await serve((_, response) => response.writeHead(403).end());
    expect(await told(host)).toBe(`${host} wants credentials for a/b`);
  });
});
