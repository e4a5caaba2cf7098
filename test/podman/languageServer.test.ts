import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../judge/run.js';
import { Client } from '../protocol/client.js';
import { BASE_IMAGE, podmanForSuite } from './podman.js';

const podman = podmanForSuite('the language server with Podman');
const FILE = 'Containerfile.live';
const marker = randomUUID();
const text = [`FROM ${BASE_IMAGE}`, `ENV A=${marker}`, 'COPY package.json /r', 'RUN cat /r > /s', ''].join('\n');

/** One server for the whole story: it is about what it hears. */
let client: Client;
let image = '';

beforeAll(async () => {
  if (podman === undefined) return;
  client = (await Client.start({ env: { PATH: process.env['PATH'] } })).client;
  writeFileSync(join(client.folder, FILE), text);
});
afterAll(async () => {
  await client.stop();
  if (podman !== undefined && image !== '') await podman.run(['rmi', '--force', image]);
});

async function verdicts(): Promise<string[]> {
  const { steps } = await client.prediction(FILE);
  return steps.slice(1).map(({ instruction, verdict }) => `${instruction}: ${verdict}`);
}

it.skipIf(podman === undefined)(
  'follows builds of Podman once that is chosen for the Dockerfile, and edits',
  async () => {
    if (podman === undefined) return;
    await client.choose({ builder: 'buildah' }, FILE);
    await client.open(FILE, text);
    expect(await verdicts()).toEqual(['ENV: rebuild', 'COPY: rebuild', 'RUN: rebuild']);
    expect((await client.prediction(FILE)).builder).toMatchObject({ kind: 'buildah', chosenBy: 'chosen' });

    const built = await podman.run(['build', '--quiet', '--file', join(client.folder, FILE), client.folder]);
    expect(built.code, built.stderr).toBe(0);
    image = built.stdout.trim();
    await expect.poll(verdicts, { timeout: 20_000 }).toEqual(['ENV: cached', 'COPY: cached', 'RUN: cached']);

    writeFileSync(join(client.folder, 'package.json'), '{}\n');
    await client.refresh();
    expect(await verdicts()).toEqual(['ENV: cached', 'COPY: rebuild', 'RUN: rebuild']);
    const leftovers = await run('grep', ['-rl', marker, client.stateFolder]);
    expect(leftovers.stdout, 'files of the state folder with values').toBe('');
  },
  60_000,
);
