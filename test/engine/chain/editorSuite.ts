import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LedgerStore } from '../../../core/node/store/ledgerStore';
import { Client } from '../../protocol/client';
import type { ChainBuilder } from './ledgerSuite.js';

const patience = { timeout: 90_000, interval: 200 };

/** The language server with a builder whose images are its cache. */
export function describeChainLedgerOfEditor(builder: ChainBuilder): void {
  let client: Client;
  beforeEach(async () => {
    const { DOCKER_HOST, DOCKER_CONFIG, PATH } = process.env;
    ({ client } = await Client.start({ env: { DOCKER_HOST, DOCKER_CONFIG, PATH, ...builder.env } }));
  });
  afterEach(async () => {
    await client.stop();
  });

  it(
    'follows builds as they end, each as one, says what differs, and keeps what the files were',
    { timeout: 300_000 },
    async () => {
      const lines = [`FROM ${builder.base}`, `RUN echo ${randomUUID()} >/a`, 'COPY src /src', 'RUN sleep 1', ''];
      writeFileSync(join(client.folder, 'Dockerfile'), lines.join('\n'));
      const accuracy = async (): Promise<string | null> => (await client.status()).accuracy;
      const build = async (): Promise<void> => {
        // what is on the screen is noted a moment later
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const result = await builder.build(client.folder, []);
        expect(result.code, result.stderr).toBe(0);
      };
      await client.choose({ builder: builder.name });
      await client.open();
      expect(await accuracy()).toBeNull();
      await build();
      await expect.poll(accuracy, patience).toBe('certain verdicts: 3 of 3 right over 1 build');

      writeFileSync(join(client.folder, 'src', 'app.js'), 'another content that is as long as it has to be');
      await client.fileChanged('src/app.js');
      await expect.poll(async () => (await client.prediction()).summary.rebuild, patience).toBe(2);
      const difference = /First difference: line 3, COPY\n {2}src\/app\.js changed \(content\)/;
      const [first, ...others] = await client.builds();
      expect(others).toEqual([]);
      expect(first?.detail).toMatch(/^0 cached, 3 executed, /);
      expect(await client.explainBuilds(first?.ref ?? '', 'now')).toMatch(difference);
      expect(await client.explainBuilds('nosuch', 'now')).toContain('no remembered build');
      await build();
      await expect.poll(accuracy, patience).toBe('certain verdicts: 6 of 6 right over 2 builds');
      const [second] = await client.builds();
      expect(second?.detail).toMatch(/^1 cached, 2 executed, /);
      const told = await client.explainBuilds(first?.ref ?? '', second?.ref ?? '');
      expect(told).toMatch(difference);
      expect(told).toContain('Executed: lines 3, 4');
      expect(await client.explainBuilds(second?.ref ?? '', 'now')).toContain(
        'Nothing that is known of their steps differs',
      );
      expect(await client.accuracy()).toContain('COPY rebuild (file-changed)');
      const store = new LedgerStore(join(client.stateFolder, 'layer-insight'));
      const refs = (await store.entries()).map(({ ref }) => ref);
      expect(refs).toHaveLength(2);
      for (const ref of refs) {
        const paths = (await store.keptChain(ref))?.manifest?.entries.map(([path]) => path);
        expect(paths).toContain('src/app.js');
      }
    },
  );
}
