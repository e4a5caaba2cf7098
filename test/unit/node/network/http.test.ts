import { describe, expect, it } from 'vitest';
import { ask, eachPart, readBody } from '../../../../core/node/network/http';
import { serve } from './servers';

const { signal } = new AbortController();
const url = (host: string, path = '/'): URL => new URL(`http://${host}${path}`);

describe('a question over HTTP', () => {
  it('is answered with what the server sends', async () => {
    const { host } = await serve((_, response) => response.end('hello'));
    const answer = await ask({ url: url(host), signal });
    expect(answer.status).toBe(200);
    expect(String(await readBody(answer, 100))).toBe('hello');
  });

  it('shows another host nothing of who asks', async () => {
    const other = await serve((_, response) => response.end('here'));
    const first = await serve((request, response) => {
      const location = request.url === '/a' ? '/b' : `http://${other.host}/c`;
      response.writeHead(307, { location }).end();
    });
    const answer = await ask({ url: url(first.host, '/a'), headers: { Authorization: 'Bearer x' }, signal });
    expect(String(await readBody(answer, 100))).toBe('here');
    expect(first.requests).toEqual(['GET /a [Bearer x]', 'GET /b [Bearer x]']);
    expect(other.requests).toEqual(['GET /c']);
  });

  it.each([
    ['/', /redirects without end/],
    ['file:///etc/passwd', /file: is not asked/],
    ['http://user:secret@127.0.0.1/', /holds a password/],
    ['http://[', /redirects to no address/],
  ])('is not sent on to %s', async (location, message) => {
    const { host } = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(ask({ url: url(host), signal })).rejects.toThrow(message);
  });

  it('ends when nothing answers in time', async () => {
    const { host } = await serve(() => undefined);
    await expect(ask({ url: url(host), signal, patience: 100 })).rejects.toThrow(/did not answer in time/);
  });

  it('ends when nobody wants to know any more', async () => {
    const { host } = await serve(() => undefined);
    const stop = new AbortController();
    const asked = ask({ url: url(host), signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(asked).rejects.toThrow(/abort/i);
  });

  it('says when nobody is there', async () => {
    await expect(ask({ url: url('127.0.0.1:1'), signal })).rejects.toThrow(/cannot be reached/);
  });

  it.each([true, false])('is not read further than wanted (size told: %s)', async (isTold) => {
    let sent = 0;
    const { host } = await serve((_, response) => {
      if (isTold) response.setHeader('Content-Length', 10_000_000);
      const send = (): void => {
        if (response.destroyed || sent >= 10_000_000) return;
        sent += 100_000;
        response.write(Buffer.alloc(100_000), send);
      };
      send();
    });
    const answer = await ask({ url: url(host), signal });
    await expect(eachPart(answer, 1_000_000, () => undefined)).rejects.toThrow(/sends more than 1 MB/);
    expect(sent).toBeLessThan(10_000_000);
  });
});
