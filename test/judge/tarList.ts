import { run } from './run.js';

/** One entry of a tar archive as the `tar` program lists it. */
export interface TarEntry {
  /** As it is written, without the slash at the end of a folder. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  /** Bytes; 0 for what is no regular file. */
  readonly size: number;
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** Target of a link. */
  readonly link: string;
}

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  ...{ '-': 'file', d: 'directory', l: 'symlink', h: 'hardlink', c: 'character', b: 'block', p: 'fifo' },
};
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const LINE = new RegExp(
  `^([-dlhcbp])([rwxsStT-]{9})\\S* (\\d+)/(\\d+) +(\\d+|\\d+,\\d+) \\S+ \\S+ ${QUOTED}(?: (?:->|link to) ${QUOTED})?$`,
);

/** Lists an archive, packed or not. */
export async function listTar(archive: string): Promise<readonly TarEntry[]> {
  const args = ['--list', '--verbose', '--numeric-owner', '--quoting-style=c', `--file=${archive}`];
  const result = await run('tar', args, { env: { LC_ALL: 'C' }, timeoutMs: 60_000 });
  if (result.code !== 0) throw new Error(`tar: ${result.stderr.trim()}`);
  return result.stdout.split('\n').flatMap((line) => (line === '' ? [] : [entryOf(line)]));
}

/** The content of one file of an archive, as text. */
export async function readFromTar(archive: string, name: string): Promise<string> {
  const result = await run('tar', ['--extract', '--to-stdout', `--file=${archive}`, name], { timeoutMs: 60_000 });
  if (result.code !== 0) throw new Error(`tar: ${result.stderr.trim()}`);
  return result.stdout;
}

function entryOf(line: string): TarEntry {
  const [whole, letter = '', bits = '', uid, gid, size = '', name = '', link = ''] = LINE.exec(line) ?? [];
  const type = TYPES[letter];
  if (whole === undefined || type === undefined) throw new Error(`tar printed a line of another form: ${line}`);
  return {
    ...{ type, mode: octal(bits), uid: Number(uid), gid: Number(gid), link: unquote(link) },
    path: unquote(name).replace(/\/$/, ''),
    size: type === 'file' ? Number(size) : 0,
  };
}

/** `rwsr-xr-t` as `5755`. */
function octal(bits: string): string {
  const digit = (three: string): number =>
    (three[0] === 'r' ? 4 : 0) + (three[1] === 'w' ? 2 : 0) + (/[xst]/.test(three[2] ?? '') ? 1 : 0);
  const three = [bits.slice(0, 3), bits.slice(3, 6), bits.slice(6, 9)];
  const special = three.reduce((sum, one, index) => sum + (/[sStT]$/.test(one) ? 4 >> index : 0), 0);
  return `${special}${three.map(digit).join('')}`;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** What C writes as `\303\244` and `\n`. */
function unquote(text: string): string {
  const bytes: number[] = [];
  for (const [, digits, letter = '', plain = ''] of text.matchAll(/\\(?:([0-7]{3})|(.))|([^\\])/gs)) {
    if (digits !== undefined) bytes.push(Number.parseInt(digits, 8));
    else bytes.push(ESCAPES[letter] ?? (letter || plain).charCodeAt(0));
  }
  return Buffer.from(bytes).toString('utf8');
}
