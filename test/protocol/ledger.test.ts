import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../core/ledger/ledger';
import { RULES } from '../../core/ledger/rules';
import { LedgerStore } from '../../core/node/store/ledgerStore';
import { Client } from './client';

const KIND = 'buildkit RUN cached certain same-as-build';
const CLASS = 'buildkit COPY rebuild certain file-changed';

let client: Client;
let store: LedgerStore;

beforeEach(async () => {
  ({ client } = await Client.start());
  store = new LedgerStore(join(client.stateFolder, 'layer-insight'));
});

afterEach(async () => {
  await client.stop();
});

const entry = (changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ ref: 'abcdefghijklmnop', at: 0, rules: RULES, dockerfile: '/x/Dockerfile', mismatches: [], notJudged: {} },
  classes: { [KIND]: [3, 0] },
  ...changes,
});
const WRONG = entry({
  ref: 'wrong1234567890',
  classes: { [CLASS]: [0, 1] },
  mismatches: [{ line: 4, instruction: 'COPY', class: CLASS, actual: 'cached', follows: false }],
});

describe('the accuracy', () => {
  it('is not told before a build could be compared', async () => {
    await client.open();
    expect((await client.status()).accuracy).toBeNull();
    expect(await client.accuracy()).toMatch(/^No prediction was followed/);
    expect(await client.mistakes()).toEqual([]);
  });

  it('is what all processes noted, in the status and as a report', async () => {
    await store.add([entry(), WRONG]);
    await client.open();
    await expect
      .poll(async () => (await client.status()).accuracy)
      .toBe('certain verdicts: 3 of 4 right over 2 builds');
    const report = await client.accuracy();
    expect(report).toContain('COPY rebuild (file-changed), not claimed any more');
    expect(report).toContain('line 4, COPY rebuild (file-changed): the builder had a cached result');
  });

  it('follows what is noted later, and tells whoever shows it', async () => {
    await client.open();
    await store.add([entry()]);
    const told = client.changed.length;
    await client.refresh();
    await expect.poll(async () => (await client.status()).accuracy).toBe('certain verdicts: 3 of 3 right over 1 build');
    expect(client.changed.length).toBeGreaterThan(told);
  });
});

describe('a mistake', () => {
  it('can be chosen by the build that showed it', async () => {
    await store.add([entry(), WRONG]);
    await client.open();
    await expect.poll(() => client.mistakes()).toHaveLength(1);
    expect(await client.mistakes()).toMatchObject([
      { ref: WRONG.ref, description: 'Dockerfile wrong1234567', detail: 'line 4: COPY rebuild (file-changed), cached' },
    ]);
  });

  it('has a reproduction without names of folders, as long as something is kept of its build', async () => {
    const build = { createdAt: 1, completedAt: 2, contextPath: '/home/me/x', steps: [], loose: [] };
    await store.keep({ build: { ref: WRONG.ref, ...build } });
    const text = await client.reproduction(WRONG.ref);
    expect(JSON.parse(text ?? '')).toMatchObject({
      schemaVersion: 1,
      build: { ref: WRONG.ref, contextPath: '/context' },
    });
    expect(text).not.toContain('/home/me');
    expect(await client.reproduction('another')).toBeNull();
  });
});

describe('builds that are compared', () => {
  it('are none without an engine, and that is said', async () => {
    await client.open();
    expect(await client.builds()).toEqual([]);
    expect(await client.explainBuilds('a', 'now')).toContain('no engine');
    expect(await client.explainBuilds('a', 'now', 'Dockerfile.slow')).toContain('not open');
  });
});

describe('how much may be kept', () => {
  it('is what the settings say', async () => {
    const build = { createdAt: 1, completedAt: 2, steps: [], loose: [] };
    await store.keep({ build: { ref: 'kept', ...build } });
    await client.open();
    expect(await store.kept('kept')).toBeDefined();
    await client.configure({ ledger: { maxSize: 0 } });
    await client.prediction();
    await expect.poll(() => store.kept('kept')).toBeUndefined();
  });
});
