import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BuildOrder } from '../../core/model';
import { LedgerStore } from '../../core/node/store/ledgerStore';
import {
  BuildChangedNotification,
  BuildProposalRequest,
  BuildStartRequest,
  type BuildView,
} from '../../server/protocol';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { run } from '../judge/run.js';
import { Client } from '../protocol/client';
import { noOwnEngine, startOwnEngine, type OwnEngine } from './ownEngine.js';

const patience = { timeout: 20_000, interval: 200 };

// with an engine of its own: builds of others at the same time make that nothing is judged
describe.skipIf(noOwnEngine !== undefined)('the ledger of the editor', () => {
  let client: Client;
  let engine: OwnEngine;

  beforeAll(async () => {
    engine = await startOwnEngine();
  });
  afterAll(async () => {
    await engine.stop();
  });

  beforeEach(async () => {
    const { DOCKER_HOST, DOCKER_CONFIG, PATH } = process.env;
    ({ client } = await Client.start({ env: { DOCKER_HOST, DOCKER_CONFIG, PATH } }));
  });
  afterEach(async () => {
    await client.stop();
  });

  const build = async (...args: readonly string[]): Promise<void> => {
    const result = await run('docker', ['build', '--quiet', ...args, client.folder], { timeoutMs: 60_000 });
    expect(result.code, result.stderr).toBe(0);
  };
  const accuracy = async (): Promise<string | null> => (await client.status()).accuracy;
  /** The ids of the builds, newest first, once there are so many. */
  const refs = async (count: number): Promise<string[]> => {
    await expect.poll(async () => (await client.builds()).length, patience).toBe(count);
    return (await client.builds()).map(({ ref }) => ref);
  };

  it('follows builds as they end, says what differs, and keeps what the files were', async () => {
    const base = await ensureBaseImage();
    const lines = [`FROM ${base}`, `RUN echo ${randomUUID()} >/a`, 'COPY src /src', 'RUN echo b >/b', ''];
    writeFileSync(join(client.folder, 'Dockerfile'), lines.join('\n'));
    await client.open();
    expect(await accuracy()).toBeNull();
    // what is on the screen is noted a moment later
    await new Promise((resolve) => setTimeout(resolve, 500));
    await build();
    await expect.poll(accuracy, patience).toBe('certain verdicts: 3 of 3 right over 1 build');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await build();
    await expect.poll(accuracy, patience).toBe('certain verdicts: 6 of 6 right over 2 builds');

    writeFileSync(join(client.folder, 'src', 'app.js'), 'another content that is as long as it has to be');
    await client.fileChanged('src/app.js');
    await expect.poll(async () => (await client.prediction()).summary.rebuild, patience).toBe(2);
    const [second = '', first = ''] = await refs(2);
    expect(await client.explainBuilds(second, 'now')).toMatch(
      /First difference: line 3, COPY\n {2}src\/app\.js changed \(content\)/,
    );
    expect(await client.explainBuilds(first, second)).toContain('Nothing that is known of their steps differs');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await build();
    await expect.poll(accuracy, patience).toBe('certain verdicts: 9 of 9 right over 3 builds');
    const [third = ''] = await refs(3);
    expect(await client.explainBuilds(second, third)).toMatch(
      /src\/app\.js changed \(content\)[^]*Executed: lines 3, 4/,
    );
    expect(await client.accuracy()).toContain('COPY rebuild (file-changed)');
    const store = new LedgerStore(join(client.stateFolder, 'layer-insight'));
    const paths = (await store.kept(third))?.manifest?.entries.map(([path]) => path);
    expect(paths).toContain('src/app.js');
  }, 120_000);

  it('counts a build that the editor began once, for what was ordered, and has its bytes', async () => {
    const base = await ensureBaseImage();
    const head = [`FROM ${base} AS one`, `RUN echo ${randomUUID()} >/a`, 'COPY src /src'];
    writeFileSync(join(client.folder, 'Dockerfile'), [...head, 'FROM one', 'RUN exit 3', ''].join('\n'));
    await client.open();
    const begin = await beginner();
    // not what is on the screen: that would fail
    const first = await begin({ target: 'one' });
    expect(first).toMatchObject({ live: { state: 'succeeded' }, comparison: [{ verdict: 'right' }, {}] });
    expect(first.comparison.map(({ actual }) => actual)).toEqual(['executed', 'executed']);
    await expect.poll(accuracy, patience).toBe('certain verdicts: 2 of 2 right over 1 build');
    const second = await begin({ target: 'one' });
    expect(second.comparison.map(({ actual, verdict }) => `${actual} ${verdict}`)).toEqual(
      Array(2).fill('cached right'),
    );
    await expect.poll(accuracy, patience).toBe('certain verdicts: 4 of 4 right over 2 builds');
    const third = await begin({});
    expect(third.live.steps.map(({ state }) => state)).toEqual(['cached', 'cached', 'cached', 'no-layer', 'failed']);
    await expect
      .poll(() => client.problems().map(({ code, range }) => `${code} ${range.start.line}`))
      .toContain('build-failed 4');
  }, 120_000);

  it('has the bytes of what was ordered, not of what is on the screen', async () => {
    const base = await ensureBaseImage();
    const fill = `head -c $SIZE /dev/zero >/${randomUUID()}`;
    writeFileSync(join(client.folder, 'Dockerfile'), [`FROM ${base}`, 'ARG SIZE=1000', `RUN ${fill}`, ''].join('\n'));
    await client.open();
    const begin = await beginner();
    const bytesOf = ({ comparison }: BuildView) => comparison.find(({ instruction }) => instruction === 'RUN')?.bytes;
    const shown = bytesOf(await begin({}));
    const ordered = bytesOf(await begin({ buildArgs: { SIZE: '70000' } }));
    expect(shown).toBeLessThan(70_000);
    expect(ordered).toBeGreaterThanOrEqual(70_000);
    // without the cache it is found as well, once it was built
    const anew = await begin({ buildArgs: { SIZE: '70000' }, cache: 'none' });
    expect(anew.comparison.map(({ actual }) => actual)).toEqual(['executed']);
    expect(bytesOf(anew)).toBeGreaterThanOrEqual(70_000);
  }, 120_000);

  /** What begins a build for what is proposed but for some of it, and answers it once its bytes are known. */
  async function beginner(): Promise<(otherwise: Partial<BuildOrder>) => Promise<BuildView>> {
    const views: BuildView[] = [];
    client.on(BuildChangedNotification, (view) => void views.push(view));
    const proposal = await client.ask(BuildProposalRequest, { uri: client.uri() });
    if (proposal === null) throw new Error('no proposal');
    expect(proposal).toMatchObject({ refusal: '', builder: expect.stringContaining('BuildKit') as string });
    return async (otherwise) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const order = { ...proposal.order, ...otherwise };
      const { id } = await client.ask(BuildStartRequest, { uri: client.uri(), order });
      const last = () => views.filter((view) => view.id === id).at(-1);
      await expect.poll(() => last()?.live.durationMs ?? null, patience).not.toBeNull();
      await expect.poll(() => last()?.comparison.some(({ bytes }) => bytes !== null), patience).toBe(true);
      return last() as BuildView;
    };
  }
});
