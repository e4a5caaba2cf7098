import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copiedFileName, renameFails, type CopyRule } from '../../core/buildah/contentDigest.js';
import { readOwnerNames } from '../../core/node/buildah/owners.js';
import { listMounted, listSource } from '../../core/node/buildah/sources.js';
import { copySummary, mountDigest, type NamedSource } from '../../core/node/buildah/summary.js';
import { COPIES, FROM_OTHER, IGNORE_FILE, MOUNTS, writeOddContext, type CopyCase } from './oddSources.js';
import { BASE_IMAGE, build, podmanForSuite } from './podman.js';
import { copyVector, mountVector, writeVectors, type CopyVector, type MountVector } from './vectors.js';

const podman = podmanForSuite('content digests');

/** What the builder wrote into the history for each source is compared with ours. One layer for all takes less time. */
describe.skipIf(podman === undefined)('digests of what is copied', { timeout: 180_000 }, () => {
  if (podman === undefined) return;
  const context = mkdtempSync('/tmp/li-podman-odd-');
  const image = 'localhost/li-odd:1';
  const steps: { readonly what: string; readonly line: string }[] = [];
  /** What the builder wrote for each step, by what it is about. */
  const written = new Map<string, string>();

  const destinationOf = (one: CopyCase, index: number): string => one.destination ?? `/to/${index}/`;
  const all = [...COPIES, ...FROM_OTHER];

  beforeAll(async () => {
    writeOddContext(context);
    for (const [index, one] of all.entries()) {
      const from = one.rule?.from === 'stage' ? '--from=other ' : '';
      const keyword = one.flags === 'ADD' ? 'ADD' : `COPY ${from}${one.flags ?? ''}`;
      const words = [...(one.words ?? one.paths), destinationOf(one, index)];
      if (one.workdir !== undefined) steps.push({ what: '', line: `WORKDIR ${one.workdir}` });
      steps.push({ what: one.what, line: `${keyword} ${JSON.stringify(words)}` });
    }
    for (const { what, path } of MOUNTS)
      steps.push({ what: `mount ${what}`, line: `RUN --mount=type=bind,source=${path},target=/mounted true` });
    writeFileSync(join(context, 'Dockerfile'), [`FROM ${BASE_IMAGE}`, ...steps.map(({ line }) => line)].join('\n'));
    writeFileSync(join(context, '.containerignore'), IGNORE_FILE);
    const other = mkdtempSync('/tmp/li-podman-other-');
    try {
      writeOddContext(other);
      await build(podman, context, ['-q', '--layers=false', '-t', image, '--build-context', `other=${other}`]);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
    const { History } = await podman.image(encodeURIComponent(image));
    for (const [index, { created_by }] of History.slice(-steps.length).entries())
      written.set(steps[index]?.what ?? '', created_by);
  }, 180_000);
  afterAll(async () => {
    record();
    await podman.run(['rmi', '-f', image]);
    rmSync(context, { recursive: true, force: true });
  });

  const copies: CopyVector[] = [];
  const mounts: MountVector[] = [];

  for (const [index, one] of all.entries()) {
    it(`${one.what}: ${one.words?.join(' ') ?? one.paths.map((path) => path.slice(0, 30)).join(' ')}`, async () => {
      const rule: CopyRule = { from: 'context', ...one.rule };
      const sources = namedSources(one, destinationOf(one, index));
      const found = / ((?:file|dir|multi):[0-9a-f]{64}) in /.exec(written.get(one.what) ?? '')?.[1];
      expect(found).toBeDefined();
      expect(await copySummary(sources, rule)).toBe(found);
      copies.push(copyVector(one.what, rule, sources, found ?? ''));
    });
  }

  for (const { what, path } of MOUNTS) {
    it(`mount of ${what}`, async () => {
      const found = /:(sha256:[0-9a-f]{64})$/.exec(written.get(`mount ${what}`) ?? '')?.[1];
      expect(found).toBeDefined();
      expect(await mountDigest(join(context, path))).toBe(found);
      mounts.push(
        mountVector(what, join(context, path), listMounted(join(context, path), readOwnerNames()) ?? [], found ?? ''),
      );
    });
  }

  for (const name of ['größe', 'm'.repeat(101)]) {
    it(`is not needed for a file that gets the name ${name.slice(0, 10)}, which makes the build fail`, async () => {
      const file = join(context, 'Dockerfile.name');
      writeFileSync(file, `FROM scratch\nCOPY a.txt /${name}\n`);
      await expect(build(podman, context, ['-f', file])).rejects.toThrow('Format specifies USTAR');
      expect(renameFails('a.txt', name)).toBe(true);
      writeFileSync(file, `FROM scratch\nCOPY unicode/naïve /${name}\n`);
      await build(podman, context, ['-f', file, '--layers=false', '-q']);
      expect(renameFails('unicode/naïve', name)).toBe(false);
    });
  }

  it('is not there for what is not there, or changed since it was listed', async () => {
    expect(listSource(context, 'links/dangling')).toBeUndefined();
    expect(listSource(context, 'links/outside')).toBeUndefined();
    const source = listSource(context, 'b.txt');
    if (source === undefined) throw new Error('b.txt is not listed');
    const content = readFileSync(join(context, 'b.txt'));
    writeFileSync(join(context, 'b.txt'), 'another size');
    expect(await copySummary([{ source, name: 'b.txt' }], { from: 'context' })).toBeUndefined();
    writeFileSync(join(context, 'b.txt'), content);
  });

  function namedSources(one: CopyCase, destination: string): NamedSource[] {
    const listed = one.paths.map((path) => {
      const source = listSource(context, path, (below) => one.ignored?.[below] ?? true);
      if (source === undefined) throw new Error(`${path} is not listed`);
      return { path, source };
    });
    const isRegular = listed[0]?.source.entries[0]?.type === 'file' && listed[0].source.kind === 'file';
    const how = { isRegular, words: (one.words ?? one.paths).length, workdir: one.workdir ?? '/' };
    return listed.map(({ path, source }) => ({
      source,
      name: copiedFileName(path, destination, one.at ?? 'nothing', how),
    }));
  }

  /** On demand, what the builder said becomes the vectors of the unit tests. */
  function record(): void {
    if (process.env['LAYER_INSIGHT_BUILDAH'] === 'record') writeVectors({ copies, mounts });
  }
});
