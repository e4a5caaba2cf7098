import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ImageComparison } from '../../core/image/compareImages.js';
import type { LayersDocument } from '../../core/image/layersDocument.js';
import { stepsOfLayers } from '../../core/image/manifest.js';
import type { OpenImage } from '../../core/node/image/openImage.js';
import {
  clean,
  describeFile,
  engineCommand,
  exportImage,
  historySizes,
  savedLayers,
  type SavedLayer,
  type VisibleFiles,
} from '../judge/imageFiles.js';
import { layersDocumentMismatches } from './imageContract.js';
import { layersOf, stackedFiles } from './imageUnderTest.js';

/** Where the images of a suite are, and how to ask for them. */
export interface ImageHost {
  /** docker or podman. */
  readonly program: string;
  /** A folder of the suite's own. */
  readonly folder: string;
  /** For our command line: a cache folder of the suite's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options of our command line. */
  readonly options: readonly string[];
  /** What its history says of a layer; undefined where it counts blocks on disk. */
  readonly historyBytes: ((layer: SavedLayer) => number) | undefined;
  /** Folders that the engine makes in every container where the image has none. */
  readonly ownFolders: readonly string[];
  /** What the engine puts into every container, in place of what the image has there. */
  readonly ownFiles: readonly string[];
  /** Opens an image as the command line does. */
  readonly open: (image: string) => Promise<OpenImage>;
}

/** Docker's own (moby daemon/initlayer/setup_unix.go). */
export const DOCKER_FOLDERS = ['dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys'];
export const DOCKER_FILES = ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/mtab', 'etc/resolv.conf'];

/** Bytes of regular files; what has several names is in an archive once. */
export function fileBytes({ entries }: SavedLayer): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

/** Docker's count: of layers that it unpacked (imported, loaded, pulled) it counts the texts of links as well. */
export function dockerBytes(layer: SavedLayer, unpacked: readonly string[]): number {
  const texts = layer.entries.map(({ type, link }) => (type === 'symlink' ? Buffer.byteLength(link) : 0));
  return fileBytes(layer) + (unpacked.includes(layer.diffId) ? texts.reduce((sum, length) => sum + length, 0) : 0);
}

/** What the engine says of an image. */
interface Facts {
  readonly exported: VisibleFiles;
  readonly saved: readonly SavedLayer[];
}

/** What must hold for every image, by what the engine itself prints and packs. */
export function checkImage(image: string, host: ImageHost): void {
  const asked = async (): Promise<Facts> => {
    const archive = join(host.folder, `${image.replace(/.*:/, '')}.tar`);
    await engineCommand(host.program, ['save', '--output', archive, image]);
    return { exported: await exportImage(host.program, image), saved: await savedLayers(archive) };
  };
  let asking: Promise<Facts> | undefined;
  const facts = (): Promise<Facts> => (asking ??= asked());
  let reading: Promise<LayersDocument> | undefined;
  const document = (): Promise<LayersDocument> => (reading ??= layersOf(image, host.env, ['--files', ...host.options]));

  it('shows the files that a container of it sees', async () => {
    const ours = stackedFiles(await host.open(image));
    const theirs = (await facts()).exported.lines;
    const isOwn = (path: string): boolean =>
      host.ownFiles.includes(path) || (host.ownFolders.includes(path) && !ours.has(path));
    expect(sorted(ours, isOwn)).toEqual(sorted(theirs, isOwn));
  });

  it('lists in each layer what its archive has', async () => {
    const { saved } = await facts();
    const { layers } = await document();
    expect(layers.map(({ diffId }) => diffId)).toEqual(saved.map(({ diffId }) => diffId));
    for (const [index, { files = [] }] of layers.entries()) {
      const ours = files.map((one) => describeFile({ ...one, size: one.sizeBytes, link: one.link ?? '' }));
      const theirs = (saved[index]?.entries ?? []).map((one) => {
        return describeFile({ ...one, path: clean(one.path) });
      });
      expect(ours, `layer ${index}`).toEqual(theirs);
      expect(layers[index]?.entries).toBe(theirs.length);
      // the target of a hard link, which the line does not have
      const links = (saved[index]?.entries ?? []).flatMap(({ type, link }) =>
        type === 'hardlink' ? [clean(link)] : [],
      );
      expect(files.flatMap(({ type, link }) => (type === 'hardlink' ? [link] : []))).toEqual(links);
    }
  });

  it('says what made each layer, with the bytes of its files', async () => {
    const { saved } = await facts();
    const { layers } = await document();
    expect(layers.map(({ sizeBytes }) => sizeBytes)).toEqual(saved.map(fileBytes));
    expect(layers.map(({ createdBy }) => createdBy)).toEqual(saved.map(({ createdBy }) => createdBy));
    if (host.historyBytes === undefined) return;
    const sizes = await historySizes(host.program, image);
    const isSome = (size: number): boolean => size > 0;
    expect(sizes.filter(isSome)).toEqual(saved.map(host.historyBytes).filter(isSome));
  });

  it('counts each byte that is seen, and each that is not, once', async () => {
    const { exported, saved } = await facts();
    // a container sees the engine's own files instead, which are empty
    const covered = host.ownFiles.map((path) => saved.findLast((layer) => sizeIn(layer, path) !== undefined));
    const coveredBytes = covered.map((layer, index) => sizeIn(layer, host.ownFiles[index]) ?? 0);
    const seen = coveredBytes.reduce((sum, bytes) => sum + bytes, exported.bytes);
    const opened = await host.open(image);
    const steps = stepsOfLayers(opened.description.history, opened.layers.length);
    const side = {
      layers: opened.layers.map((layer, index) => ({ ...layer, createdBy: steps[index]?.createdBy ?? '' })),
    };
    const { visibleBefore, visibleAfter, files } = new ImageComparison(side, side).result(() => true);
    expect([visibleBefore, visibleAfter, files]).toEqual([seen, seen, []]);
    const { layers, shadowedBytes, shadowed, image: whole } = await document();
    const all = layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    expect(whole.sizeBytes).toBe(all);
    expect(shadowedBytes).toBe(all - seen);
    expect(shadowed.files.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(shadowedBytes);
    expect(layers.reduce((sum, layer) => sum + layer.shadowedBytes, 0)).toBe(shadowedBytes);
  });

  it('prints a document that scripts can rely on', async () => {
    expect(layersDocumentMismatches(await document())).toEqual([]);
  });

  it('is the same when its layers are known already', async () => {
    const [first, second] = [await host.open(image), await host.open(image)];
    const made = ({ description, layers }: OpenImage): readonly unknown[] =>
      stepsOfLayers(description.history, layers.length).map((step) => step?.createdBy);
    expect(made(second)).toEqual(made(first));
    expect(second.description.platform).toBe(first.description.platform);
    expect(sorted(stackedFiles(second))).toEqual(sorted(stackedFiles(first)));
    for (const [index, { entries }] of second.layers.entries()) {
      for (let place = 0; place < entries.length; place++) {
        expect(entries.at(place)).toEqual(first.layers[index]?.entries.at(place));
      }
    }
  });
}

function sorted(
  lines: ReadonlyMap<string, string>,
  isLeftOut: (path: string) => boolean = () => false,
): readonly string[] {
  return [...lines].flatMap(([path, line]) => (isLeftOut(path) ? [] : [line])).sort();
}

function sizeIn(layer: SavedLayer | undefined, path: string | undefined): number | undefined {
  return layer?.entries.find((entry) => clean(entry.path) === path)?.size;
}
