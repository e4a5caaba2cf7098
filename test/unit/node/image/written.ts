import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError, type OpenImage, type OpenOptions } from '../../../../core/node/image/openImage';
import { openArchive } from '../../../../core/node/image/archiveImage';
import { tar, type TarItem } from '../../support/tar';
import { folderOf } from '../folder';

/** An archive on disk, removed after the test. */
export function written(archive: Uint8Array | readonly TarItem[], name = 'image.tar'): string {
  const path = join(folderOf(), name);
  writeFileSync(path, archive instanceof Uint8Array ? archive : tar(...archive));
  return path;
}

export function opened(archive: Uint8Array | readonly TarItem[], options?: OpenOptions): Promise<OpenImage> {
  return openArchive(written(archive), options);
}

/** What opening says when it fails for a reason that is told to people. */
export async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

/** `layer path type size`, one a line. */
export function listing({ layers }: OpenImage): string[] {
  return layers.flatMap(({ entries }, layer) =>
    Array.from({ length: entries.length }, (_, index) => {
      const { path, type, size, link } = entries.at(index);
      return `${layer} ${path} ${type} ${size}${link === '' ? '' : ` ${link}`}`;
    }),
  );
}
