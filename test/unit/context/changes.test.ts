import { describe, expect, it } from 'vitest';
import { changesSince } from '../../../core/context/changes';
import { NOTHING_HELD, type HeldCopy } from '../../../core/context/received';
import { select } from '../../../core/context/selection';
import { copyOf, Folder, pathsOf, visible } from '../support/folder';

// what happened before the build is below 1000, a look after it is at 1500, later changes are at 2000
const BUILD = { start: 1000, end: 1100 };
// the builder keeps files since that build, but which ones is not known
const HELD: HeldCopy = { ...NOTHING_HELD, firstTransfer: 1000, heldSince: 1000 };
const since = (folder: Folder, source: string, ...patterns: readonly string[]) => {
  const sees = visible(...patterns);
  return changesSince(folder.tree, select(folder.tree, sees, copyOf(source)), sees, BUILD, HELD);
};
const CALM = { proven: [], touched: [], listing: undefined, unnoticed: [], doubtful: [], wanted: [] };
const changed = (path: string, change: string) => ({ ...CALM, proven: [{ path, change }] });

const D = ['d/ 755 @100', 'd/a 644 @100 =one', 'd/b 644 @100 =bbb'] as const;
const watched = () => new Folder().look(500, ...D).look(1500, ...D);

describe('a file', () => {
  const edit = (line: string) => since(watched().look(3000, 'd/ 755 @100', line, 'd/b 644 @100 =bbb'), 'd');

  it('that nobody touched is the same, also when nobody looked before', () => {
    expect(since(new Folder().look(3000, 'd/a 644 @100 ?one'), 'd')).toEqual(CALM);
  });

  it('with other content is different', () => {
    expect(edit('d/a 644 @2000 =two')).toEqual(changed('d/a', 'content'));
    expect(edit('d/a 644 @2000 ?longer')).toEqual(changed('d/a', 'content'));
  });

  it('with its content of then is the same, whatever its inode and time', () => {
    expect(edit('d/a 644 @2000 #77 =one')).toEqual(CALM);
  });

  it('whose new content was not read is wanted', () => {
    const changes = edit('d/a 644 @2000 ?two');
    expect(changes.proven).toEqual([]);
    expect(changes.touched).toEqual([{ path: 'd/a', change: 'content' }]);
    expect(pathsOf(changes.wanted)).toEqual(['d/a']);
  });

  it('is only touched when what it was is not known', () => {
    const changes = since(new Folder().look(3000, 'd/a 644 @2000 =two'), 'd');
    expect(changes).toEqual({ ...CALM, touched: [{ path: 'd/a', change: 'content' }] });
  });

  it('is only touched when its earlier content was never read', () => {
    const unread = ['d/ 755 @100', 'd/a 644 @100 ?one'] as const;
    const folder = new Folder().look(1500, ...unread).look(3000, 'd/ 755 @100', 'd/a 644 @2000 =two');
    expect(since(folder, 'd')).toEqual({ ...CALM, touched: [{ path: 'd/a', change: 'content' }] });
  });

  it('that stayed empty is the same', () => {
    const folder = new Folder().look(1500, 'e 644 @100 ?').look(3000, 'e 644 @2000 ?');
    expect(since(folder, 'e')).toEqual(CALM);
  });

  it('with another mode is different', () => {
    expect(edit('d/a 755 @2000 ~100 =one')).toEqual(changed('d/a', 'mode'));
  });

  it('that became a link or a pipe is different', () => {
    expect(edit('d/a 777 @2000 >b')).toEqual(changed('d/a', 'type'));
    expect(edit('d/a 644 @2000 fifo')).toEqual(changed('d/a', 'type'));
  });

  it('with size and time of then may go unnoticed', () => {
    expect(edit('d/a 644 @2000 ~100 =two')).toEqual({
      ...CALM,
      unnoticed: [{ path: 'd/a', change: 'content' }],
    });
  });

  it('whose time was set may be one of which the builder has other bytes', () => {
    expect(edit('d/a 644 @2000 ~70 =two')).toEqual({ ...CALM, doubtful: [{ path: 'd/a', change: 'content' }] });
    expect(edit('d/a 644 @2000 ~70 =one')).toEqual({ ...CALM, doubtful: [{ path: 'd/a', change: 'content' }] });
    expect(edit('d/a 644 @2000 ~70 =longer')).toEqual(changed('d/a', 'content'));
  });

  it('that changed in the last tick before the build is not trusted', () => {
    const folder = new Folder().look(3000, 'd/a 644 @1000 =one');
    expect(since(folder, 'd').touched).toHaveLength(1);
  });
});

describe('a link', () => {
  const L = ['l 777 @100 >a', 'a 644 @1 =a', 'b 644 @1 =b'] as const;
  it('in the way that points elsewhere may lead to the same content', () => {
    const folder = new Folder().look(1500, ...L).look(3000, 'l 777 @2000 >b', 'a 644 @1 =a', 'b 644 @1 =b');
    expect(since(folder, 'l')).toEqual({ ...CALM, touched: [{ path: 'l', change: 'link' }] });
  });

  it('in the way that was made again is the same', () => {
    const folder = new Folder().look(1500, ...L).look(3000, 'l 777 @2000 #9 >a', 'a 644 @1 =a', 'b 644 @1 =b');
    expect(since(folder, 'l')).toEqual(CALM);
  });

  it('in the way of which nobody knows what it was is only touched', () => {
    const folder = new Folder().look(3000, 'l 777 @2000 >a', 'a 644 @1 =a');
    expect(since(folder, 'l')).toEqual({ ...CALM, touched: [{ path: 'l', change: 'link' }] });
  });

  it('that took the place of a file in the way, or the other way round, may lead to the same content', () => {
    const folder = new Folder().look(1500, 'l 644 @1 =a', 'a 644 @1 =a').look(3000, 'l 777 @2000 >a', 'a 644 @1 =a');
    expect(since(folder, 'l')).toEqual({ ...CALM, touched: [{ path: 'l', change: 'type' }] });
    const real = new Folder().look(1500, ...L).look(3000, 'l 644 @2000 =a', 'a 644 @1 =a', 'b 644 @1 =b');
    expect(since(real, 'l')).toEqual({ ...CALM, touched: [{ path: 'l', change: 'type' }] });
  });

  it('that is copied counts by its text', () => {
    const folder = new Folder().look(1500, 'd/l 777 @100 >a').look(3000, 'd/l 777 @2000 >b');
    expect(since(folder, 'd')).toEqual(changed('d/l', 'link'));
  });
});

describe('a folder', () => {
  it('with a new file is different', () => {
    expect(since(watched().look(3000, 'd/ 755 @2000', ...D.slice(1), 'd/c 644 @2000 =c'), 'd')).toEqual(
      changed('d/c', 'added'),
    );
  });

  it('with a new file that was moved there with its old time is different', () => {
    expect(
      since(watched().look(3000, 'd/ 755 @2000', ...D.slice(1), 'd/c/ 755 @2000', 'd/c/x 644 @50 =x'), 'd'),
    ).toEqual({
      ...changed('d/c', 'added'),
      listing: 'd/c',
    });
  });

  it('without a file of then is different', () => {
    expect(since(watched().look(3000, 'd/ 755 @2000', 'd/a 644 @100 =one'), 'd')).toEqual(changed('d/b', 'removed'));
  });

  it('in which a file was replaced on saving is the same when the content is', () => {
    expect(since(watched().look(3000, 'd/ 755 @2000', 'd/a 644 @2000 #99 =one', 'd/b 644 @100 =bbb'), 'd')).toEqual(
      CALM,
    );
  });

  it('that changed is open when nobody knows what was in it', () => {
    expect(since(new Folder().look(3000, 'd/ 755 @2000', 'd/a 644 @100 =one'), 'd')).toEqual({ ...CALM, listing: 'd' });
  });

  it('of which only the mode changed may go unnoticed', () => {
    expect(since(watched().look(3000, 'd/ 700 @2000', ...D.slice(1)), 'd')).toEqual({
      ...CALM,
      unnoticed: [{ path: 'd', change: 'mode' }],
    });
  });

  it('that is only on the way counts neither by its mode nor by its names', () => {
    expect(since(watched().look(3000, 'd/ 700 @2000', 'd/a 644 @100 =one', 'd/z 644 @2000 =z'), 'd/a')).toEqual(CALM);
  });

  it('that was moved here is not trusted, however old what is in it', () => {
    for (const source of ['d', 'd/a']) {
      expect(since(watched().look(3000, './ 755 @2000', 'd/ 755 @2000 #99', ...D.slice(1)), source).listing).toBe('d');
    }
    expect(since(new Folder().look(3000, './ 755 @2000', 'd/ 755 @2000', ...D.slice(1)), 'd/a').listing).toBe('d');
  });

  it('has only what is not ignored', () => {
    const folder = watched().look(3000, 'd/ 755 @2000', 'd/a 644 @100 =one', 'd/c.log 644 @2000 =c');
    expect(since(folder, 'd', 'd/b', '**/*.log')).toEqual(CALM);
  });
});

describe('the context itself', () => {
  it('may get new files and another mode when one file of it is copied', () => {
    const folder = watched().look(3000, './ 700 @2000', ...D, 'new 644 @2000 =n');
    expect(since(folder, 'd/a')).toEqual(CALM);
    expect(since(folder, '.')).toEqual(changed('new', 'added'));
  });

  it('is not trusted when the folder above changed too and nobody saw it before', () => {
    const first = new Folder(2000).look(3000, './ 755 @2000', ...D);
    expect(since(first, 'd/a').listing).toBe('');
    const seen = new Folder(2000).look(500, ...D).look(3000, './ 755 @2000', ...D);
    expect(since(seen, 'd/a')).toEqual(CALM);
    const swapped = new Folder(2000).look(500, ...D).look(3000, './ 755 @2000 #99', ...D);
    expect(since(swapped, 'd/a').listing).toBe('');
  });
});

describe('a wildcard', () => {
  const files = ['a.txt 644 @100 =a', 'b.txt 644 @100 =b'] as const;
  const then = () => new Folder().look(500, ...files).look(1500, ...files);

  it('minds new and removed names that match, and no others', () => {
    expect(since(then().look(3000, './ 755 @2000', ...files, 'c.txt 644 @2000 =c'), '*.txt')).toEqual(
      changed('c.txt', 'added'),
    );
    expect(since(then().look(3000, './ 755 @2000', 'a.txt 644 @100 =a'), '*.txt')).toEqual(changed('b.txt', 'removed'));
    expect(since(then().look(3000, './ 755 @2000', ...files, 'c.md 644 @2000 =c'), '*.txt')).toEqual(CALM);
  });

  it('through folders proves nothing by a name on the way', () => {
    const below = ['d/ 755 @100', 'd/e/ 755 @100', 'd/e/x.c 644 @100 =x'] as const;
    const before = (): Folder => new Folder().look(500, ...below).look(1500, ...below);
    const changedIn = ['d/ 755 @2000', ...below.slice(1)] as const;
    for (const now of [[...changedIn, 'd/f.txt 644 @2000 =f'], [...changedIn, 'd/f/ 755 @2000'], ['d/ 755 @2000']]) {
      const { proven, listing } = since(before().look(3000, ...now), '*/*/*.c');
      expect(proven).toEqual([]);
      expect(listing).toBeDefined();
    }
  });

  it.each([
    ['is gone', ['./ 755 @2000']],
    ['is a file now', ['./ 755 @2000', 'd 644 @2000 #77 =x']],
    ['is another one', ['./ 755 @2000', 'd/ 755 @2000 #77']],
  ])('below a folder that %s finds other names than before', (_, now) => {
    const below = ['d/ 755 @100', 'd/x.c 644 @100 =x'] as const;
    const folder = new Folder()
      .look(500, ...below)
      .look(1500, ...below)
      .look(3000, ...now);
    expect(since(folder, 'd/*.c').listing).toBeDefined();
    // and nothing is said of a folder that is as it was
    const asEver = new Folder().look(500).look(1500).look(3000, 'other 644 @2000 =x');
    expect(since(asEver, 'd/*.c')).toEqual(CALM);
  });

  it('is open where nobody knows the earlier names', () => {
    expect(since(new Folder().look(3000, './ 755 @2000', ...files), '*.txt').listing).toBe('');
  });
});
