import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLayout } from '../../../../core/node/image/layoutImage';
import { ociArchive, type ImageBytes } from '../../support/imageArchive';
import { file, gzip, tar, type TarItem } from '../../support/tar';
import { listing, refusal } from './written';

const LAYER = tar(file('f', 'one'), file('large', Buffer.alloc(5000, 'x')));

/** The files of an OCI archive in a folder; `change` may do something to one of them. */
function layout(
  images: readonly ImageBytes[],
  change: (item: TarItem) => Uint8Array | undefined = () => undefined,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'li-layout-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const item of ociArchive(images)) {
    if (item.name.endsWith('/')) continue;
    const path = join(folder, item.name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, change(item) ?? item.content ?? '');
  }
  return folder;
}

describe('an OCI layout folder', () => {
  it.each([
    ['plain', undefined],
    ['packed', gzip(LAYER)],
  ])('opens with its layers %s, and gives their files', async (_, packed) => {
    const image = await openLayout(
      layout([{ layers: [packed === undefined ? { plain: LAYER } : { plain: LAYER, packed }] }]),
    );
    expect(listing(image)).toEqual(['0 f file 3', '0 large file 5000']);
    expect(image.problems).toEqual([]);
    expect(image.layers.map(({ isWhole }) => isWhole)).toEqual([true]);
    expect(Buffer.from(await image.content({ layer: 0, index: 0 }, 10)).toString()).toBe('one');
  });

  it('tells that a layer breaks off, so that nobody relies on its figures', async () => {
    const cut = layout([{ layers: [{ plain: LAYER }] }], ({ name, content }) =>
      name.startsWith('blobs/') && content !== undefined && content.length > 3000
        ? Buffer.from(content).subarray(0, 2500)
        : undefined,
    );
    const image = await openLayout(cut);
    expect(image.problems.join()).toMatch(/layer 1 .*the archive ends in the middle/);
    expect(image.layers.map(({ isWhole }) => isWhole)).toEqual([false]);
  });

  it('is refused when a manifest is not what its name says', async () => {
    const folder = layout([{ layers: [{ plain: LAYER }] }], ({ name, content }) =>
      name.startsWith('blobs/') && content !== undefined && content.length < 3000
        ? Buffer.concat([Buffer.from(content), Buffer.from(' ')])
        : undefined,
    );
    expect(await refusal(openLayout(folder))).toContain('does not have the content that its name says');
  });
});
