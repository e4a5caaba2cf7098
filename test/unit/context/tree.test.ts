import { describe, expect, it } from 'vitest';
import { Folder, nodeOf } from '../support/folder';

const at = (start: number, end = start + 100) => ({ start, end });

describe('the state of a path during a build', () => {
  it('is known when it was there before and seen after', () => {
    const { tree } = new Folder().look(3000, 'a 644 @100 =one');
    expect(nodeOf(tree, 'a').stateAt(at(1000))?.digest).toBe('one');
  });

  it('is known when it changed after a look that came after the build', () => {
    const { tree } = new Folder().look(1500, 'a 644 @100 =one').look(3000, 'a 644 @2000 =two');
    expect(nodeOf(tree, 'a').stateAt(at(1000))?.digest).toBe('one');
    expect(nodeOf(tree, 'a').stateAt(at(2500))?.digest).toBe('two');
  });

  it('is not known when the last look came before the build, or during it', () => {
    for (const last of [500, 1050]) {
      const { tree } = new Folder().look(last, 'a 644 @100 =one').look(3000, 'a 644 @2000 =two');
      expect(nodeOf(tree, 'a').stateAt(at(1000))).toBeUndefined();
    }
  });

  it('is not known when it changed during the build', () => {
    const { tree } = new Folder().look(500, 'a 644 @100 =one').look(3000, 'a 644 @1050 =two');
    expect(nodeOf(tree, 'a').stateAt(at(1000))).toBeUndefined();
  });

  it('is kept of what is gone, with everything below', () => {
    const { tree } = new Folder().look(1500, 'd/ 755 @50', 'd/a 644 @100 =one').look(3000, './ 755 @2000');
    expect(nodeOf(tree, 'd/a').entry).toBeUndefined();
    expect(nodeOf(tree, 'd/a').stateAt(at(1000))?.digest).toBe('one');
    expect(nodeOf(tree, 'd').stateAt(at(1000))?.names).toEqual(['a']);
  });

  it('is forgotten after eight later ones', () => {
    const folder = new Folder().look(1500, 'a 644 @100 =one');
    for (let turn = 1; turn <= 9; turn++) folder.look(2000 + turn * 100, `a 644 @${2000 + turn * 100 - 50} =${turn}`);
    expect(nodeOf(folder.tree, 'a').stateAt(at(1000))).toBeUndefined();
  });
});

describe('the state of a path during a build that is known', () => {
  const saved = (folder: Folder, times: number): Folder => {
    for (let turn = 1; turn <= times; turn++)
      folder.look(2000 + turn * 100, `a 644 @${2000 + turn * 100 - 50} =${turn}`);
    return folder;
  };

  it('is not forgotten however often it was saved since', () => {
    const folder = new Folder().look(1500, 'a 644 @100 =one');
    folder.tree.root.changes.transfers = [at(1000)];
    const node = nodeOf(saved(folder, 30).tree, 'a');
    expect(node.stateAt(at(1000))?.digest).toBe('one');
    expect(node.versions.map(({ digest }) => digest)).toEqual(['one', '23', '24', '25', '26', '27', '28', '29']);
  });

  it('gives way to those of later builds', () => {
    const folder = saved(new Folder(), 12);
    folder.tree.root.changes.transfers = [
      at(2160, 2180),
      ...[...Array(30).keys()].map((one) => at(3360 + one * 100, 3390 + one * 100)),
    ];
    const node = nodeOf(folder.tree, 'a');
    for (let turn = 13; turn <= 30; turn++) folder.look(2000 + turn * 100, `a 644 @${2000 + turn * 100 - 50} =${turn}`);
    expect(node.versions.map(({ digest }) => digest)).toEqual(['22', '23', '24', '25', '26', '27', '28', '29']);
  });

  it('does not make it forget what it was last', () => {
    const folder = new Folder();
    folder.tree.root.changes.transfers = [...Array(9).keys()].map((one) => at(2060 + one * 100, 2100 + one * 100));
    expect(nodeOf(saved(folder, 10).tree, 'a').versions).toHaveLength(8);
    expect(nodeOf(folder.tree, 'a').stateAt(at(2860, 2900))?.digest).toBe('9');
    folder.look(4000, 'a 644 @3500 =later').look(5000, 'a 644 @4500 =last');
    expect(nodeOf(folder.tree, 'a').versions.at(-1)?.digest).toBe('later');
  });
});

describe('content that was read', () => {
  it('right after a change is good for now but not kept', () => {
    const { tree } = new Folder().look(1010, 'a 644 @1000 =one');
    expect(nodeOf(tree, 'a').digest).toBe('one');
    expect(nodeOf(tree, 'a').digestKept).toBe(false);
    expect(nodeOf(tree, 'a').stateAt(at(1005, 1010))?.digest).toBeUndefined();
  });

  it('is forgotten with the next change', () => {
    const { tree } = new Folder().look(1500, 'a 644 @100 =one').look(2500, 'a 644 @2000 ?two');
    expect(nodeOf(tree, 'a').digest).toBeUndefined();
    expect(nodeOf(tree, 'a').archive).toBeUndefined();
  });

  it('of another state than that of now is not taken', () => {
    const { tree } = new Folder().look(1500, 'a 644 @100 ?one');
    const node = nodeOf(tree, 'a');
    if (node.entry === undefined) throw new Error('a is there');
    node.observeContent({ ...node.entry, ctime: 99 }, { digest: 'zero', archive: false }, 1600);
    expect(node.digest).toBeUndefined();
  });

  it('ends the checksum of what was read before, where nothing else shows the change', () => {
    const { tree } = new Folder().look(1010, 'a 644 @1000 =one');
    const node = nodeOf(tree, 'a');
    if (node.entry === undefined) throw new Error('a is there');
    node.observeSum(node.entry, { header: 'a', digest: 'of one' });
    node.observeContent(node.entry, { digest: 'one', archive: false }, 1600);
    expect(node.sum?.digest).toBe('of one');
    node.observeContent(node.entry, { digest: 'two', archive: false }, 1600);
    expect(node.sum).toBeUndefined();
  });
});

describe('names in a folder', () => {
  it('that was listed right after a change are not kept', () => {
    const { tree } = new Folder().look(1010, 'd/ 755 @1000', 'd/a 644 @1 =a');
    expect(nodeOf(tree, 'd').stateAt(at(1005, 1010))?.names).toBeUndefined();
  });

  it('that is ignored are not kept', () => {
    const { tree } = new Folder().lookIgnoring(1500, ['d'], ['d/ 755 @50', 'd/a 644 @1 =a']);
    expect(nodeOf(tree, 'd').stateAt(at(1000))).toMatchObject({ type: 'dir' });
    expect(nodeOf(tree, 'd').stateAt(at(1000))?.names).toBeUndefined();
  });
});
