import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASE_IMAGE, build, podmanForSuite, type ImageDetails, type ImageRow } from './podman.js';

const podman = podmanForSuite('the Podman host');

/** What the store says of a build, which is all that a prediction has to go by. */
describe.skipIf(podman === undefined)('the Podman host', { timeout: 60_000 }, () => {
  if (podman === undefined) return;
  const context = mkdtempSync('/tmp/li-podman-host-'); // a folder that Podman's namespace shares
  const marker = randomUUID(); // steps of another run are none of this one's
  let first = '';
  let second = '';
  let rows: readonly ImageRow[] = [];
  let base: ImageDetails;
  /** The image of each step, the first one first. */
  const steps: ImageDetails[] = [];

  beforeAll(async () => {
    writeFileSync(join(context, 'a.txt'), 'one\n');
    const lines = [
      `FROM ${BASE_IMAGE}`,
      `ENV A=${marker}`,
      'COPY a.txt /in/',
      'RUN cat /in/a.txt > /out',
      'CMD  ["cat", "/out"]',
    ];
    writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
    first = await build(podman, context, ['-t', 'localhost/li-host:1']);
    second = await build(podman, context, ['-t', 'localhost/li-host:2']);
    rows = await podman.images();
    base = await podman.image(encodeURIComponent(BASE_IMAGE));
    const top = await podman.image(encodeURIComponent('localhost/li-host:1'));
    for (let one = top; one.Id !== base.Id; one = await podman.image(one.Parent)) steps.unshift(one);
  });
  afterAll(async () => {
    await podman.run(['rmi', '-f', 'localhost/li-host:1', 'localhost/li-host:2']);
    rmSync(context, { recursive: true, force: true });
  });

  it('executes the steps of the first build and none of the second', () => {
    expect(first).not.toContain('Using cache');
    expect(second.match(/Using cache/g)).toHaveLength(4);
  });

  it('keeps one image for each step, on that of the step before', () => {
    expect(steps).toHaveLength(4);
    expect(steps.map(({ Parent }) => Parent)).toEqual([base.Id, ...steps.slice(0, -1).map(({ Id }) => Id)]);
    for (const { Id, Parent } of steps) expect(rows.find((row) => row.Id === Id)?.ParentId).toBe(Parent);
  });

  it('lists images without the name of the hash, and names only for the finished one', () => {
    expect(rows.every(({ Id }) => /^[0-9a-f]{64}$/.test(Id))).toBe(true);
    const names = steps.map(({ Id }) => rows.find((row) => row.Id === Id)?.Names ?? []);
    expect(names.slice(0, -1)).toEqual([[], [], []]);
    expect([...(names.at(-1) ?? [])].sort()).toEqual(['localhost/li-host:1', 'localhost/li-host:2']);
  });

  it('describes each step by one more entry of the history, in the words of the Dockerfile', () => {
    for (const [index, { History }] of steps.entries()) expect(History).toHaveLength(base.History.length + index + 1);
    const texts = steps.map(({ History }) => History.at(-1)?.created_by);
    expect(texts[0]).toBe(`/bin/sh -c #(nop) ENV A=${marker}`);
    expect(texts[1]).toMatch(/^\/bin\/sh -c #\(nop\) COPY file:[0-9a-f]{64} in \/in\/ {6}$/);
    expect(texts[2]).toBe('/bin/sh -c cat /in/a.txt > /out');
    expect(texts[3]).toBe('/bin/sh -c #(nop) CMD  ["cat", "/out"]');
  });

  it('has times with more than seconds, and says in the first step what it stands on', () => {
    const added = steps.at(-1)?.History.slice(base.History.length) ?? [];
    for (const { created } of added) expect(created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    expect(added.map(({ comment }) => comment)).toEqual([`FROM ${BASE_IMAGE}`, undefined, undefined, undefined]);
  });

  it('repeats the history of the step before, times included', () => {
    let before = base;
    for (const step of steps) {
      expect(step.History.slice(0, -1)).toEqual(before.History);
      before = step;
    }
  });

  it('has a layer more for what writes files, and marks the entries of the others', () => {
    const layers = [base, ...steps].map(({ RootFS }) => RootFS.Layers);
    for (const [index, list] of layers.slice(1).entries())
      expect(list.slice(0, layers[index]?.length)).toEqual(layers[index]);
    expect(layers.map((list) => list.length - base.RootFS.Layers.length)).toEqual([0, 0, 1, 2, 2]);
    const empty = steps.map(({ History }) => History.at(-1)?.empty_layer ?? false);
    expect(empty).toEqual([true, false, false, true]);
  });

  it('writes images in the format of OCI, and of Docker only when asked, sharing no step between them', async () => {
    expect(new Set(steps.map(({ ManifestType }) => ManifestType))).toEqual(
      new Set(['application/vnd.oci.image.manifest.v1+json']),
    );
    const other = await build(podman, context, ['--format', 'docker', '-t', 'localhost/li-host:docker']);
    expect(other).not.toContain('Using cache');
    const image = await podman.image(encodeURIComponent('localhost/li-host:docker'));
    expect(image.ManifestType).toBe('application/vnd.docker.distribution.manifest.v2+json');
    await podman.run(['rmi', 'localhost/li-host:docker']);
  });

  it('has steps of the present platform', () => {
    for (const { Os, Architecture } of steps) expect([Os, Architecture]).toEqual([base.Os, base.Architecture]);
  });

  it('tells by `podman history` neither which entry has a layer nor which image a step is', async () => {
    const history = await podman.run(['history', '--format', 'json', 'localhost/li-host:1']);
    const entries = JSON.parse(history.stdout) as readonly Record<string, unknown>[];
    expect(entries).toHaveLength(base.History.length + 4);
    for (const entry of entries) expect(entry).not.toHaveProperty('empty_layer');
    // the row of CMD has the id of the image of RUN, whose layer is the newest
    expect(entries[0]?.['id']).toBe(steps.at(-2)?.Id);
    expect(entries.map(({ id }) => id)).not.toContain(steps.at(-1)?.Id);
  });

  it('loses all steps with the last name of the image, and but the last one when told not to prune', async () => {
    writeFileSync(join(context, 'Dockerfile.lost'), `FROM ${BASE_IMAGE}\nENV L=${marker}\nRUN echo $L\nCMD ["a"]\n`);
    const again = (): Promise<string> =>
      build(podman, context, ['-f', join(context, 'Dockerfile.lost'), '-t', 'localhost/li-host:lost']);
    const hits = async (): Promise<number> => (await again()).match(/Using cache/g)?.length ?? 0;
    expect(await hits()).toBe(0);
    expect(await hits()).toBe(3);
    await podman.run(['rmi', '--no-prune', 'localhost/li-host:lost']);
    expect(await hits()).toBe(2);
    await podman.run(['rmi', 'localhost/li-host:lost']);
    expect(await hits()).toBe(0);
    await podman.run(['rmi', 'localhost/li-host:lost']);
  });
});
