import { describe, expect, it } from 'vitest';
import { lastStep, project } from '../support/evidence';
import { Folder, pathsOf } from '../support/folder';
import { stage } from '../support/plan';

const sizeOf = (line: string, ...files: readonly string[]) =>
  lastStep(undefined, stage(line), { tree: new Folder().look(3000, ...files).tree }).size.bytes;

describe('the bytes of what is copied', () => {
  it.each<[string, string[], number | null]>([
    ['COPY a /a', ['a 644 ?hello'], 5],
    ['COPY . /', ['a 644 ?hello', 'd/b 644 ?bb'], 7],
    ['COPY *.txt /t/', ['a.txt 644 ?hello', 'b.txt 644 ?bb', 'c.md 644 ?c'], 7],
    ['COPY gone* /t/', ['a 644 ?hello'], 0],
    ['COPY d /d', ['d/ 755'], 0],
    ['COPY d /d', ['d/l 777 >somewhere', 'd/a 644 ?a', 'd/p 644 fifo'], 1],
    ['COPY l /l', ['l 777 >a', 'a 644 ?hello'], 5],
    ['COPY d /d', ['d/a 644 x2 #7 ?hello', 'd/b 644 x2 #7 ?hello'], 5],
    ['COPY d /d', ['d/a 644 x2 #7 ?hello', 'd/b 644 x2 #8 ?hello'], 10],
    ['COPY x/f y/f /d/', ['x/f 644 ?first', 'y/f 644 ?other!'], 6],
    ['COPY x y /d/', ['x/f 644 ?first', 'x/g 644 ?g', 'y/f 644 ?other!'], 7],
    ['COPY d /d', ['d/a unreadable'], null],
    ['COPY --exclude=*.md d /d', ['d/a 644 ?a', 'd/b.md 644 ?bb', 'd/e/c.md 644 ?ccc'], 4],
    ['COPY --exclude=**/*.md --exclude=e d /d', ['d/a 644 ?a', 'd/b.md 644 ?bb', 'd/e/c 644 ?ccc'], 1],
  ])('%s of %j is %s', (line, files, expected) => {
    expect(sizeOf(line, ...files)).toBe(expected);
  });

  it('counts neither what is ignored nor what the target does not need', () => {
    const tree = new Folder().look(3000, 'd/a 644 ?hello', 'd/b.log 644 ?bb').tree;
    expect(lastStep(undefined, stage('COPY d /d'), { tree, patterns: ['**/*.log'] }).size.bytes).toBe(5);
  });

  it('of inline documents is that of their UTF-8 text', () => {
    expect(sizeOf('COPY <<E /e\né€\nE')).toBe(6);
  });

  it('of a WORKDIR is none', () => {
    expect(sizeOf('WORKDIR /w')).toBe(0);
  });
});

describe('the bytes of ADD', () => {
  it('of a file are asked for until it is known to be no archive', () => {
    const folder = new Folder().look(3000, 'x.tar 644 @1 ?tar!');
    const text = stage('ADD x.tar /x/');
    const { context } = project(undefined, text, { tree: folder.tree });
    expect(pathsOf(context?.wanted ?? [])).toEqual(['x.tar']);
    folder.read(context?.wanted ?? [], 3000);
    expect(lastStep(undefined, text, { tree: folder.tree }).size.bytes).toBeNull();
  });

  it('of what is no archive are those of the file', () => {
    expect(sizeOf('ADD x /x', 'x 644 @1 =plain')).toBe(5);
    expect(sizeOf('ADD e /e', 'e 644 @1 ?')).toBe(0);
  });

  it('of a folder are those of its files, archives as they are', () => {
    expect(sizeOf('ADD d /d', 'd/x.tar 644 @1 ?tar!')).toBe(4);
  });
});
