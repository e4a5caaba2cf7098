import type { LayerEntry } from '../../../core/image/layerEntries';
import { TarScanner, type ArchiveProblem } from '../../../core/image/tarScanner';

export interface Scanned {
  readonly entries: readonly LayerEntry[];
  readonly contents: readonly string[];
  readonly problem: ArchiveProblem | undefined;
  readonly oddities: number;
}

export interface ScanWay {
  /** Bytes of the next piece. */
  readonly chunk?: () => number;
  /** Leave out what may be left out; a function says how much of it. */
  readonly skip?: (bytes: number) => number;
  /** Whose contents are asked for. */
  readonly wanted?: (entry: LayerEntry) => boolean;
}

/** Feeds an archive to a scanner in pieces, as a reader would. */
export function scan(archive: Uint8Array, way: ScanWay = {}): Scanned {
  const { chunk = () => archive.length, skip = () => 0, wanted = () => true } = way;
  const entries: LayerEntry[] = [];
  const contents: string[] = [];
  let content: Buffer[] = [];
  const scanner = new TarScanner({
    entry: (entry) => {
      entries.push(entry);
      content = [];
      return wanted(entry);
    },
    content: (piece) => content.push(Buffer.from(piece)),
    contentEnd: () => contents.push(Buffer.concat(content).toString('latin1')),
  });
  for (let at = 0, steps = 0; at < archive.length && !scanner.ended; steps++) {
    if (steps > 2 * archive.length) throw new Error('the scanner does not come to an end');
    const piece = archive.subarray(at, at + Math.max(1, chunk()));
    // a copy that is overwritten afterwards: a scanner must not keep what belongs to the reader
    const lent = Uint8Array.from(piece);
    scanner.feed(lent);
    lent.fill(0xee);
    at += piece.length;
    const left = skip(scanner.skippable);
    scanner.skip(left);
    at += left;
  }
  const problem = scanner.end();
  return { entries, contents, problem, oddities: scanner.oddities };
}

/** Paths, kinds and sizes, one a line. */
export function listed(archive: Uint8Array, way: ScanWay = {}): string[] {
  const { entries, problem } = scan(archive, way);
  const lines = entries.map(({ path, type, size, link }) => `${path} ${type} ${size}${link === '' ? '' : ` ${link}`}`);
  return problem === undefined ? lines : [...lines, problem.code];
}
