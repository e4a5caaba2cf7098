import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../core/node/sha256';
import { Files, type SumScope } from '../support/classic';
import { nodeOf, pathsOf } from '../support/folder';

/** What an engine wrote of real builds: `DOCKER_BUILDKIT=0 docker build`, then `docker history --no-trunc`. */
interface Recorded {
  /** The context, as {@link Files} has it. */
  readonly files: readonly string[];
  readonly copies: readonly {
    readonly what: string;
    readonly keyword: string;
    readonly sources: readonly string[];
    readonly destination: string;
    readonly ignore: readonly string[];
    readonly sum: string;
  }[];
}

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/classic/sums.json'), 'utf8'),
) as Recorded;

/** The formula of the builder, written down once more. */
const entrySum = (name: string, mode: number, type: string, content = '', link = ''): string =>
  sha256(
    `name${name}mode${mode}uid0gid0size${type === '0' ? content.length : 0}` +
      `typeflag${type}linkname${link}unamegnamedevmajor0devminor0${type === '0' ? content : ''}`,
  );
const folderSum = (...sums: readonly string[]): string => `dir:${sha256([...sums].sort().join(','))}`;

describe('the sum of copied files', () => {
  for (const { what, keyword, sources, destination, ignore, sum } of recorded.copies) {
    it(`is that of the engine for ${what}`, () => {
      const scope: SumScope = { ignore, keyword, isTree: destination.endsWith('/') };
      expect(new Files(...recorded.files, 'Dockerfile', '.dockerignore').sum(sources, scope)).toBe(sum);
    });
  }

  it('is made of name, mode, size and content of a file', () => {
    expect(new Files('a 640 =hello').sum('a')).toBe(`file:${entrySum('a', 0o640, '0', 'hello')}`);
  });

  it('has the kind of a file in its mode where docker is older than 24', () => {
    const files = new Files('d/ 755', 'd/a 644 =hi', 'd/l 777 >a', 'd/p 600 fifo');
    const kinds = {
      dir: entrySum('d/', 0o040755, '5'),
      file: entrySum('d/a', 0o100644, '0', 'hi'),
      pipe: entrySum('d/p', 0o010600, '6'),
    };
    // the link counts as what it leads to
    expect(files.sum('d', { typeBits: true })).toBe(folderSum(kinds.dir, kinds.file, kinds.file, kinds.pipe));
  });

  it('counts a folder of the context by its own name, wherever the source comes from', () => {
    const files = new Files('d/ 700', 'd/a 644 =hi', 'to 777 >d');
    const wanted = folderSum(entrySum('d/', 0o700, '5'), entrySum('d/a', 0o644, '0', 'hi'));
    for (const source of ['d', 'd/', './d', '/d', 'd/.', 'x/../d', 'to', './to/']) {
      expect(files.sum(source), source).toBe(wanted);
    }
  });

  it('has no entry for the context itself', () => {
    const a = entrySum('a', 0o644, '0', 'x');
    for (const source of ['.', './', '/', '']) expect(new Files('a =x').sum(source), source).toBe(folderSum(a));
  });

  it('takes a dangling link for the text of its own path, and leaves a looping one out', () => {
    const files = new Files('d/ 755', 'd/none 777 >nowhere', 'd/loop 777 >loop', 'd/out 777 >../../../etc/passwd');
    expect(files.sum('d')).toBe(folderSum(entrySum('d/', 0o755, '5'), 'd/none', 'd/out'));
  });

  it('takes a link to the context itself for the text of its own path', () => {
    expect(new Files('d/ 755', 'd/up 777 >..').sum('d')).toBe(folderSum(entrySum('d/', 0o755, '5'), 'd/up'));
  });

  it('has an empty size for the second name of a file', () => {
    const files = new Files('d/ 755', 'd/1 644 #9 x2 =same', 'd/2 644 #9 x2 =same');
    const first = entrySum('d/1', 0o644, '0', 'same');
    expect(files.sum('d/1')).toBe(`file:${first}`);
    expect(files.sum('d/2')).toBe(`file:${entrySum('d/2', 0o644, '1', '', 'd/1')}`);
  });

  it('takes a second name for the first where the first is ignored', () => {
    const files = new Files('d/ 755', 'd/1 644 #9 x2 =same', 'd/2 644 #9 x2 =same');
    expect(files.sum('d/2', { ignore: ['d/1'] })).toBe(`file:${entrySum('d/2', 0o644, '0', 'same')}`);
  });

  it('leaves sockets out', () => {
    const files = new Files('d/ 755', 'd/s 755 socket');
    expect(files.sum('d')).toBe(folderSum(entrySum('d/', 0o755, '5')));
  });

  it('is not claimed for devices and what cannot be looked at', () => {
    for (const kind of ['device', 'unreadable']) {
      expect(new Files('d/ 755', `d/x 644 ${kind}`).sum('d')).toBe('unknown: what is sent of d/x is not known');
    }
  });

  it('sorts the sums of a folder, but keeps the order of sources', () => {
    const files = new Files('a =1', 'b =2');
    const [a, b] = [files.sum('a'), files.sum('b')];
    expect(files.sum(['a', 'b'])).toBe(`multi:${sha256(`${a},${b}`)}`);
    expect(files.sum(['b', 'a'])).toBe(`multi:${sha256(`${b},${a}`)}`);
  });

  it('puts matches of a wildcard in the order in which Go walks', () => {
    // a/x comes before a.x: a folder before what is behind it by its bytes
    const files = new Files('a/ 755', 'a/x =1', 'a.x =2', 'é.x =3');
    const parts = ['a.x', 'é.x'].map((path) => files.sum(path)).join(',');
    expect(files.sum('*.x')).toBe(`multi:${sha256(parts)}`);
    expect(files.sum('*/x')).toBe(files.sum('a/x'));
  });

  it('counts what a wildcard finds in a folder that it finds, too, twice', () => {
    const files = new Files('d/ 755', 'd/a =1', 'x =2');
    const parts = [files.sum('d'), files.sum('x')].join(',');
    expect(files.sum('*')).toBe(`multi:${sha256(parts)}`);
  });

  it('does not take a wildcard that is escaped for one', () => {
    expect(new Files('a* =1', 'ab =2').sum('a[*]')).toBe(new Files('a* =1').sum('a[*]'));
  });
});

describe('files of a copy', () => {
  it('are asked for once, with the text that their sum begins with', () => {
    const sums = new Files('a 644 =hello', 'd/ 755', 'd/b 600 =x').sums();
    expect(sums.sum(['a', 'd', 'a'], 'COPY', true)).toEqual({ kind: 'unread' });
    expect([...sums.wanted.values()].map(({ node, header }) => [node.path, header.slice(0, 22)])).toEqual([
      ['a', 'nameamode420uid0gid0si'],
      ['d/b', 'named/bmode384uid0gid0'],
    ]);
  });

  it('are not asked for where they are empty', () => {
    const sums = new Files('d/ 755', 'd/empty').sums();
    expect(sums.sum(['d'], 'COPY', false)).toMatchObject({ kind: 'sum' });
    expect(sums.wanted.size).toBe(0);
  });

  it('are asked for again when their mode changes, not when they are only touched', () => {
    const files = new Files('a 644 @100 =hello');
    const before = files.sum('a');
    files.look(6000, 'a 644 @5500 =hello');
    expect(files.sums().sum(['a'], 'COPY', false)).toEqual({ kind: 'unread' });
    expect(files.sum('a')).toBe(before);
    files.look(7000, 'a 755 @6500 =hello');
    expect(files.sum('a')).not.toBe(before);
  });

  it('are all that is below a folder and what a wildcard finds', () => {
    const files = new Files('a =1', 'd/ 755', 'd/b =2', 'd/c/ 755', 'other =3');
    expect(pathsOf(files.sums().taken(['d', 'a*']))).toEqual(['a', 'd', 'd/b', 'd/c']);
  });

  it('that the builder will not notice are links in folders and second names', () => {
    const files = new Files('d/ 755', 'd/l 777 >x', 'd/1 644 #9 x2 =s', 'd/2 644 #9 x2 =s', 'top 777 >d');
    const spots = [...files.sums().blindSpots(['d', 'top'])].map(({ node, isSecondName }) => [node.path, isSecondName]);
    expect(spots).toEqual([
      ['d/2', true],
      ['d/l', false],
      ['d/2', true],
      ['d/l', false],
    ]);
  });
});

describe('a copy that cannot be made', () => {
  const files = new Files('a =1', 'b =2', 'd/ 755', 'gone 777 >nowhere', 'loop 777 >loop', 'in-file 777 >a/x');
  const cases: readonly [string, readonly string[], SumScope, string][] = [
    ['of a file that is not there', ['none'], {}, 'none is not in the build context, or is ignored'],
    ['of an ignored file', ['a'], { ignore: ['a'] }, 'a is not in the build context, or is ignored'],
    ['of a dangling link', ['gone'], {}, 'gone is not in the build context, or is ignored'],
    ['of a link in circles', ['loop'], {}, 'COPY failed: loop leads nowhere'],
    ['of a path through a file', ['in-file'], {}, 'COPY failed: in-file leads nowhere'],
    ['of what a wildcard does not find', ['no*'], {}, 'COPY failed: no source files were specified'],
    ['of a pattern that is none', ['[a'], {}, 'COPY failed: no source files were specified'],
    ['of a path outside', ['../a'], {}, 'forbidden path outside the build context: ../a'],
    [
      'of several files to a name',
      ['a', 'b'],
      { isTree: false },
      'COPY of more than one file wants a destination that ends with /',
    ],
  ];
  it.each(cases)('is one %s', (_, sources, scope, message) => {
    expect(files.result(sources, scope)).toMatchObject({ kind: 'failure', message });
  });

  it('is none where a single source has no trailing slash', () => {
    expect(files.result(['a'], { isTree: false })).toMatchObject({ kind: 'sum' });
  });
});

describe('a Dockerfile that is not in the context', () => {
  const files = new Files('.dockerignore =x', 'a =1', 'd/ 755');

  it('makes every copy of the ignore file another one', () => {
    expect(files.result(['.'], { dockerfile: '', ignore: ['none'] })).toMatchObject({ kind: 'never' });
    expect(files.result(['.dockerignore'], { dockerfile: '', ignore: ['none'] })).toMatchObject({ kind: 'never' });
  });

  it('makes no difference where that is ignored, or not copied', () => {
    expect(files.result(['.'], { dockerfile: '', ignore: ['.dockerignore'] })).toMatchObject({ kind: 'sum' });
    expect(files.result(['a'], { dockerfile: '', ignore: ['none'] })).toMatchObject({ kind: 'sum' });
  });
});

describe('bytes of the layer of a copy', () => {
  const files = new Files('a =12345', 'd/ 755', 'd/1 644 #9 x2 =same', 'd/2 644 #9 x2 =same', 'd/l 777 >abc');

  it('are those of the files, second names not counted, and the texts of links beside them', () => {
    expect(files.sums().bytes(['a', 'd'], false)).toEqual({ files: 9, links: 3 });
  });

  it('are not known where one file lies over another', () => {
    expect(new Files('a =1', 'd/ 755', 'd/a =2').sums().bytes(['a', 'd'], false)).toBeUndefined();
  });

  it('are not known of what ADD may unpack', () => {
    const where = new Files('x.tar =tar', 'y ?unread', 'z =z', 'd/ 755', 'd/x.tar =tar');
    expect(where.sums().bytes(['x.tar'], true)).toBeUndefined();
    expect(where.sums().bytes(['y'], true)).toBeUndefined();
    expect(where.sums().bytes(['z'], true)).toEqual({ files: 1, links: 0 });
    expect(where.sums().bytes(['d'], true)).toEqual({ files: 3, links: 0 });
    expect(nodeOf(where.tree, 'x.tar').archive).toBe(true);
  });
});
