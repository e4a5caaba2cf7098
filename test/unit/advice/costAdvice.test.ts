import { describe, expect, it } from 'vitest';
import { argumentAdvice } from '../../../core/advice/argumentAdvice';
import { contextAdvice } from '../../../core/advice/contextAdvice';
import { manifestAdvice } from '../../../core/advice/manifestAdvice';
import { parseDockerfile } from '../../../core/dockerfile/dockerfile';
import type { PredictedStep, Reason } from '../../../core/model';
import { contextOf } from '../support/context';

const write = (milliseconds: number): string => `${milliseconds} ms`;

/** Steps of a file of one stage; each line may have a reason and a time. */
function predicted(text: string, told: Readonly<Record<number, { reason?: Partial<Reason>; took?: number }>>) {
  const { instructions } = parseDockerfile(text).value;
  const steps = instructions.map((one): PredictedStep => {
    const { reason, took } = told[one.line.start] ?? {};
    return {
      ...{ line: one.line, stage: '0', stageIndex: 0, instruction: one.keyword, text: one.text, certainty: 'certain' },
      verdict: reason === undefined ? 'cached' : 'rebuild',
      reason: { code: 'same-as-build', message: '', ...reason },
      size: { bytes: null, basis: 'unknown' },
      lastDurationMs: took ?? null,
    };
  });
  return { prediction: { steps }, instructions };
}

describe('an argument that changed before it is used', () => {
  const TEXT = 'FROM a\nARG ID=1\nRUN apt\nRUN make\nRUN echo "$ID"\n';
  const changed = { code: 'argument-changed', variable: { name: 'ID', line: 2 }, causeLine: 3 } as const;
  const told = {
    3: { reason: changed, took: 1500 },
    4: { reason: { code: 'parent-rebuilds', causeLine: 3 }, took: 500 },
    5: { reason: { code: 'parent-rebuilds', causeLine: 3 }, took: 9000 },
  } as const;
  const advise = (text: string, steps: Parameters<typeof predicted>[1]) => {
    const { prediction, instructions } = predicted(text, steps);
    return argumentAdvice(prediction, instructions, write);
  };

  it('is told at the argument, with the time of the steps that do not name it, and where it could be', () => {
    const [advice] = advise(TEXT, told);
    expect(advice).toMatchObject({ code: 'argument-too-early', line: { start: 2 } });
    expect(advice?.message).toBe(
      'ID has another value, so that lines 3, 4 rebuild (2000 ms last time) although they do not name it: declare it later, before line 5.',
    );
    expect(advice?.edits).toMatchObject([{ kind: 'move', line: { start: 2 }, before: 5 }]);
  });

  it.each([
    ['${ID}', 'RUN echo ${ID}'],
    ['${ID:-x}', 'RUN echo ${ID:-x}'],
    ['$ID-x', 'COPY $ID-x /'],
  ])('is used by what names it as %s', (_, line) => {
    expect(advise(TEXT.replace('RUN apt', line), told)).toEqual([]);
  });

  it('is not used by a longer name', () => {
    expect(advise(TEXT.replace('RUN apt', 'RUN echo $IDS'), told)).toHaveLength(1);
  });

  it('is no matter when the steps took no time worth telling, or none is known', () => {
    expect(advise(TEXT, { 3: { reason: changed, took: 10 } })).toEqual([]);
    expect(advise(TEXT, { 3: { reason: changed } })).toEqual([]);
  });

  it('has no change where ENV gives the value, or several are declared together', () => {
    const environment = { ...changed, code: 'environment-changed' } as const;
    const steps = { 3: { reason: environment, took: 5000 } };
    expect(advise(TEXT.replace('ARG ID=1', 'ENV ID=1'), steps)[0]?.edits).toEqual([]);
    expect(advise(TEXT.replace('ARG ID=1', 'ARG ID=1 B=2'), told)[0]?.edits).toEqual([]);
  });
});

describe('manifests that are copied together with sources', () => {
  const TEXT = 'FROM a\nCOPY . /app\nRUN npm ci\n';
  const TAKEN = ['package.json', 'package-lock.json', 'src/a.js'];
  const COMMITS = [['src/a.js'], ['package.json', 'src/a.js'], ['README.md'], ['src/b.js', 'README.md']];
  const advise = (text = TEXT, took = 38_000, commits = COMMITS, taken = TAKEN) => {
    const { prediction, instructions } = predicted(text, { 3: { took } });
    const takes = (path: string): boolean => path !== 'README.md';
    return manifestAdvice({ prediction, instructions, takes, isTaken: (path) => taken.includes(path), commits }, write);
  };

  it('are told with how often the installation would have been spared, and what it took', () => {
    const [advice] = advise();
    expect(advice).toMatchObject({ code: 'manifests-with-sources', line: { start: 2 } });
    expect(advice?.message).toContain(
      'Of the last 3 commits that changed what is copied here, 2 left package.json, package-lock.json alone',
    );
    expect(advice?.message).toContain('line 3 (38000 ms last time)');
    expect(advice?.edits).toMatchObject([
      { kind: 'move', line: { start: 3 }, before: 2, preceded: 'COPY package.json package-lock.json /app/' },
    ]);
  });

  it.each([
    ['they were copied before', 'FROM a\nCOPY package.json /app\nRUN npm ci\nCOPY . /app\n'],
    ['the files come from a stage', 'FROM a\nCOPY --from=b . /app\nRUN npm ci\n'],
    ['nothing is installed', 'FROM a\nCOPY . /app\nRUN make\n'],
  ])('are no matter when %s', (_, text) => {
    expect(advise(text)).toEqual([]);
  });

  it('are no matter without commits that leave them alone, without manifests, or for a quick installation', () => {
    expect(advise(TEXT, 38_000, [['package.json']])).toEqual([]);
    expect(advise(TEXT, 38_000, [])).toEqual([]);
    expect(advise(TEXT, 38_000, COMMITS, ['src/a.js'])).toEqual([]);
    expect(advise(TEXT, 10)).toEqual([]);
  });
});

describe('ballast of the build context', () => {
  const tree = contextOf(1000, [
    ...['', 'a/', 'a/.git/', 'a/.git/objects/', 'node_modules/'].map((path) => ({ path, at: 1 })),
    { path: 'a/.git/objects/1', at: 1, content: 'x'.repeat(30) },
    { path: 'a/.git/HEAD', at: 1, content: 'x'.repeat(5) },
    { path: 'node_modules/x', at: 1, content: 'x' },
    { path: 'src.js', at: 1, content: 'x'.repeat(100) },
  ]);
  const takenBy = () => [
    { start: 2, end: 2 },
    { start: 5, end: 5 },
  ];

  it('is told once for each folder, with its bytes and the line to ignore it', () => {
    const advice = contextAdvice(
      { taken: tree.nodes(), takenBy },
      10,
      (bytes) => `${bytes} B`,
      () => 'Effect.',
    );
    expect(advice).toMatchObject([
      {
        ...{ code: 'context-ballast', line: { start: 2 }, bytes: 35 },
        related: [{ line: { start: 5 } }],
        edits: [{ kind: 'ignore', pattern: 'a/.git' }],
      },
    ]);
    expect(advice[0]?.message).toMatch(/^35 B in 2 files of a\/\.git\/ are copied: .* Effect\.$/);
  });

  it('is no matter when no instruction takes it', () => {
    expect(contextAdvice({ taken: tree.nodes(), takenBy: () => [] }, 0, String)).toEqual([]);
  });
});
