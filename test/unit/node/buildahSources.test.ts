import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOwnerNames } from '../../../core/node/buildah/owners';
import { listMounted, listSource } from '../../../core/node/buildah/sources';
import { copySummary, mountDigest } from '../../../core/node/buildah/summary';

describe('sources as Buildah sees them', () => {
  let context = '';
  beforeEach(() => {
    context = mkdtempSync(join(tmpdir(), 'li-buildah-'));
    mkdirSync(join(context, 'd/sub'), { recursive: true });
    for (const path of ['a', 'd/z', 'd/sub/y', 'd/sub-x']) writeFileSync(join(context, path), path);
  });
  afterEach(() => rmSync(context, { recursive: true, force: true }));

  const paths = (path: string, takes?: (path: string) => boolean | 'below'): string[] | undefined =>
    listSource(context, path, takes)?.entries.map((entry) => entry.path);

  it('are walked with a folder before what is in it', () => {
    expect(paths('d')).toEqual(['sub', 'sub/y', 'sub-x', 'z']);
  });

  it('leave out what is ignored, perhaps but for what is below it', () => {
    expect(paths('d', (path) => path !== 'd/sub')).toEqual(['sub-x', 'z']);
    expect(paths('d', (path) => (path === 'd/sub' ? 'below' : true))).toEqual(['sub/y', 'sub-x', 'z']);
  });

  it('are what links lead to within the context', () => {
    symlinkSync('/d', join(context, 'absolute'));
    symlinkSync('absolute', join(context, 'link'));
    symlinkSync('../..', join(context, 'outside'));
    symlinkSync('circle', join(context, 'circle'));
    expect(listSource(context, 'link')).toMatchObject({ kind: 'dir', location: join(context, 'd') });
    for (const path of ['outside', 'circle', 'nothing']) expect(listSource(context, path)).toBeUndefined();
    expect(listMounted(join(context, 'link'), readOwnerNames())).toMatchObject([
      { type: 'symlink', target: 'absolute' },
    ]);
  });

  it('have no summary once a file changed its size or is gone', async () => {
    const source = listSource(context, 'd');
    if (source === undefined) throw new Error('nothing listed');
    const summary = (): Promise<string | undefined> => copySummary([{ source, name: 'd' }], { from: 'context' });
    expect(await summary()).toMatch(/^dir:[0-9a-f]{64}$/);
    writeFileSync(join(context, 'd/z'), 'longer than before');
    expect(await summary()).toBeUndefined();
    rmSync(join(context, 'd/z'));
    expect(await summary()).toBeUndefined();
    expect(await mountDigest(join(context, 'nothing'))).toBeUndefined();
  });

  it('have the first name that the files of users and groups give for a number', () => {
    writeFileSync(join(context, 'passwd'), 'root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:\nbroken\napp:x:1000:7::/:\n');
    const names = readOwnerNames(context);
    expect([names.user(0), names.user(1000), names.user(7), names.group(0)]).toEqual(['root', 'app', '', '']);
  });
});
