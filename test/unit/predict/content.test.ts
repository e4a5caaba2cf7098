import { describe, expect, it } from 'vitest';
import type { ContextTree } from '../../../core/context/tree';
import { contextOf, look, type File } from '../support/context';
import { predictFor, stepAt, verdicts, type Remembered, type Situation } from '../support/history';
import { stage } from '../support/plan';

// Files are of time 1000, the first look is at 2000, the build at 3000, later looks at 4000 and after.
const text = stage('COPY src /s', 'COPY a.txt /a');
const folders: readonly File[] = [
  { path: '', at: 1000 },
  { path: 'src/', at: 1000 },
];
const app: File = { path: 'src/app.js', at: 1000, content: 'one' };
const other: File = { path: 'src/other.js', at: 1000, content: 'other' };
const a: File = { path: 'a.txt', at: 1000, content: 'aaa' };
const before: readonly File[] = [...folders, app, other, a];
const built: Remembered = { text, at: 3000, sizes: { 2: 8, 3: 3 } };

const after = (tree: ContextTree, changes: Partial<Situation> = {}) =>
  predictFor({ text, builds: [built], tree, ...changes });

/** Looked at before the build and after it, as an editor does. */
function watched(): ContextTree {
  const tree = contextOf(2000, before);
  look(tree, 3500, before);
  return tree;
}

describe('files of the build context', () => {
  it('that did not change since the build are cached, also when nobody ever read them', () => {
    const tree = contextOf(
      4000,
      before.map((file) => ({ ...file, read: false })),
    );
    expect(verdicts(after(tree))).toBe('2 cached, 3 cached');
  });

  it('that were edited rebuild what copies them, and what follows', () => {
    const tree = watched();
    look(tree, 5000, [...folders, { ...app, at: 4000, content: 'two' }, other, a]);
    const prediction = after(tree);
    expect(verdicts(prediction)).toBe('2 rebuild, 3 rebuild');
    expect(stepAt(prediction, 2).reason).toMatchObject({
      code: 'file-changed',
      files: [{ path: 'src/app.js', change: 'content' }],
    });
    expect(stepAt(prediction, 3).reason).toMatchObject({ code: 'parent-rebuilds', causeLine: 2 });
  });

  it('that went back to what they were are cached again', () => {
    const tree = watched();
    look(tree, 5000, [...folders, { ...app, at: 4000, content: 'two' }, other, a]);
    look(tree, 6000, [...folders, { ...app, at: 5500 }, other, a]);
    expect(verdicts(after(tree))).toBe('2 cached, 3 cached');
  });

  it('that were written since, to the same size, leave it open when nobody knows what they were', () => {
    const tree = contextOf(4500, [...folders, { ...app, at: 4000, content: 'two' }, other, a]);
    expect(verdicts(after(tree))).toBe('2 may-hit, 3 may-hit');
  });

  it('that add up to another size than the kept result rebuild for certain, whatever they were', () => {
    const tree = contextOf(4500, [...folders, { ...app, at: 4000, content: 'longer' }, other, a]);
    expect(stepAt(after(tree), 2)).toMatchObject({ verdict: 'rebuild', certainty: 'certain' });
  });

  it('prove nothing by their size on a store that counts blocks', () => {
    const tree = contextOf(4500, [...folders, { ...app, at: 4000, content: 'longer' }, other, a]);
    expect(verdicts(after(tree, { store: 'containerd' }))).not.toMatch(/2 (cached|rebuild(?! ~))/);
  });

  it('that changed between the last look and the build are not trusted', () => {
    const tree = contextOf(2000, before);
    // the state that was seen at 2000 was replaced at 2500, before the build at 3000
    look(tree, 3500, [...folders, { ...app, at: 2500, content: 'two' }, other, a]);
    look(tree, 5000, [...folders, { ...app, at: 4000 }, other, a]);
    expect(stepAt(after(tree), 2).verdict).toBe('rebuild');
    const unseen = contextOf(2000, before);
    look(unseen, 5000, [...folders, { ...app, at: 4000, content: 'two' }, other, a]);
    expect(stepAt(after(unseen), 2)).not.toMatchObject({ verdict: 'rebuild', certainty: 'certain' });
    expect(stepAt(after(unseen), 2).verdict).not.toBe('cached');
  });

  it('of which only the mode changed rebuild', () => {
    const tree = watched();
    look(tree, 5000, [...folders, { ...app, at: 4000, mtime: 1000, mode: 0o755 }, other, a]);
    expect(stepAt(after(tree), 2).reason.files).toEqual([{ path: 'src/app.js', change: 'mode' }]);
  });

  it('that were added or removed are named', () => {
    const root: File = { path: '', at: 1000 };
    const added = watched();
    look(added, 5000, [root, { path: 'src/', at: 4000 }, app, other, a, { path: 'src/new.js', at: 4000 }]);
    expect(stepAt(after(added), 2).reason.files).toEqual([{ path: 'src/new.js', change: 'added' }]);
    const removed = watched();
    look(removed, 5000, [root, { path: 'src/', at: 4000 }, app, a]);
    expect(stepAt(after(removed), 2).reason.files).toEqual([{ path: 'src/other.js', change: 'removed' }]);
  });

  it('in a folder that was moved here are not trusted by their time', () => {
    const tree = watched();
    look(tree, 5000, [{ path: '', at: 4000 }, { path: 'src/', at: 4000, ino: 99 }, app, other, a]);
    expect(stepAt(after(tree), 2).verdict).toBe('may-hit');
  });

  it('that keep size and time of change may go unnoticed by the builder', () => {
    const tree = watched();
    look(tree, 5000, [...folders, { ...app, at: 4000, mtime: 1000, content: 'two' }, other, a]);
    expect(stepAt(after(tree), 2).verdict).toBe('may-hit');
  });

  it('do not matter when they are ignored', () => {
    const patterns = ['src/other.js'];
    const tree = watched();
    look(tree, 5000, [...folders, app, { ...other, at: 4000, content: 'changed' }, a]);
    expect(verdicts(after(tree, { patterns, builds: [{ ...built, patterns }] }))).toBe('2 cached, 3 cached');
  });

  it('that a changed ignore file takes out rebuild what copied them', () => {
    const prediction = after(watched(), { patterns: ['src/other.js'] });
    expect(stepAt(prediction, 2).reason.files).toEqual([{ path: 'src/other.js', change: 'removed' }]);
  });

  it('that are not there stop the build', () => {
    const prediction = after(contextOf(4000, [...folders, app, other]));
    expect(verdicts(prediction)).toBe('2 cached, 3 fails');
    expect(prediction.problems.map(({ code }) => code)).toEqual(['copy-source-missing']);
  });

  it('of another folder count when it is remembered what that build saw', () => {
    const elsewhere = { ...built, context: '/other' };
    const copy = contextOf(6000, [
      { path: '', at: 5000 },
      { path: 'src/', at: 5000 },
      ...[app, other, a].map((file) => ({ ...file, at: 5000 })),
    ]);
    const others = new Map([['/other', watched()]]);
    expect(verdicts(after(copy, { builds: [elsewhere], others }))).toBe('2 cached, 3 cached');
    expect(verdicts(after(copy, { builds: [elsewhere] }))).toBe('2 may-hit, 3 may-hit');
    look(copy, 7000, [
      { path: '', at: 5000 },
      { path: 'src/', at: 5000 },
      { ...app, at: 6500, content: 'two' },
      ...[other, a].map((file) => ({ ...file, at: 5000 })),
    ]);
    expect(stepAt(after(copy, { builds: [elsewhere], others }), 2)).toMatchObject({
      verdict: 'rebuild',
      certainty: 'certain',
    });
  });
});

describe('sizes', () => {
  const bytes = (line: string, files: readonly File[]) =>
    stepAt(predictFor({ text: stage(line), tree: contextOf(4000, [{ path: '', at: 1000 }, ...files]) }), 2).size;

  it('are those of the files, links counting nothing', () => {
    const link: File = { path: 'src/l', at: 1000, target: 'app.js' };
    expect(bytes('COPY . /', [{ path: 'src/', at: 1000 }, app, link, a])).toEqual({ bytes: 6, basis: 'exact' });
  });

  it('count a file once that is overwritten by a later one of its name', () => {
    const files = [
      { path: 'x/', at: 1 },
      { path: 'y/', at: 1 },
      { ...a, path: 'x/f' },
      { ...a, path: 'y/f', content: 'longer' },
    ];
    expect(bytes('COPY x/f y/f /d/', files)).toEqual({ bytes: 6, basis: 'exact' });
  });
});
