import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CopyComparison } from '../../../core/image/compareCopies';
import type { LayerEntries } from '../../../core/image/layerEntries';
import type { CopiedFile, CopiedSource } from '../../../core/predict/copiedFiles';
import { layer } from '../support/layers';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const copied = (path: string, bytes: number, more: Partial<CopiedFile> = {}): CopiedFile => ({
  ...{ path, type: 'file', bytes, digest: undefined, target: undefined },
  ...more,
});

const folderTo = (destination: string, ...files: readonly CopiedFile[]): CopiedSource => ({
  ...{ destination, name: 'src', isFolder: true, files },
});

const fileTo = (destination: string, name: string, bytes: number): CopiedSource => ({
  ...{ destination, name, isFolder: false, files: [copied('', bytes)] },
});

const told = (
  layers: readonly LayerEntries[],
  sources: readonly CopiedSource[],
  at = layers.length - 1,
  isOwn = true,
) =>
  new CopyComparison(layers, at, sources, isOwn)
    .result()
    .differences.map(({ change, path, before, after }) => `${change} ${path} ${before} ${after}`);

const BASE = layer('etc/', 'etc/os 10', 'app/', 'run/', 'var/', 'var/run >../run');

describe('the files of a copy beside those of its layer', () => {
  it('are added, removed, grown and shrunk', () => {
    const own = layer('app/', 'app/same 5', 'app/grown 5', 'app/shrunk 5', 'app/gone 7', 'app/deep/x 1');
    const now = folderTo(
      '/app/',
      ...[copied('same', 5), copied('grown', 9), copied('shrunk', 1), copied('new', 3), copied('deep/x', 1)],
    );
    expect(told([BASE, own], [now])).toEqual([
      ...['removed app/gone 7 0', 'grown app/grown 5 9', 'added app/new 0 3', 'shrunk app/shrunk 5 1'],
    ]);
  });

  it('of equal size are compared by content where that is known on both sides', () => {
    const own = layer('app/a 3', 'app/b 3', 'app/c 3', 'app/empty 0');
    own.setDigest(0, digest('one'));
    own.setDigest(1, digest('two'));
    const known = (text: string) => ({ digest: digest(text).toString('hex') });
    const sources = [
      folderTo('/app', copied('a', 3, known('one')), copied('b', 3, known('TWO')), copied('c', 3), copied('empty', 0)),
    ];
    const comparison = new CopyComparison([BASE, own], 1, sources);
    expect(comparison.questions).toEqual([
      { layer: 1, index: 0 },
      { layer: 1, index: 1 },
    ]);
    expect(comparison.result()).toEqual({
      differences: [{ path: 'app/b', change: 'changed', before: 3, after: 3 }],
      unclear: 1,
    });
  });

  it('may be of another kind, or links that lead elsewhere', () => {
    const own = layer('app/link >a', 'app/other >b', 'app/was 4');
    const link = (path: string, target: string) => copied(path, 0, { type: 'symlink', target });
    expect(told([BASE, own], [folderTo('/app', link('link', 'a'), link('other', 'c'), link('was', 'x'))])).toEqual([
      ...['changed app/other 0 0', 'changed app/was 4 0'],
    ]);
  });

  it('go into a folder that is there, or is named as one', () => {
    for (const destination of ['/app', '/app/', '/app/.', '/']) {
      const path = destination === '/' ? 'one' : 'app/one';
      expect(told([BASE, layer(`${path} 5`)], [fileTo(destination, 'one', 6)])).toEqual([`grown ${path} 5 6`]);
    }
    expect(told([BASE, layer('srv/one 5')], [fileTo('/srv/', 'one', 6)])).toEqual(['grown srv/one 5 6']);
    expect(told([BASE, layer('srv 5')], [fileTo('/srv', 'one', 6)])).toEqual(['grown srv 5 6']);
  });

  it('go where links of the image lead', () => {
    expect(told([BASE, layer('run/pid 5')], [fileTo('/var/run/', 'pid', 6)])).toEqual(['grown run/pid 5 6']);
    expect(told([BASE, layer('run/pid 5')], [fileTo('/var/run', 'pid', 6)])).toEqual(['grown run/pid 5 6']);
    expect(told([BASE, layer('run/new/pid 5')], [fileTo('/var/run/new/', 'pid', 6)])).toEqual([
      'grown run/new/pid 5 6',
    ]);
  });

  it('need not be in the layer where the image has them already', () => {
    // a builder that compares folders leaves out what is the same as below
    expect(told([layer('app/a 5', 'app/b 5'), layer('app/b 5')], [folderTo('/app', copied('a', 5))])).toEqual([
      'removed app/b 5 0',
    ]);
  });

  it('are the later ones of two with one destination', () => {
    expect(told([BASE, layer('app/a 5')], [fileTo('/app/', 'a', 9), fileTo('/app/', 'a', 5)])).toEqual([]);
  });

  it('of a new instruction are put on what is there, and take nothing away', () => {
    expect(
      told([BASE, layer('app/a 5', 'app/b 5')], [folderTo('/app', copied('a', 6), copied('c', 1))], 1, false),
    ).toEqual(['grown app/a 5 6', 'added app/c 0 1']);
  });

  it('that are hard links have the size of their content', () => {
    expect(told([BASE, layer('app/a 5', 'app/b =app/a')], [folderTo('/app', copied('a', 5), copied('b', 7))])).toEqual([
      'grown app/b 5 7',
    ]);
  });
});
