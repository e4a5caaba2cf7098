import { describe, expect, it } from 'vitest';
import { readDockerfileLines } from '../judge/dockerfileLines.js';
import type { JudgedLine, JudgeReport, Outcome } from '../judge/index.js';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compare } from './compare.js';
import { CLASSIC, type Builder, type BuilderKind } from './builders.js';
import { runCases } from './differential.js';
import { readPrediction, type PredictedStep, type Predictor, type Verdict } from './predictor.js';
import { Score } from './score.js';

const STEPS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

function judged(start: number, instruction: string, outcome: Outcome, more: Partial<JudgedLine> = {}): JudgedLine {
  return {
    line: { start, end: start },
    stageIndex: 0,
    instruction,
    text: '',
    outcome,
    stageNeeded: true,
    durationMs: null,
    layerBytes: null,
    merged: false,
    origin: undefined,
    dependence: undefined,
    step: undefined,
    ...more,
  };
}

function predicted(
  start: number,
  instruction: string,
  verdict: Verdict,
  more: Partial<PredictedStep> = {},
): PredictedStep {
  const nothing = { reasonCode: 'code', reason: 'this depends on that', bytes: null, basis: 'unknown', onbuild: false };
  return { start, end: start, instruction, verdict, certain: true, ...nothing, ...more };
}

function report(lines: readonly JudgedLine[], succeeded = true): JudgeReport {
  return {
    succeeded,
    error: undefined,
    lines,
    ref: undefined,
    image: undefined,
    wallMs: 1,
    command: [],
    rawProgress: '',
  };
}

/** A builder that executes every step of every stage, always. */
const executesEverything: Builder = async (options) => {
  const text = await readFile(options.dockerfile ?? join(options.context, 'Dockerfile'), 'utf8');
  return report(
    readDockerfileLines(text).instructions.map((one) => ({
      ...judged(one.start, one.keyword, STEPS.has(one.keyword) ? 'executed' : 'no-step'),
      line: { start: one.start, end: one.end },
    })),
  );
};

/** A predictor that gives every step the same verdict. */
function always(verdict: Verdict): Predictor {
  return {
    async predict(dir, project) {
      const text = await readFile(join(dir, project.dockerfile), 'utf8');
      return readDockerfileLines(text).instructions.map((one) =>
        predicted(one.start, one.keyword, STEPS.has(one.keyword) ? verdict : 'may-hit', { end: one.end }),
      );
    },
  };
}

async function play(predictor: Predictor) {
  const score = new Score();
  const options = { seed: 'unit', builds: 20, baseImage: 'b:1', runId: 'unit', shrinkMs: 10_000 };
  return { score, findings: await runCases(options, { predictor, builder: executesEverything, score }) };
}

describe('a run', () => {
  it('passes a predictor that never claims anything, and counts how uncertain it was', async () => {
    const { score, findings } = await play(always('may-hit'));
    expect(findings).toEqual([]);
    expect(score.builds).toBeGreaterThanOrEqual(20);
    expect(score.count('may-hit', 'uncertain')).toBeGreaterThan(20);
  });

  it('fails a predictor that claims everything is cached, with a minimal reproduction', async () => {
    const { findings } = await play(always('cached'));
    expect(findings[0]?.kinds.some((kind) => kind.startsWith('cached but executed'))).toBe(true);
    const text = findings[0]?.text ?? '';
    const dockerfile = text.slice(text.indexOf('Dockerfile:'), text.indexOf('commands:')).trim().split('\n').slice(1);
    expect(dockerfile).toHaveLength(1); // one instruction is enough to show it
    expect(text).toContain('layer-insight predict');
    expect(text).toContain('but the builder: executed');
    expect(text).not.toContain('a.txt'); // no file is needed
  });

  it('passes a predictor that is right', async () => {
    const { score, findings } = await play(always('rebuild'));
    expect(findings).toEqual([]);
    expect(score.count('rebuild', 'right')).toBeGreaterThan(20);
  });

  it('fails a predictor that has no answer', async () => {
    const { findings } = await play({ predict: () => Promise.resolve({ failure: 'it crashed' }) });
    expect(findings[0]?.text).toContain('it crashed');
  });
});

describe('a run against a builder whose images are its cache', () => {
  const removed: string[][] = [];
  const kind: BuilderKind = {
    ...CLASSIC,
    async build(options) {
      const { lines, ...rest } = await executesEverything(options);
      const executed = lines.map((line) =>
        line.outcome === 'no-step' ? { ...line, outcome: 'executed' as const } : line,
      );
      return { ...rest, lines: executed, everyInstruction: true, leftovers: [`image of ${options.context}`] };
    },
    removeImages: (images) => Promise.resolve(void removed.push([...images])),
  };
  const options = { seed: 'kind', builds: 14, baseImage: 'b:1', runId: 'unit', shrinkMs: 1_000 };

  it('ends a case whose builder was disturbed, and says so', async () => {
    const disturbed: Builder = async (all) => ({
      ...(await kind.build(all)),
      ...{ succeeded: false, disturbed: 'getting top layer info: layer not known' },
    });
    const score = new Score();
    const around = { predictor: always('cached'), builder: disturbed, kind, score };
    expect(await runCases({ ...options, builds: 2 }, around)).toEqual([]);
    expect([score.builds, score.disturbed]).toEqual([2, 2]);
    expect(score.table()).toContain('as others disturbed its builder: getting top layer info: layer not known');
    removed.length = 0;
  });

  it('removes the images at the end of each case only', async () => {
    const around = { predictor: always('may-hit'), builder: kind.build, kind, score: new Score() };
    expect(await runCases(options, around)).toEqual([]);
    expect(removed.map((images) => images.length)).toEqual([7, 7]);
  });

  it('plays cases for it, keeps the step that makes a case cold, and prints its commands', async () => {
    const around = { predictor: always('cached'), builder: kind.build, kind, score: new Score() };
    const [finding] = await runCases(options, around);
    expect(finding?.text).toContain('  DOCKER_BUILDKIT=0 docker build ');
    expect(finding?.text).toContain('  DOCKER_BUILDKIT=0 layer-insight predict ');
    expect(finding?.text).toMatch(/Dockerfile:[^]*unit-0-[^]*commands:/);
  });
});

describe('the comparison', () => {
  const kinds = (step: PredictedStep, line: JudgedLine, succeeded = true): string[] =>
    compare([step], report([line], succeeded)).disagreements.map((one) => one.kind);

  it.each<[Verdict, Outcome, boolean]>([
    ['cached', 'cached', true],
    ['cached', 'executed', false],
    ['cached', 'failed', false],
    ['cached', 'not-needed', false],
    ['rebuild', 'executed', true],
    ['rebuild', 'failed', true],
    ['rebuild', 'cached', false],
    ['unused', 'not-needed', true],
    ['unused', 'cached', false],
    ['no-layer', 'no-step', true],
    ['no-layer', 'executed', false],
    ['fails', 'failed', true],
    ['fails', 'executed', false],
    ['may-hit', 'executed', true],
    ['may-hit', 'cached', true],
    ['unknown', 'executed', true],
  ])('%s against %s: agrees is %s', (verdict, outcome, agrees) => {
    expect(kinds(predicted(2, 'RUN', verdict), judged(2, 'RUN', outcome))).toHaveLength(agrees ? 0 : 1);
  });

  it('forgives a likely rebuild and a step that a twin of this build ran', () => {
    expect(kinds(predicted(2, 'RUN', 'rebuild', { certain: false }), judged(2, 'RUN', 'cached'))).toEqual([]);
    expect(kinds(predicted(2, 'RUN', 'rebuild'), judged(2, 'RUN', 'cached', { merged: true }))).toEqual([]);
  });

  it('does not judge what a failed build did not reach, nor FROM', () => {
    expect(kinds(predicted(2, 'RUN', 'cached'), judged(2, 'RUN', 'not-reached'), false)).toEqual([]);
    expect(kinds(predicted(2, 'COPY', 'fails'), judged(2, 'COPY', 'not-reached'), false)).toEqual([]);
    expect(kinds(predicted(2, 'COPY', 'fails'), judged(2, 'COPY', 'not-needed'), true)).toHaveLength(1);
    expect(kinds(predicted(2, 'FROM', 'rebuild'), judged(2, 'FROM', 'not-judged'))).toEqual([]);
    expect(kinds(predicted(2, 'FROM', 'fails'), judged(2, 'FROM', 'not-judged'))).toHaveLength(1);
  });

  it('takes the failure of an instruction of ONBUILD for one of the line of its FROM, but no other failure', () => {
    const failed = report([judged(2, 'FROM', 'failed')], false);
    const found = (...triggers: readonly PredictedStep[]): number =>
      compare([predicted(2, 'FROM', 'no-layer'), ...triggers], failed).disagreements.length;
    expect(found()).toBe(1);
    expect(found(predicted(2, 'COPY', 'rebuild', { onbuild: true }))).toBe(1);
    expect(found(predicted(3, 'COPY', 'fails', { onbuild: true }))).toBe(1);
    expect(found(predicted(2, 'COPY', 'fails', { onbuild: true }))).toBe(0);
  });

  it('judges metadata, also of ONBUILD, where every instruction is a step', () => {
    const lines = [
      judged(1, 'FROM', 'not-judged'),
      judged(1, 'ENV', 'cached', { origin: 'onbuild' }),
      judged(2, 'LABEL', 'executed', { dependence: { output: false, context: false } }),
    ];
    const every = { ...report(lines), everyInstruction: true };
    const steps = (verdict: Verdict): PredictedStep[] => [
      predicted(1, 'FROM', 'no-layer'),
      predicted(1, 'ENV', verdict, { onbuild: true }),
      predicted(2, 'LABEL', verdict),
    ];
    const found = (verdict: Verdict) => compare(steps(verdict), every).disagreements.map((one) => one.kind);
    expect(found('cached')).toEqual(['cached but executed LABEL']);
    expect(found('rebuild')).toEqual(['rebuild but cached ENV']);
    expect(found('no-layer')).toHaveLength(2);
    expect(compare(steps('may-hit'), every).entries.map((one) => one.result)).toEqual([
      ...['not judged', 'uncertain', 'uncertain'],
    ]);
  });

  it('accepts either name for metadata in a stage that is not needed', () => {
    const line = judged(2, 'ENV', 'no-step', { stageNeeded: false });
    expect(kinds(predicted(2, 'ENV', 'unused'), line)).toEqual([]);
    expect(kinds(predicted(2, 'ENV', 'no-layer'), line)).toEqual([]);
    expect(kinds(predicted(2, 'ENV', 'unused'), judged(2, 'ENV', 'no-step'))).toHaveLength(1);
  });

  it('holds exact and measured sizes against the layer, never estimates', () => {
    const line = judged(2, 'COPY', 'cached', { layerBytes: 10 });
    expect(kinds(predicted(2, 'COPY', 'cached', { bytes: 10, basis: 'exact' }), line)).toEqual([]);
    expect(kinds(predicted(2, 'COPY', 'cached', { bytes: 9, basis: 'exact' }), line)).toHaveLength(1);
    expect(kinds(predicted(2, 'COPY', 'cached', { bytes: 9, basis: 'measured' }), line)).toHaveLength(1);
    expect(kinds(predicted(2, 'COPY', 'cached', { bytes: 9, basis: 'estimate' }), line)).toEqual([]);
    const unknown = judged(2, 'COPY', 'cached', { layerBytes: null });
    expect(kinds(predicted(2, 'COPY', 'cached', { bytes: 9, basis: 'exact' }), unknown)).toEqual([]);
  });

  it('wants one step per instruction, with the right lines', () => {
    expect(compare([], report([judged(2, 'RUN', 'cached')])).disagreements[0]?.kind).toBe('step missing');
    expect(compare([predicted(3, 'RUN', 'cached')], report([])).disagreements[0]?.kind).toBe('step extra');
    expect(kinds(predicted(2, 'RUN', 'cached', { end: 4 }), judged(2, 'RUN', 'cached'))).toEqual(['step lines']);
    expect(kinds(predicted(2, 'COPY', 'cached'), judged(2, 'RUN', 'cached'))).toEqual(['step lines']);
  });
});

describe('reading a prediction', () => {
  const step = {
    line: { start: 2, end: 3 },
    instruction: 'RUN',
    verdict: 'rebuild',
    certainty: 'likely',
    reason: { code: 'file-changed', message: 'm' },
    size: { bytes: null, basis: 'unknown' },
  };
  const read = (value: unknown) => readPrediction(JSON.stringify({ schemaVersion: 1, steps: [value] }));

  it('takes what the contract allows', () => {
    expect(read(step)).toEqual([
      predicted(2, 'RUN', 'rebuild', { end: 3, certain: false, reasonCode: 'file-changed', reason: 'm' }),
    ]);
  });

  it.each([
    { ...step, verdict: 'perhaps' },
    { ...step, certainty: undefined },
    { ...step, verdict: 'cached', certainty: 'likely' },
    { ...step, line: {} },
    { ...step, size: { bytes: 1.5, basis: 'exact' } },
  ])('refuses a step that breaks it (%#)', (broken) => {
    expect(read(broken)).toHaveProperty('failure');
  });

  it('refuses other output', () => {
    expect(readPrediction('no json')).toHaveProperty('failure');
    expect(readPrediction('{"schemaVersion":2,"steps":[]}')).toHaveProperty('failure');
  });
});
