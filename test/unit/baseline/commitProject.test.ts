import { describe, expect, it } from 'vitest';
import { predictAgainstCommit, type CommitProjectInput } from '../../../core/baseline/commitProject';
import { sha256 } from '../../../core/node/sha256';
import { PLAIN_REQUEST, type BuildRequest } from '../../../core/plan/graph';
import { Folder } from '../support/folder';
import { stage } from '../support/plan';

interface Question {
  /** The Dockerfile of now, and that of the commit where it is another one; null: it has none. */
  readonly text: string;
  readonly before?: string | null;
  /** The files of now, and those of the commit where they are others. */
  readonly files?: readonly string[];
  readonly filesBefore?: readonly string[];
  readonly patterns?: readonly string[];
  readonly patternsBefore?: readonly string[];
  readonly request?: Partial<BuildRequest>;
}

function inputOf(question: Question): CommitProjectInput {
  const { text, before = text, files = [], filesBefore = files, patterns = [] } = question;
  return {
    commit: {
      ref: 'main',
      dockerfile: before ?? undefined,
      files: {
        tree: new Folder().look(500, ...filesBefore).tree,
        patterns: question.patternsBefore ?? patterns,
      },
      problems: [],
    },
    text,
    dockerfile: '/ctx/Dockerfile',
    request: { ...PLAIN_REQUEST, ...question.request },
    platform: 'linux/amd64',
    context: { path: '/ctx', tree: new Folder().look(900, ...files).tree, patterns, problems: [] },
    sha256,
  };
}

/** What is said of each step that is executed: `verdict: message`. */
function told(question: Question): string[] {
  return predictAgainstCommit(inputOf(question))
    .prediction.steps.filter(({ instruction }) => ['RUN', 'COPY', 'ADD', 'WORKDIR'].includes(instruction))
    .map(({ verdict, reason }) => `${verdict}: ${reason.message}`);
}

const COPY = stage('COPY d /d', 'RUN make');
const D = ['d/ 755 @100', 'd/a 644 @100 =one', 'd/b 644 @100 =two'] as const;

describe('a prediction against a commit', () => {
  it('has everything cached where nothing changed, whatever the times of the files', () => {
    const later = ['d/ 755 @800', 'd/a 644 @800 ~5 =one', 'd/b 644 @800 =two'];
    expect(told({ text: COPY, files: later, filesBefore: D })).toEqual([
      'cached: the same at main',
      'cached: the same at main',
    ]);
  });

  it('names the file that differs, and what follows', () => {
    const files = ['d/ 755 @100', 'd/a 644 @100 =changed', 'd/b 644 @100 =two'];
    expect(told({ text: COPY, files, filesBefore: D })).toEqual([
      'rebuild: d/a changed (content)',
      'rebuild: follows from line 2',
    ]);
  });

  it('names files that were added, removed, or got another mode', () => {
    expect(told({ text: COPY, files: [...D, 'd/c 644 @100 =x'], filesBefore: D })[0]).toBe('rebuild: d/c was added');
    expect(told({ text: COPY, files: D.slice(0, 2), filesBefore: D })[0]).toBe('rebuild: d/b was removed');
    const runnable = [...D.slice(0, 2), 'd/b 755 @100 =two'];
    expect(told({ text: COPY, files: runnable, filesBefore: D })[0]).toBe('rebuild: d/b changed (mode)');
  });

  it('does not count a file that is ignored', () => {
    const files = [...D, 'd/log 644 @100 =x'];
    expect(told({ text: COPY, files, filesBefore: D, patterns: ['d/log'] })[0]).toBe('cached: the same at main');
    expect(told({ text: COPY, files, filesBefore: files, patterns: ['d/log'], patternsBefore: [] })[0]).toBe(
      'rebuild: d/log was removed',
    );
  });

  it('compares what patterns take', () => {
    const text = stage('COPY d/* /d/');
    expect(told({ text, files: D })).toEqual(['cached: the same at main']);
    expect(told({ text, files: [...D, 'd/c 644 @100 =x'], filesBefore: D })).toEqual(['rebuild: d/c was added']);
  });

  it('asks for the content of files of one size before it says that they are the same', () => {
    const unread = ['d/ 755 @100', 'd/a 644 @100 ?one', 'd/b 644 @100 =two'];
    const { prediction, wanted } = predictAgainstCommit(inputOf({ text: COPY, files: unread, filesBefore: D }));
    expect([...wanted].map(({ path }) => path)).toEqual(['d/a']);
    expect(prediction.steps[1]?.verdict).toBe('may-hit');
  });

  it('says which instruction is another one', () => {
    expect(told({ text: stage('RUN one', 'RUN two'), before: stage('RUN one', 'RUN other') })).toEqual([
      'cached: the same at main',
      'rebuild: the command changed',
    ]);
    expect(told({ text: stage('RUN one', 'RUN new'), before: stage('RUN one') })[1]).toBe('rebuild: not at main');
  });

  it('takes base images to be what they were', () => {
    const { steps } = predictAgainstCommit(inputOf({ text: COPY, files: D })).prediction;
    expect(steps[0]).toMatchObject({
      verdict: 'cached',
      reason: { message: 'taken to be the image that it was at main' },
    });
  });

  it('leaves open whether another name is that of the same image', () => {
    const question = { text: 'FROM busybox:1.37\nRUN a\n', before: 'FROM busybox:1\nRUN a\n' };
    expect(told(question)[0]).toMatch(/^may-hit: /);
    const { steps } = predictAgainstCommit(inputOf(question)).prediction;
    expect(steps[0]?.reason.message).toBe('on another image than at main: only a registry tells its layers');
  });

  it('rebuilds everything of a Dockerfile that the commit does not have', () => {
    expect(told({ text: COPY, before: null, files: D })[0]).toBe('rebuild: main has no such Dockerfile');
  });

  it('leaves open what a stage will yield', () => {
    const of = (command: string): string =>
      `FROM busybox:1 AS made\nRUN ${command}\nFROM busybox:1\nCOPY --from=made /o /o\n`;
    expect(told({ text: of('two'), before: of('one') })[1]).toMatch(/^may-hit: /);
  });

  it('knows no durations and claims none', () => {
    const { steps, summary } = predictAgainstCommit(inputOf({ text: COPY, before: null, files: D })).prediction;
    expect(steps.every(({ lastDurationMs }) => lastDurationMs === null)).toBe(true);
    expect(summary.estimatedMs).toBe(0);
  });

  it('says that a submodule or a file of an own filter stays open', () => {
    const filesBefore = ['d/ 755 @100', 'd/a 644 @100 unreadable', 'd/b 644 @100 =two'];
    expect(told({ text: COPY, files: D, filesBefore })[0]).toMatch(/^may-hit: /);
  });
});
