import { describe, expect, it } from 'vitest';
import { UNKNOWN_SIZE, type PredictedStep, type Prediction, type PredictionSummary } from '../../../core/model';
import { renderPrediction } from '../../../core/node/cli/render';

const SUMMARY: PredictionSummary = {
  ...{ needed: 3, cached: 1, rebuild: 2, mayHit: 0, fails: 0, unused: 0, unknown: 0 },
  ...{ bytes: 2_500_000, bytesUnknown: 0, estimatedMs: 0 },
};

function step(line: number, text: string, more: Partial<PredictedStep> = {}): PredictedStep {
  return {
    line: { start: line, end: line },
    stage: 'app',
    stageIndex: 0,
    instruction: text.split(' ', 1)[0] ?? '',
    text,
    verdict: 'cached',
    certainty: 'certain',
    reason: { code: 'same-as-build', message: 'the same' },
    size: UNKNOWN_SIZE,
    lastDurationMs: null,
    ...more,
  };
}

function render(steps: readonly PredictedStep[], more: Partial<Prediction> = {}, color = false, width = 80): string[] {
  const prediction: Prediction = {
    schemaVersion: 1,
    dockerfile: '/p/Dockerfile',
    context: '/p',
    target: 'app',
    platform: 'linux/amd64',
    builder: { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: '0.25.2' },
    baseline: 'engine',
    problems: [],
    steps,
    summary: SUMMARY,
    ...more,
  };
  return renderPrediction(prediction, { color, width }).split('\n');
}

const rebuild = (more: Partial<PredictedStep> = {}): Partial<PredictedStep> => ({
  verdict: 'rebuild',
  reason: { code: 'file-changed', message: 'src/a.js changed', causeLine: 3 },
  ...more,
});
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
const LONG = `RUN ${'echo something long && '.repeat(20)}true`;

describe('the table', () => {
  it('says what it is for', () => {
    expect(render([]).slice(0, 2)).toEqual([
      '/p/Dockerfile',
      'target app, linux/amd64, builder default (buildkit 0.25.2)',
    ]);
    const builder = { kind: 'none', name: '', engineVersion: null, buildkitVersion: null } as const;
    expect(render([], { builder })[1]).toBe('target app, linux/amd64, no engine');
  });

  it('has a line for each instruction: number, verdict, size, text', () => {
    const size = { bytes: 1500, basis: 'exact' } as const;
    const [line = ''] = render([step(3, 'COPY a /', { size })]).filter((one) => one.includes('COPY'));
    expect(line).toMatch(/^3 {2}= cached +1\.5 kB {2}COPY a \/$/);
  });

  it('aligns what is below each other', () => {
    const lines = render([
      step(1, 'FROM scratch', { verdict: 'no-layer' }),
      step(9, 'COPY a /', { size: { bytes: 999_000_000, basis: 'estimate' } }),
      step(12, 'RUN x', rebuild({ certainty: 'likely', lastDurationMs: 5 })),
      step(112, 'RUN y', { verdict: 'unused' }),
    ]);
    const at = ['FROM', 'COPY', 'RUN x', 'RUN y'].map((word) => lines.find((one) => one.includes(word))?.indexOf(word));
    expect(new Set(at).size).toBe(1);
  });

  it('marks sizes that are estimates or not known, and has none for what makes no layer', () => {
    const text = render([
      step(1, 'COPY a /', { size: { bytes: 2000, basis: 'estimate' } }),
      step(2, 'RUN b', rebuild()),
      step(3, 'ENV c=d', { verdict: 'no-layer', size: { bytes: 5, basis: 'exact' } }),
    ]);
    expect(text.find((line) => line.includes('COPY a'))).toContain('≈2 kB');
    expect(text.find((line) => line.includes('RUN b'))).toMatch(/\? {2}RUN b/);
    expect(text.find((line) => line.includes('ENV c'))).not.toContain('B ');
  });

  it.each([40, 80, 120])('keeps to %i columns', (width) => {
    const lines = render(
      [
        step(1, LONG, rebuild({ reason: { code: 'file-changed', message: `${'long/'.repeat(40)}a.js changed` } })),
        step(1234, LONG, { size: { bytes: 999_000_000, basis: 'estimate' } }),
      ],
      { summary: { ...SUMMARY, rebuild: 0 } },
      false,
      width,
    );
    for (const line of lines.slice(2)) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => line.endsWith('…'))).toHaveLength(3);
  });

  it('puts an instruction of many lines on one', () => {
    expect(render([step(1, 'RUN <<EOF\n  a\n\tb\nEOF')]).some((line) => line.endsWith('RUN <<EOF a b EOF'))).toBe(true);
  });

  it('separates stages', () => {
    const lines = render([step(1, 'FROM a'), step(2, 'RUN x'), step(3, 'FROM b', { stage: 'two', stageIndex: 1 })]);
    expect(lines[lines.findIndex((line) => line.includes('FROM b')) - 1]).toBe('');
    expect(lines[lines.findIndex((line) => line.includes('RUN x')) - 1]).toContain('FROM a');
  });

  it('names triggers of the base image', () => {
    expect(render([step(1, 'RUN x', { origin: 'onbuild' })]).some((line) => line.includes('ONBUILD RUN x'))).toBe(true);
  });

  it('has colours only when asked', () => {
    const steps = (['cached', 'rebuild', 'may-hit', 'fails', 'unused', 'no-layer', 'unknown'] as const).map(
      (verdict, index) => step(index + 1, 'RUN x', { verdict }),
    );
    const problems = [{ code: 'x', message: 'wrong', line: 1 }];
    const plain = render(steps, { problems }).join('\n');
    expect(plain).not.toContain('\u001b');
    const colored = render(steps, { problems }, true).join('\n');
    expect(colored).toContain('\u001b[32m');
    expect(colored).toContain('\u001b[31m');
    expect(colored.replaceAll(COLOR, '')).toBe(plain);
  });
});

describe('the reason below an instruction', () => {
  const why = (more: Partial<PredictedStep>): string | undefined => {
    const lines = render([step(3, 'RUN x', more)]);
    return lines[lines.findIndex((line) => line.includes('RUN x')) + 1]?.trim();
  };

  it('is given where the cause is', () => {
    expect(why(rebuild())).toBe('src/a.js changed');
  });

  it('tells what it costs', () => {
    expect(why(rebuild({ lastDurationMs: 12_000 }))).toBe('src/a.js changed (last time 12 s)');
  });

  it('says that it is only likely', () => {
    expect(why(rebuild({ certainty: 'likely' }))).toBe('likely: src/a.js changed');
  });

  it('is short for what follows from another line', () => {
    const reason = { code: 'parent-rebuilds', message: 'the step before rebuilds', causeLine: 2 } as const;
    expect(why(rebuild({ reason, lastDurationMs: 40 }))).toBe('follows from line 2 (last time 40 ms)');
  });

  it('names what is taken from another stage', () => {
    const reason = { code: 'source-rebuilds', message: 'stage build rebuilds: line 2', causeLine: 2 } as const;
    expect(why(rebuild({ reason }))).toBe('stage build rebuilds (line 2)');
  });

  it('has no cost where the build stops', () => {
    const reason = { code: 'source-missing', message: 'a is not there' } as const;
    expect(why({ verdict: 'fails', reason, lastDurationMs: 500 })).toBe('a is not there');
  });

  it.each(['cached', 'unused', 'no-layer', 'unknown'] as const)('is not given for %s', (verdict) => {
    expect(why({ verdict })).toBe('');
  });
});

describe('the last lines', () => {
  const summary = (more: Partial<PredictionSummary>): string | undefined =>
    render([], { summary: { ...SUMMARY, ...more } }).at(-2);

  it('count verdicts, bytes and time', () => {
    expect(summary({})).toBe('1/3 cached, 2 rebuild, 2.5 MB');
    expect(
      summary({ rebuild: 0, mayHit: 1, fails: 1, unknown: 2, unused: 4, bytesUnknown: 1, estimatedMs: 2500 }),
    ).toBe('1/3 cached, 1 may hit, 1 fails, 2 unknown, 4 unused, 2.5 MB + 1 of unknown size, ≈ 2.5 s to rebuild');
    expect(summary({ fails: 2 })).toContain('2 fail,');
  });

  it('tell problems with their line', () => {
    const problems = [
      { code: 'a', message: 'bad', line: 7 },
      { code: 'b', message: 'worse' },
    ];
    expect(render([], { problems }).slice(-3)).toEqual(['line 7: bad', 'worse', '']);
  });
});
