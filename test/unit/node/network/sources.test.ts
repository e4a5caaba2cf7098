import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { askFile } from '../../../../core/node/network/files';
import { askCommit, commitOf } from '../../../../core/node/network/git';
import { NetworkLookups } from '../../../../core/node/network/lookups';
import { Content, digestOf, serve } from './servers';

const { signal } = new AbortController();
const COMMIT = 'ab'.repeat(20);
const OTHER = 'cd'.repeat(20);
const HERE = { isHere: true, mirrorsHub: false, buildkit: '0.25.2' };

describe('a file of a web server', () => {
  it('has the digest of its content, as a builder would unpack it', async () => {
    const { host } = await serve((request, response) => {
      if (request.url === '/packed') response.setHeader('Content-Encoding', 'gzip').end(gzipSync('hello'));
      else response.end('hello');
    });
    for (const path of ['plain', 'packed']) {
      const { digest, hasEtag } = await askFile(`http://${host}/${path}`, '0.25.2', signal);
      expect([digest, hasEtag]).toEqual([digestOf('hello'), false]);
    }
  });

  it('is asked for as a builder does', async () => {
    const seen: unknown[] = [];
    const { host } = await serve(({ headers }, response) => {
      seen.push([headers['user-agent'], headers['accept-encoding']]);
      response.end();
    });
    await askFile(`http://${host}/`, '0.25.2', signal);
    expect(seen).toEqual([['buildkit/v0.25', 'gzip']]);
  });

  it('is not fetched again when the server says that it is the same', async () => {
    const { host } = await serve((request, response) => {
      response.setHeader('ETag', '"one"');
      if (request.headers['if-none-match'] === '"one"') response.writeHead(304).end();
      else response.end('hello');
    });
    const first = await askFile(`http://${host}/`, null, signal);
    expect(first).toMatchObject({ digest: digestOf('hello'), hasEtag: true });
    expect(await askFile(`http://${host}/`, null, signal, first)).toEqual(first);
  });

  it('is not known when the server does not give it, or too much', async () => {
    const { host } = await serve((request, response) => {
      if (request.url === '/gone') response.writeHead(404).end();
      else if (request.url === '/br') response.setHeader('Content-Encoding', 'br').end('x');
      else response.setHeader('Content-Length', 300_000_000).flushHeaders();
    });
    await expect(askFile(`http://${host}/gone`, null, signal)).rejects.toThrow(/answers 404: the build would stop/);
    await expect(askFile(`http://${host}/br`, null, signal)).rejects.toThrow(/packed in a way/);
    await expect(askFile(`http://${host}/huge`, null, signal)).rejects.toThrow(/sends more than 256 MB/);
    await expect(askFile('http://me:secret@example.com/', null, signal)).rejects.toThrow(/holds a password/);
  });
});

describe('a name in a git repository', () => {
  const list = (...lines: readonly (readonly [string, string])[]): string =>
    lines.map((one) => one.join('\t')).join('\n');

  it('is a branch before it is a tag', () => {
    const output = list([COMMIT, 'refs/heads/x'], [OTHER, 'refs/tags/x']);
    expect(commitOf('x', output)).toEqual({ commit: COMMIT, annotated: false });
    expect(commitOf('refs/tags/x', output)).toEqual({ commit: OTHER, annotated: false });
  });

  it('is the commit behind an annotated tag', () => {
    const output = list([OTHER, 'refs/tags/v1'], [COMMIT, 'refs/tags/v1^{}']);
    for (const ref of ['v1', 'refs/tags/v1'])
      expect(commitOf(ref, output)).toEqual({ commit: COMMIT, annotated: true });
  });

  it('may be of another kind', () => {
    expect(commitOf('refs/pull/1/head', list([COMMIT, 'refs/pull/1/head']))?.commit).toBe(COMMIT);
    expect(commitOf('pull/1/head', list([COMMIT, 'refs/pull/1/head']))?.commit).toBe(COMMIT);
  });

  it.each([
    ['x', ''],
    ['x', list([COMMIT, 'refs/heads/other/x'])],
    ['x', list(['no commit', 'refs/heads/x'])],
  ])('%s is not in %j', (ref, output) => {
    expect(commitOf(ref, output)).toBeUndefined();
  });

  it.each([
    ['ext::sh -c date', 'main'],
    ['file:///tmp', 'main'],
    ['https://h.io/r', '--upload-pack=date'],
    ['https://h.io/r', 'a b'],
  ])('is not asked for: %s %s', async (url, ref) => {
    await expect(askCommit({ url, ref }, process.env, signal)).rejects.toThrow(/is not asked/);
  });

  it('is not known without credentials, and nobody is asked for them', async () => {
    const { host } = await serve((_, response) => response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end());
    const asked = askCommit({ url: `http://${host}/r.git`, ref: 'main' }, process.env, signal);
    await expect(asked).rejects.toThrow(/wants credentials|gives no answer/);
  });
});

describe('a cache in a registry', () => {
  const keysAt = async (content: Content): Promise<readonly string[] | undefined> => {
    const { host } = await serve((request, response) => content.answer(request, response));
    const keys = await new NetworkLookups(process.env).cacheKeys(`${host}/a:cache`, HERE, Infinity, signal);
    return keys && [...keys];
  };
  const records = [{ digest: 'sha256:one' }, { digest: 'sha256:two' }];
  const mediaType = 'application/vnd.buildkit.cacheconfig.v0';
  const inline = { 'moby.buildkit.cache.v0': Buffer.from(JSON.stringify(records)).toString('base64') };

  it.each([
    ['as an index', (content: Content) => ({ manifests: [{ ...content.blob({ records }), mediaType }] })],
    ['as a manifest', (content: Content) => ({ config: { ...content.blob({ records }), mediaType } })],
    ['inside of an image', (content: Content) => ({ config: content.blob(inline) })],
    [
      'inside of one of several images',
      (content: Content) => ({ manifests: [content.image({}), content.image(inline)] }),
    ],
  ])('is read %s', async (_, make) => {
    const content = new Content();
    content.manifest(make(content), 'cache');
    expect(await keysAt(content)).toEqual(['sha256:one', 'sha256:two']);
  });

  it('is empty when there is none', async () => {
    expect(await keysAt(new Content())).toEqual([]);
    const content = new Content();
    content.image({}, 'cache');
    expect(await keysAt(content)).toEqual([]);
  });

  it('is not known when it cannot be read', async () => {
    const content = new Content();
    content.manifest({ config: content.blob({ 'moby.buildkit.cache.v0': 'bm8ganNvbg==' }) }, 'cache');
    expect(await keysAt(content)).toBeUndefined();
  });
});
