import { describe, expect, it } from 'vitest';
import type { LayerEntry } from '../../../core/image/layerEntries';
import { Random } from '../../generator/random';
import { listed, scan } from '../support/scanTar';
import { END, file, folder, gnuLong, hardLink, header, item, pax, seal, symlink, tar } from '../support/tar';

/** What has to hold of every entry, whatever was in the archive. */
function isSane({ path, size, mode, uid, gid, modified, link, type, offset }: LayerEntry): boolean {
  const numbers = [size, mode, uid, gid, offset + 1];
  const isClean = (name: string): boolean => !/^\/|(?:^|\/)\.{0,2}(?:\/|$)/.test(name) || name === '';
  return (
    numbers.every((number) => Number.isSafeInteger(number) && number >= 0) &&
    // JavaScript has dates up to there
    Number.isInteger(modified) &&
    Math.abs(modified) <= 8_640_000_000_000 &&
    mode <= 0o7777 &&
    uid <= 0xffffffff &&
    gid <= 0xffffffff &&
    isClean(path) &&
    (type !== 'hardlink' || isClean(link))
  );
}

describe('names that lead elsewhere', () => {
  it('stay below the root', () => {
    const names = ['/etc/passwd', '../../etc/shadow', 'a/../../../b', '..', './', 'a//b/./c', '/../..//d/'];
    const paths = scan(tar(...names.map((name) => file(name)))).entries.map(({ path }) => path);
    expect(paths).toEqual(['etc/passwd', 'etc/shadow', 'b', '', '', 'a/b/c', 'd']);
  });

  it('stay below the root in extended headers and links', () => {
    expect(listed(tar(pax({ path: '../../x' }), file('f'), gnuLong('L', '/../y'), file('f')))).toEqual([
      ...['x file 0', 'y file 0'],
    ]);
    expect(listed(tar(hardLink('a', '../../etc/passwd'), symlink('b', '../../etc/passwd')))).toEqual([
      ...['a hardlink 0 etc/passwd', 'b symlink 0 ../../etc/passwd'],
    ]);
  });

  it('may be very deep, and are left out where no file system has such', () => {
    const deep = (levels: number): Buffer =>
      Buffer.concat([pax({ path: `${'d/'.repeat(levels)}f` }), item(file('f', 'x'))]);
    const found = scan(tar(deep(2000), deep(400_000), file('after', '1')));
    expect(found.entries.map(({ path }) => path.length)).toEqual([4001, 5]);
    expect([found.oddities, found.problem]).toEqual([1, undefined]);
  });
});

describe('an archive that breaks off', () => {
  const archive = tar(
    ...[folder('a'), file('a/f', 'x'.repeat(600)), pax({ path: 'long' }), file('b', 'y'), gnuLong('L', 'c'), file('c')],
  );
  const whole = scan(archive);
  const end = archive.length - END.length;

  it('says so, and has the entries that came before', () => {
    for (let length = 0; length <= archive.length; length++) {
      const { entries, problem } = scan(archive.subarray(0, length));
      expect(entries, `${length} bytes`).toEqual(whole.entries.slice(0, entries.length));
      const isCut = length < end && problem === undefined;
      // between two entries it cannot be told from an archive without its last zeros
      if (isCut) expect([length % 512, scan(archive.subarray(0, length + 1)).problem?.code]).toEqual([0, 'truncated']);
      if (length >= end && length % 512 === 0) expect(problem, `${length} bytes`).toBeUndefined();
    }
  });

  it('says so when it breaks off in a content that is left out', () => {
    const cut = archive.subarray(0, 1200);
    expect(scan(cut, { wanted: () => false }).problem?.code).toBe('truncated');
  });
});

describe('sizes that lie', () => {
  it('huge ones reach beyond the end', () => {
    for (const size of [2 ** 33, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const { entries, problem } = scan(tar(header({ name: 'f', size, binary: true }), file('g')), {
        chunk: () => 512,
      });
      expect([entries.length, entries[0]?.size, problem?.code]).toEqual([1, size, 'truncated']);
    }
  });

  it('are no sizes below zero, beyond all numbers, or as text', () => {
    expect(listed(tar(header({ name: 'f', size: -1, binary: true })))).toEqual(['not-an-archive']);
    const endless = header({ name: 'f' });
    endless.fill(0xff, 125, 136);
    endless[124] = 0xbf;
    expect(listed(tar(seal(endless)))).toEqual(['not-an-archive']);
    const text = header({ name: 'f' });
    text.write('12x45', 124);
    expect(listed(tar(seal(text)))).toEqual(['not-an-archive']);
    for (const size of ['-1', '9e999', 'abc', '1.5', '99999999999999999999']) {
      expect(listed(tar(pax({ size }), file('f')))).toEqual(['not-an-archive']);
    }
  });

  it('of sparse files are numbers or the stored ones', () => {
    for (const real of ['-1', 'abc', '9e999', '1.5', '']) {
      const { entries } = scan(tar(pax({ 'GNU.sparse.realsize': real }), file('f', 'abc')));
      expect(entries.filter(isSane), real).toHaveLength(1);
    }
    const old = header({ name: 'f', flag: 'S', magic: 'gnu' });
    old.fill(0xff, 483, 495);
    const endless = Buffer.from(old);
    endless[483] = 0xbf;
    for (const block of [old, endless]) expect(scan(tar(seal(block))).entries.filter(isSane)).toHaveLength(1);
  });

  it('are as odd for times and owners, which are none then', () => {
    for (const value of ['9e999', 'abc', '-9999999999999999999', 'Infinity', 'NaN']) {
      const { entries } = scan(tar(pax({ mtime: value, uid: value, gid: value }), file('f')));
      expect(entries.filter(isSane), value).toHaveLength(1);
    }
    const block = header({ name: 'f' });
    block.fill(0xff, 137, 148);
    block[136] = 0xbf;
    expect(scan(tar(seal(block))).entries.filter(isSane)).toHaveLength(1);
  });
});

describe('what is no archive', () => {
  it('is named', () => {
    expect(listed(Buffer.alloc(0))).toEqual([]);
    expect(listed(Buffer.from('hello'))).toEqual(['truncated']);
    expect(listed(Buffer.alloc(512, 'hello'))).toEqual(['not-an-archive']);
    expect(listed(Buffer.concat([item(file('a')), Buffer.alloc(512, 1)]))).toEqual(['a file 0', 'not-an-archive']);
  });

  it('begins behind two blocks of zeros, and is not looked at', () => {
    expect(listed(Buffer.concat([tar(file('a')), Buffer.alloc(5000, 'junk')]))).toEqual(['a file 0']);
    expect(listed(Buffer.concat([item(file('a')), Buffer.alloc(512), item(file('b'))]))).toEqual([
      ...['a file 0', 'not-an-archive'],
    ]);
  });
});

describe('random damage', () => {
  const base = tar(
    ...[folder('a'), file('a/f', 'x'.repeat(600)), pax({ path: 'long', size: '1', mtime: '5' }), file('b', 'y')],
    ...[
      gnuLong('L', 'c'),
      gnuLong('K', 'd'),
      symlink('c', 'd'),
      hardLink('e', 'a/f'),
      pax({ uid: '1' }, 'g'),
      file('z'),
    ],
  );

  it.each(Array.from({ length: 20 }, (_, number) => number))('makes no scanner throw or loop (%i)', (number) => {
    const random = new Random(`damage ${number}`);
    for (let run = 0; run < 100; run++) {
      const bytes = random.chance(0.1) ? Buffer.alloc(random.int(0, 4000)) : Buffer.from(base);
      if (random.chance(0.1)) for (let at = 0; at < bytes.length; at++) bytes[at] = random.int(0, 255);
      for (let change = random.int(0, 8); change > 0 && bytes.length > 0; change--) {
        bytes[random.int(0, bytes.length - 1)] = random.int(0, 255);
      }
      // sums are made right again: otherwise nothing behind them would be looked at
      const isSealed = random.chance(0.8);
      for (let at = 0; isSealed && at + 512 <= bytes.length; at += 512) {
        const block = bytes.subarray(at, at + 512);
        if (block.subarray(257, 262).toString() === 'ustar') seal(block);
      }
      const lengths = random.pick([1, 100, 512, 5000]);
      const seen = scan(bytes, {
        chunk: () => random.int(1, lengths),
        skip: (left) => (random.chance(0.5) ? left : 0),
        wanted: () => random.chance(0.5),
      });
      expect(seen.entries.filter((entry) => !isSane(entry))).toEqual([]);
      expect(scan(bytes, { chunk: () => 512 })).toEqual(scan(bytes));
    }
  });
});

describe('many entries', () => {
  it('are read in a time that grows as they do', () => {
    const blocks = Array.from({ length: 1000 }, (_, index) => header({ name: `some/folder/of/many/file-${index}` }));
    const part = Buffer.concat(blocks);
    const archive = Buffer.concat([...Array.from({ length: 200 }, () => part), END]);
    const started = performance.now();
    const { entries } = scan(archive, { chunk: () => 65_536 });
    expect(entries).toHaveLength(200_000);
    // a machine that does other things as well needs half a second
    expect(performance.now() - started).toBeLessThan(8000);
  });
});
