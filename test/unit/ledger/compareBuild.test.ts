import { describe, expect, it } from 'vitest';
import { Engine } from '../support/evidence';
import { stage } from '../support/plan';
import { built, compared, facts, falsified, FILES, folderAt, inWords, noted, TEXT } from './session';

/** A first build at 1 s, then what is predicted at 20 s, and the same build once more at 30 s. */
function twice(): { readonly engine: Engine; readonly note: ReturnType<typeof noted> } {
  const engine = new Engine();
  built(engine, { at: 1000 });
  return { engine, note: noted(engine, 20_000) };
}
const again = (engine: Engine) => built(engine, { at: 30_000, cached: 'all' });

describe('a build that was predicted', () => {
  it('confirms what was cached', () => {
    const { engine, note } = twice();
    expect(inWords(compared([note], again(engine), facts(engine)))).toBe('3 right, 0 wrong');
  });

  it('confirms what was executed', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const note = noted(engine, 20_000);
    const build = built(engine, { at: 30_000, cached: ['RUN one'] });
    expect(inWords(compared([note], build, facts(engine)))).toBe('3 right, 0 wrong');
  });

  it('contradicts a hit when it executed the step although its result was kept', () => {
    const { engine, note } = twice();
    const build = falsified(again(engine), { 4: false });
    expect(compared([note], build, facts(engine))).toMatchObject({
      mismatches: [
        {
          line: 4,
          instruction: 'RUN',
          class: 'buildkit RUN cached certain same-as-build',
          actual: 'executed',
          follows: false,
        },
      ],
    });
  });

  it('contradicts a miss when it had a result', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const note = noted(engine, 20_000);
    const build = falsified(built(engine, { at: 30_000, cached: ['RUN one'] }), { 3: true, 4: true });
    const { mismatches = [] } = compared([note], build, facts(engine)) ?? {};
    expect(mismatches.map(({ line, actual, follows }) => [line, actual, follows])).toEqual([
      [3, 'cached', false],
      [4, 'cached', true],
    ]);
  });

  it('blames the first wrong verdict of a chain alone', () => {
    const { engine, note } = twice();
    const build = falsified(again(engine), { 2: false, 3: false, 4: false });
    const { mismatches = [] } = compared([note], build, facts(engine)) ?? {};
    expect(mismatches.map(({ line, follows }) => [line, follows])).toEqual([
      [2, false],
      [3, true],
      [4, true],
    ]);
  });

  it('counts lines that are one step to the builder once', () => {
    const text = stage('RUN one').replace('busybox:1', 'busybox:1 AS a') + stage('RUN one', 'COPY --from=a /x /x');
    const engine = new Engine();
    built(engine, { at: 1000, text });
    const note = noted(engine, 20_000, { text });
    const build = built(engine, { at: 30_000, text, cached: 'all' });
    expect(inWords(compared([note], build, facts(engine)))).toBe('2 right, 0 wrong');
  });
});

describe('a build that says nothing', () => {
  it('began before the prediction was made', () => {
    const { engine } = twice();
    const late = noted(engine, 29_995);
    expect(inWords(compared([late], again(engine), facts(engine)))).toBe('no prediction');
  });

  it('may have begun before it by what the clocks are apart', () => {
    const { engine, note } = twice();
    const build = again(engine);
    expect(inWords(compared([note], build, facts(engine, { clockMargin: 5000 })))).not.toBe('no prediction');
    expect(inWords(compared([note], build, facts(engine, { clockMargin: 15_000 })))).toBe('no prediction');
    expect(inWords(compared([note], build, facts(engine, { clockOffset: 15_000 })))).toBe('no prediction');
  });

  it('was asked not to use the cache, or took part of another cache', () => {
    const { engine, note } = twice();
    const build = falsified(again(engine), { 2: false });
    for (const asked of [
      { noCache: true, importsCache: false, args: [] },
      { noCache: false, importsCache: true, args: [] },
    ]) {
      expect(inWords(compared([note], { ...build, asked }, facts(engine)))).toBe('no prediction');
    }
  });

  it('was of another folder or another Dockerfile', () => {
    const { engine, note } = twice();
    const build = again(engine);
    expect(inWords(compared([note], { ...build, contextPath: '/other' }, facts(engine)))).toBe('no prediction');
    expect(inWords(compared([note], { ...build, dockerfilePath: '/other' }, facts(engine)))).toBe('no prediction');
  });

  it('left no description of its steps', () => {
    const { engine, note } = twice();
    const build = built(engine, { at: 30_000, failedAt: 'RUN two' });
    expect(inWords(compared([note], build, facts(engine)))).toBe('no prediction');
  });

  it('had another step: only what stands above it is judged, and only hits on own results', () => {
    const { engine, note } = twice();
    const build = built(engine, {
      at: 30_000,
      text: stage('RUN one', 'COPY d /d', 'RUN three'),
      cached: ['RUN one', 'COPY d /d'],
    });
    expect(inWords(compared([note], build, facts(engine)))).toBe('2 right, 0 wrong, 1 another-step');
  });

  it('was for another target: what it did not need says nothing', () => {
    const text = `${stage('RUN one').replace('busybox:1', 'busybox:1 AS a')}FROM a\nRUN two\n`;
    const engine = new Engine();
    built(engine, { at: 1000, text, target: 'a' });
    const note = noted(engine, 20_000, { text });
    const build = built(engine, { at: 30_000, text, target: 'a', cached: 'all' });
    expect(inWords(compared([note], build, facts(engine)))).toBe('1 right, 0 wrong, 1 another-step');
  });

  it('had a step with an error', () => {
    const { engine, note } = twice();
    const build = again(engine);
    const steps = build.steps.map((step) => (step.lines[0]?.start === 4 ? { ...step, done: false } : step));
    expect(inWords(compared([note], { ...build, steps }, facts(engine)))).toBe('2 right, 0 wrong, 1 unclear');
  });

  it('stood on another image', () => {
    const { engine, note } = twice();
    const build = falsified(again(engine), { 2: false, 3: false, 4: false });
    const steps = build.steps.map((step) => (step.kind === 'image' ? { ...step, imageDigest: 'sha256:new' } : step));
    expect(inWords(compared([note], { ...build, steps }, facts(engine)))).toBe('0 right, 0 wrong, 3 another-image');
  });

  it('came after another build that may have made the results', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const note = noted(engine, 20_000);
    built(engine, { at: 22_000, contextPath: '/elsewhere/other', cached: ['RUN one'] });
    const build = built(engine, { at: 33_000, cached: 'all' });
    expect(inWords(compared([note], build, facts(engine)))).toBe('0 right, 0 wrong, 3 another-build');
  });

  it('came after a failed build, of which nobody knows what it left', () => {
    const { engine, note } = twice();
    built(engine, { at: 21_000, failedAt: 'RUN other', text: stage('RUN other') });
    expect(inWords(compared([note], again(engine), facts(engine)))).toBe('0 right, 0 wrong, 3 another-build');
  });

  it('came after a build of other steps: that one changes nothing', () => {
    const { engine, note } = twice();
    built(engine, { at: 21_000, text: stage('RUN quite another'), contextPath: '/elsewhere/other' });
    expect(inWords(compared([note], again(engine), facts(engine)))).toBe('3 right, 0 wrong');
  });

  it('found what a build made meanwhile that still runs', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const note = noted(engine, 20_000);
    const build = falsified(built(engine, { at: 30_000, cached: ['RUN one'] }), { 3: true, 4: true });
    const made = engine.records.map((record) => ({ ...record, createdAt: 25_000 }));
    expect(inWords(compared([note], build, facts(engine, { records: made })))).toBe(
      '1 right, 0 wrong, 2 another-build',
    );
    const before = made.map((record) => ({ ...record, createdAt: 15_000 }));
    expect(inWords(compared([note], build, facts(engine, { records: before })))).toBe('1 right, 2 wrong');
  });

  it('was of another builder: that one knows other builds', () => {
    const { note } = twice();
    const other = new Engine();
    const build = { ...again(other), ref: 'of another builder' };
    expect(inWords(compared([note], build, facts(other, { builds: [build] })))).toBe('no prediction');
    const early = noted(new Engine(), 20_000);
    const { engine } = twice();
    expect(inWords(compared([early], again(engine), facts(engine)))).toBe('no prediction');
  });

  it('found that a promised result had been removed', () => {
    const { engine, note } = twice();
    engine.prune();
    const build = built(engine, { at: 30_000 });
    expect(inWords(compared([note], build, facts(engine)))).toBe('0 right, 0 wrong, 3 removed-result');
  });
});

describe('a folder on an empty root', () => {
  const text = 'FROM scratch\nWORKDIR /w\nWORKDIR /w/x\n';
  const play = (cached: Readonly<Record<number, boolean>>) => {
    const engine = new Engine();
    built(engine, { at: 1000, text });
    const note = noted(engine, 20_000, { text });
    const build = falsified(built(engine, { at: 30_000, text, cached: 'all' }), cached);
    return inWords(compared([note], build, facts(engine)));
  };

  it('looks executed when only its key was computed: that says nothing', () => {
    expect(play({ 2: false })).toBe('1 right, 0 wrong, 1 unclear');
  });

  it('was executed when what stands on it was', () => {
    expect(play({ 2: false, 3: false })).toBe('0 right, 2 wrong');
  });
});

describe('files that changed', () => {
  const changed = ['d/ 755 @100', 'd/a 644 @25000 =two'] as const;

  it('between the prediction and the build make it another question', () => {
    const { engine, note } = twice();
    const build = falsified(again(engine), { 3: false, 4: false });
    const folder = folderAt(20_000).look(40_000, ...changed);
    expect(inWords(compared([note], build, facts(engine, { folder })))).toBe('1 right, 0 wrong, 2 other-files');
  });

  it('before the prediction do not', () => {
    const { engine } = twice();
    const folder = folderAt(500).look(27_000, ...changed);
    folder.tree.lookedAt = 27_000;
    const note = noted(engine, 27_500, { tree: folder.tree });
    const build = built(engine, { at: 30_000, cached: ['RUN one'] });
    folder.look(60_000, ...changed);
    expect(inWords(compared([note], build, facts(engine, { folder })))).toBe('3 right, 0 wrong');
  });

  it('within the tick of their time stamps before the prediction may have changed after it', () => {
    const { engine } = twice();
    const justNow = ['d/ 755 @100', 'd/a 644 @26990 =two'] as const;
    const folder = folderAt(500).look(27_000, ...justNow);
    folder.tree.lookedAt = 27_000;
    const note = noted(engine, 27_500, { tree: folder.tree });
    const build = built(engine, { at: 30_000, cached: ['RUN one'] });
    folder.look(60_000, ...justNow);
    expect(inWords(compared([note], build, facts(engine, { folder })))).toBe('1 right, 0 wrong, 2 other-files');
  });

  it('that were seen to change after the last complete look count as they were seen', () => {
    const { engine } = twice();
    const folder = folderAt(10_000).look(26_500, ...changed);
    const note = noted(engine, 26_600, { tree: folder.tree });
    const build = built(engine, { at: 30_000, cached: ['RUN one'] });
    folder.look(60_000, ...changed);
    expect(inWords(compared([note], build, facts(engine, { folder })))).toBe('3 right, 0 wrong');
    // written once more after the prediction
    const again = folderAt(10_000)
      .look(26_500, ...changed)
      .look(60_000, 'd/ 755 @100', 'd/a 644 @27000 =two');
    expect(inWords(compared([note], build, facts(engine, { folder: again })))).toBe('1 right, 0 wrong, 2 other-files');
  });

  it('that the builder does not take do not count', () => {
    const { engine, note } = twice();
    const folder = folderAt(20_000).look(40_000, ...FILES, 'log 644 @35000 =x');
    expect(inWords(compared([note], again(engine), facts(engine, { folder })))).toBe('3 right, 0 wrong');
  });

  it('that came into a folder that is copied do', () => {
    const { engine, note } = twice();
    const folder = folderAt(20_000).look(40_000, 'd/ 755 @25000', FILES[1], 'd/b 644 @25000 =b');
    expect(inWords(compared([note], again(engine), facts(engine, { folder })))).toBe('1 right, 0 wrong, 2 other-files');
  });

  it('are not looked at since: then nobody knows', () => {
    const { engine, note } = twice();
    const folder = folderAt(25_000);
    expect(inWords(compared([note], again(engine), facts(engine, { folder })))).toBe('1 right, 0 wrong, 2 other-files');
  });

  it('by other ignore patterns are others', () => {
    const { engine, note } = twice();
    const build = built(engine, { at: 30_000, cached: 'all', patterns: ['d/b'] });
    expect(inWords(compared([note], build, facts(engine)))).toBe('1 right, 0 wrong, 2 other-files');
  });
});

describe('of several predictions', () => {
  it('the last one before the build counts', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const early = noted(engine, 12_000);
    built(engine, { at: 13_000 });
    const late = noted(engine, 24_000);
    const build = again(engine);
    expect(inWords(compared([early, late], build, facts(engine)))).toBe('3 right, 0 wrong');
    expect(inWords(compared([late, early], build, facts(engine)))).toBe('3 right, 0 wrong');
    expect(inWords(compared([early], build, facts(engine)))).toBe('0 right, 0 wrong, 3 another-build');
  });

  it('that with the options of the build counts, also when another one was made later', () => {
    const text = stage('ARG A=1', 'RUN one', 'RUN two');
    const engine = new Engine();
    built(engine, { at: 1000, text, args: { A: '2' } });
    const own = noted(engine, 20_000, { text, args: { A: '2' } });
    const other = noted(engine, 21_000, { text });
    const build = built(engine, { at: 30_000, text, args: { A: '2' }, cached: 'all' });
    expect(inWords(compared([own, other], build, facts(engine)))).toBe('2 right, 0 wrong');
    expect(inWords(compared([other], build, facts(engine)))).toBe('0 right, 0 wrong, 2 another-step');
  });
});

describe('what is noted', () => {
  it('has no value of an argument, no text of the Dockerfile', () => {
    const engine = new Engine();
    const text = stage('ARG SECRET', 'RUN very secret words', 'ENV TOKEN=$SECRET', 'RUN two');
    built(engine, { at: 1000, text, args: { SECRET: 'hunter2' } });
    const note = JSON.stringify(noted(engine, 20_000, { text, args: { SECRET: 'hunter2' } }));
    expect(note).not.toMatch(/hunter2|secret words/);
  });

  it('is nothing when the cache was not to be used', () => {
    const engine = new Engine();
    built(engine, { at: 1000 });
    expect(() => noted(engine, 20_000, { noCache: true })).toThrow('nothing was noted');
    expect(() => noted(engine, 20_000, { noCacheFilter: ['0'] })).toThrow('nothing was noted');
  });

  it('belongs to the whole text', () => {
    expect(noted(new Engine(), 1, { text: TEXT }).steps.map(({ line }) => line)).toEqual([2, 3, 4]);
  });
});
