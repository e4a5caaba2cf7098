import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, type TestContext } from 'vitest';
import { hit, miss, openHit, openMiss, unsure, type Step } from './lines.js';
import { Scenario, type Shared } from './scenario.js';
import { describeTraps } from './trap.js';
import { verify } from './verify.js';
import { startWebServer, type WebServer } from './webServer.js';

interface Row {
  /** The only step on the base image, or all. */
  readonly first: Step | readonly Step[];
  readonly second: Step | readonly Step[];
  /** What the server has for the second build, where that is something else. */
  readonly change?: (server: WebServer, name: string) => void;
  readonly etag?: string;
  /** The predictor may ask the server. */
  readonly network?: boolean;
}

const CONTENT = 'hello from the server\n';
const CHECKSUM = `sha256:${createHash('sha256').update(CONTENT).digest('hex')}`;
const URL = 'http://127.0.0.1:{port}/{file}';
const PLAIN = `ADD ${URL} /u`;
const PINNED = `ADD --checksum=${CHECKSUM} ${URL} /u`;

await describeTraps('ADD of a URL', (shared) => {
  let server: WebServer | undefined;
  let reached = false;

  beforeAll(async () => {
    server = await startWebServer();
    const scenario = scenarioOf(shared(), server, 'probe.txt');
    server.offer('probe.txt', CONTENT);
    reached = (await scenario.build(['FROM scratch', PLAIN])).succeeded;
    scenario.remove();
  });
  afterAll(() => server?.stop());

  const row = (title: string, one: Row): void => {
    it(title, (context) => play(context, one));
  };

  async function play(context: TestContext, one: Row): Promise<void> {
    if (!reached || server === undefined) return context.skip('the builder does not reach 127.0.0.1 of this machine');
    const file = `${randomUUID()}.txt`;
    const scenario = scenarioOf(shared(), server, file);
    try {
      server.offer(file, CONTENT, one.etag);
      const first = await scenario.build(list(one.first));
      expect(first.succeeded, first.error).toBe(true);
      one.change?.(server, file);
      const { network } = one;
      const { steps } = await verify(scenario, list(one.second), { asked: { network } });
      const added = steps.find((step) => step.instruction === 'ADD');
      // a kept result of that name is as good a reason as the network
      if (added?.verdict === 'may-hit') expect(added.reasonCode).toMatch(/^(network-dependent|record-unexplained)$/);
    } finally {
      scenario.remove();
    }
  }

  row('H01: the file is what it was', { first: PLAIN, second: openHit(PLAIN) });
  row('H02: the file has another content', {
    first: PLAIN,
    second: openMiss(PLAIN),
    change: (web, name) => web.offer(name, 'something else\n'),
  });
  row('H04: another content with the same ETag', {
    etag: '"one"',
    first: PLAIN,
    second: openHit(PLAIN),
    change: (web, name) => web.offer(name, 'something else\n', '"one"'),
  });
  row('H05: another ETag of the same content', {
    etag: '"one"',
    first: PLAIN,
    second: openHit(PLAIN),
    change: (web, name) => web.offer(name, CONTENT, '"two"'),
  });
  row('H07: a pinned file that the server no longer has', {
    first: PINNED,
    second: hit(PINNED),
    change: (web, name) => web.offer(name, undefined),
  });
  row('H08: a file that the server no longer has: the build fails', {
    // nothing beside it whose outcome in a failed build would be chance
    first: ['FROM scratch', PLAIN],
    second: ['FROM scratch', { text: PLAIN, outcome: 'failed', verdict: 'may-hit' }],
    change: (web, name) => web.offer(name, undefined),
  });
  const network = true;
  row('allowed: H01: the file is what it was', { first: PLAIN, second: hit(PLAIN), network });
  row('allowed: H02: the file has another content', {
    first: PLAIN,
    second: miss(PLAIN),
    change: (web, name) => web.offer(name, 'something else\n'),
    network,
  });
  row('allowed: H04: another content with the same ETag', {
    etag: '"one"',
    first: PLAIN,
    second: unsure(hit(PLAIN)),
    change: (web, name) => web.offer(name, 'something else\n', '"one"'),
    network,
  });
  row('allowed: H05: another ETag of the same content', {
    etag: '"one"',
    first: PLAIN,
    second: hit(PLAIN),
    change: (web, name) => web.offer(name, CONTENT, '"two"'),
    network,
  });
  row('allowed: another time of the same content', {
    first: PLAIN,
    second: hit(PLAIN),
    change: (web, name) => web.touch(name, new Date(1_000_000_000_000)),
    network,
  });
  row('allowed: H08: a file that the server no longer has: the build fails', {
    first: ['FROM scratch', PLAIN],
    second: ['FROM scratch', { text: PLAIN, outcome: 'failed', verdict: 'may-hit' }],
    change: (web, name) => web.offer(name, undefined),
    network,
  });
  // the earlier build noted what it fetched
  row('H09: a checksum is added', { first: PLAIN, second: hit(PINNED) });
});

const list = (steps: Step | readonly Step[]): readonly Step[] => [steps].flat();

function scenarioOf(shared: Shared, server: WebServer, file: string): Scenario {
  return new Scenario({ ...shared, words: { port: server.port, file } });
}
