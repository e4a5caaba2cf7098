import { describe, expect, it } from 'vitest';
import { scan, listed, type ScanWay } from '../support/scanTar';
import { END, file, folder, gnuLong, hardLink, header, pax, seal, symlink, tar } from '../support/tar';
import { Random } from '../../generator/random';

const LONG = `${'folder/'.repeat(30)}file`;

/** One archive with a bit of everything. */
const MIXED = tar(
  folder('etc'),
  file('etc/hosts', 'localhost'),
  file('empty'),
  file('block', 'x'.repeat(512)),
  file('large', Buffer.alloc(70_000, 'abc')),
  pax({ path: LONG, mtime: '1700000000.75', uid: '4000000000' }),
  file('short', 'content'),
  gnuLong('L', `${LONG}.gnu`),
  gnuLong('K', `${LONG}.target`),
  symlink('short', 'short'),
  hardLink('etc/hosts2', './etc/hosts'),
  file('last', Buffer.alloc(1025, 'z')),
);

describe('a tar archive in pieces', () => {
  const whole = scan(MIXED);
  const random = new Random('pieces');
  const ways: readonly (readonly [string, () => number])[] = [
    ...[1, 7, 511, 512, 513, 65_536].map((size) => [`${size} bytes`, () => size] as const),
    ['random lengths', () => random.int(1, 2000)],
  ];

  it('has these entries', () => {
    expect(whole.problem).toBeUndefined();
    expect(listed(MIXED)).toEqual([
      ...['etc directory 0', 'etc/hosts file 9', 'empty file 0', 'block file 512', 'large file 70000'],
      ...[
        `${LONG} file 7`,
        `${LONG}.gnu symlink 0 ${LONG}.target`,
        'etc/hosts2 hardlink 0 etc/hosts',
        'last file 1025',
      ],
    ]);
    expect(whole.contents).toHaveLength(6);
    for (const { path, offset, size } of whole.entries) {
      if (path === 'last') expect(MIXED.subarray(offset, offset + size).toString()).toBe('z'.repeat(1025));
    }
  });

  it.each(ways)('is the same in pieces of %s', (_, chunk) => {
    expect(scan(MIXED, { chunk })).toEqual(whole);
  });

  it.each(ways)('is the same in pieces of %s with contents left out', (_, chunk) => {
    const skips: Required<ScanWay>['skip'][] = [
      (bytes) => bytes,
      (bytes) => Math.min(bytes, 100),
      (bytes) => (random.chance(0.5) ? random.int(0, bytes) : 0),
    ];
    for (const skip of skips) {
      for (const wanted of [() => false, ({ size }: { size: number }) => size < 600, () => random.chance(0.5)]) {
        const { entries, problem } = scan(MIXED, { chunk, skip, wanted });
        expect([entries, problem]).toEqual([whole.entries, undefined]);
      }
    }
  });
});

describe('a header of a tar archive', () => {
  it('tells mode, owner and time', () => {
    const one = file('f', '', { mode: 0o104755, uid: 1000, gid: 50, mtime: 1_600_000_000 });
    expect(scan(tar(one)).entries).toMatchObject([{ mode: 0o4755, uid: 1000, gid: 50, modified: 1_600_000_000 }]);
  });

  it('may have its name in two parts', () => {
    expect(listed(tar(file('c', 'x', { prefix: 'a/b' })))).toEqual(['a/b/c file 1']);
    // GNU keeps times where POSIX has the first part
    expect(listed(tar(file('c', 'x', { prefix: '14000000000', magic: 'gnu' })))).toEqual(['c file 1']);
  });

  it('may have numbers of GNU', () => {
    const one = file('f', 'abc', { binary: true, uid: 3_000_000_000, gid: 5, mtime: -5 });
    expect(scan(tar(one)).entries).toMatchObject([{ size: 3, uid: 3_000_000_000, gid: 5, modified: -5 }]);
    const large = scan(header({ name: 'f', size: 2 ** 40, binary: true }));
    expect(large.entries).toMatchObject([{ size: 2 ** 40 }]);
  });

  it('may be of before POSIX, where a folder is a name with a slash', () => {
    expect(listed(tar(file('d/', '', { flag: '\0', magic: 'none' }), file('d/f', 'x', { flag: '\0' })))).toEqual([
      ...['d directory 0', 'd/f file 1'],
    ]);
  });

  it('may have a sum of signed bytes', () => {
    expect(listed(tar(seal(header(file('é')), true)))).toEqual(['é file 0']);
  });

  it('tells devices and pipes, and passes over what is none of a file system', () => {
    const kinds = ['3', '4', '6', 'V', 'M'].map((flag) => file(`k${flag}`, '', { flag }));
    expect(listed(tar(...kinds, file('f', '1')))).toEqual(['k3 character 0', 'k4 block 0', 'k6 fifo 0', 'f file 1']);
  });

  it('has no content behind it for anything but a file, whatever its size says', () => {
    for (const flag of ['1', '2', '3', '4', '5', '6']) {
      expect(listed(tar(header({ name: 'x', flag, size: 5000, link: 'y' }), file('f', '1'))).at(-1)).toBe('f file 1');
    }
  });

  it('has a name in UTF-8; what is none does no harm', () => {
    expect(listed(tar(file('ä€😀')))).toEqual(['ä€😀 file 0']);
    const latin = seal(Buffer.concat([Buffer.from('a\xff\xc3.b', 'latin1'), header(file('')).subarray(5)]));
    expect(listed(Buffer.concat([latin, END]))).toEqual(['a\ufffd\ufffd.b file 0']);
  });
});

describe('extended headers', () => {
  it('give a path, a link and a size to the next entry alone', () => {
    const archive = tar(
      pax({ path: 'a/long', size: '3' }),
      header({ name: 'short', size: 0 }),
      Buffer.concat([Buffer.from('abc'), Buffer.alloc(509)]),
      pax({ linkpath: 'a/target' }),
      symlink('l', 'short'),
      file('f', '12'),
    );
    expect(listed(archive)).toEqual(['a/long file 3', 'l symlink 0 a/target', 'f file 2']);
  });

  it('give whole seconds', () => {
    const archive = tar(pax({ mtime: '1700000000.999' }), file('a'), pax({ mtime: '-1.5' }), file('b'));
    expect(scan(archive).entries.map(({ modified }) => modified)).toEqual([1_700_000_000, -1]);
  });

  it('for all entries hold until one has its own', () => {
    const archive = tar(pax({ uid: '7', gid: '8' }, 'g'), file('a'), pax({ uid: '9' }), file('b'), file('c'));
    expect(scan(archive).entries.map(({ uid, gid }) => [uid, gid])).toEqual([
      [7, 8],
      [9, 8],
      [7, 8],
    ]);
  });

  it('say nothing where a value is empty', () => {
    expect(listed(tar(pax({ path: '', linkpath: '', size: '' }), file('a', '12'), file('b')))).toEqual([
      ...['a file 2', 'b file 0'],
    ]);
    expect(listed(tar(pax({ linkpath: '' }), symlink('a', 'b')))).toEqual(['a symlink 0 b']);
  });

  it('may have line ends and equals signs in a value, and keys that we do not know', () => {
    expect(listed(tar(pax({ 'SCHILY.xattr.user.x': 'a\n5 b=\n', path: 'a=b\nc' }), file('f')))).toEqual([
      'a=b\nc file 0',
    ]);
  });

  it('with the names of Solaris are the same', () => {
    expect(listed(tar(pax({ path: 'long' }, 'X'), file('f')))).toEqual(['long file 0']);
  });

  it('and long names of GNU may come for one entry', () => {
    expect(listed(tar(gnuLong('L', LONG), pax({ path: 'pax' }), file('f'), file('g')))).toEqual([
      ...['pax file 0', 'g file 0'],
    ]);
  });

  it.each([
    ['too short', '5 path=abc\n'],
    ['too long', '50 path=abc\n'],
    ['without a length', ' path=abc\n'],
    ['of nothing', '0 \n'],
    ['negative', '-12 path=abc\n'],
    ['huge', '99999999999999999999999 path=abc\n'],
    ['without equals', '11 pathabc\n\n'],
    ['without a key', '7 =abc\n'],
    ['without its line end', '12 path=abc '],
  ])('with a record that is %s end the archive', (_, content) => {
    expect(listed(tar({ name: 'x', flag: 'x', content }, file('f')))).toEqual(['not-an-archive']);
  });

  it('of gigabytes are not read', () => {
    for (const flag of ['x', 'g', 'L', 'K']) {
      const lying = header({ name: 'x', flag, size: 3 * 2 ** 30, binary: true });
      expect(listed(Buffer.concat([lying, Buffer.alloc(100_000, 'a')]))).toEqual(['too-much']);
    }
  });
});

describe('sparse files', () => {
  /** Old GNU: four parts in the header, more in blocks behind it. */
  function sparse(more: number): Buffer {
    const head = header({ name: 'hole', flag: 'S', magic: 'gnu', size: 3 });
    head.write('00000100000\0', 483);
    head[482] = more > 0 ? 1 : 0;
    const blocks = Array.from({ length: more }, (_, index) => {
      const block = Buffer.alloc(512, 'm');
      block[504] = index + 1 < more ? 1 : 0;
      return block;
    });
    return Buffer.concat([seal(head), ...blocks, Buffer.from('abc'), Buffer.alloc(509)]);
  }

  it.each([0, 1, 5])('of GNU have the size that is seen (%i blocks of a map)', (more) => {
    expect(listed(tar(sparse(more), file('f', '1')))).toEqual(['hole file 32768', 'f file 1']);
    expect(listed(tar(sparse(more), file('f', '1')), { chunk: () => 100, skip: (bytes) => bytes })).toEqual([
      ...['hole file 32768', 'f file 1'],
    ]);
  });

  it('of PAX have the name and the size that are seen', () => {
    const records = { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'hole', 'GNU.sparse.realsize': '32768' };
    expect(listed(tar(pax(records), file('GNUSparseFile.1/hole', 'map'), file('f', '1')))).toEqual([
      ...['hole file 32768', 'f file 1'],
    ]);
  });
});
