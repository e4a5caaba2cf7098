import { describe, expect, it } from 'vitest';
import { UNKNOWN_SIZE, type PredictedStep, type PredictionSummary } from '../../../core/model';
import { builderText } from '../../../server/engines';
import type { HintDensity } from '../../../server/settings';
import { hintText } from '../../../server/features/inlayHints';
import { code, escapeMarkdown, longSize, shortSize, summaryText } from '../../../server/features/words';

const STEP: PredictedStep = {
  ...{ line: { start: 5, end: 6 }, stage: 'app', stageIndex: 0, instruction: 'RUN', text: 'RUN x' },
  ...{ verdict: 'cached', certainty: 'certain', size: UNKNOWN_SIZE, lastDurationMs: null },
  reason: { code: 'same-as-build', message: 'the same' },
};
const hint = (more: Partial<PredictedStep>, hintDensity: HintDensity = 'smart'): string | undefined =>
  hintText({ ...STEP, ...more }, { units: 'si', hintDensity });
const changed = (path: string): PredictedStep['reason'] => ({
  ...{ code: 'file-changed', message: 'x', causeLine: 5 },
  files: [{ path, change: 'content' }],
});

describe('the text of a hint', () => {
  it.each<[Partial<PredictedStep>, string | undefined]>([
    [{}, 'cached'],
    [{ size: { bytes: 1_230_000_000, basis: 'measured' } }, 'cached · 1.23 GB'],
    [{ size: { bytes: 999_000_000, basis: 'estimate' } }, 'cached · ≈999 MB'],
    [{ size: { bytes: 0, basis: 'exact' } }, 'cached'],
    [{ verdict: 'no-layer', size: { bytes: 5, basis: 'exact' } }, undefined],
    [{ verdict: 'unused' }, 'unused'],
    [{ verdict: 'unused', instruction: 'ENV' }, undefined],
    [{ verdict: 'unused', instruction: 'FROM' }, 'unused'],
    [{ size: { bytes: 999_999, basis: 'exact' } }, 'cached'],
    [{ verdict: 'unknown' }, undefined],
    [{ verdict: 'unknown', size: { bytes: 2000, basis: 'exact' } }, '? · 2 kB'],
    [{ verdict: 'unknown', instruction: 'FROM' }, undefined],
    [{ verdict: 'may-hit' }, 'may hit'],
    [{ verdict: 'may-hit', instruction: 'FROM' }, 'not on this engine'],
    [{ verdict: 'may-hit', reason: { code: 'parent-uncertain', message: 'x', causeLine: 2 } }, 'may hit ↑2'],
    [{ verdict: 'fails', reason: { code: 'source-missing', message: 'x' } }, 'fails: source missing'],
    [{ verdict: 'fails', reason: { code: 'bad-instruction', message: 'x' } }, 'fails'],
    [{ verdict: 'rebuild', reason: changed('src/a.js') }, 'rebuild: src/a.js'],
    [{ verdict: 'rebuild', reason: changed('src/components/Button.tsx') }, 'rebuild: …nts/Button.tsx'],
    [{ verdict: 'rebuild', certainty: 'likely', reason: changed('a') }, 'rebuild?: a'],
    [{ verdict: 'rebuild', reason: { code: 'never-built', message: 'x' } }, 'rebuild: new'],
    [{ verdict: 'rebuild', reason: { code: 'parent-rebuilds', message: 'x', causeLine: 2 } }, 'rebuild ↑2'],
    [{ verdict: 'rebuild', reason: { code: 'not-covered', message: 'x' } }, 'rebuild'],
  ])('of %j is %j', (more, expected) => {
    expect(hint(more)).toBe(expected);
  });

  it('has every size and every question mark where all is wanted', () => {
    expect(hint({ size: { bytes: 512, basis: 'exact' } }, 'all')).toBe('cached · 512 B');
    expect(hint({ verdict: 'unknown' }, 'all')).toBe('?');
  });

  it('is only there for what is not cached where nothing else is wanted', () => {
    expect(hint({ size: { bytes: 5_000_000, basis: 'exact' } }, 'problems')).toBeUndefined();
    expect(hint({ verdict: 'unused' }, 'problems')).toBeUndefined();
    expect(hint({ verdict: 'may-hit' }, 'problems')).toBe('may hit');
    expect(hint({ verdict: 'rebuild', reason: changed('a') }, 'problems')).toBe('rebuild: a');
  });

  it('has at most 24 characters, however long a path is', () => {
    for (let length = 1; length < 60; length++) {
      for (const certainty of ['certain', 'likely'] as const) {
        const text = hint({ verdict: 'rebuild', certainty, reason: changed('x'.repeat(length)) }) ?? '';
        expect(text.length).toBeLessThanOrEqual(24);
      }
    }
  });
});

describe('text from outside', () => {
  it.each(['[a](b)', '*b*', '_i_', '`c`', '<img>', '$(x)', '# h', '- l', '1. l', '~s~', 'a|b', '![x]', '&lt;', '\\*'])(
    'is escaped: %s',
    (text) => {
      const escaped = escapeMarkdown(text);
      expect(escaped).not.toMatch(/(?<!\\)(?:\\\\)*[`*_{}[\]()#+\-.!~|<>&$]/);
      expect(escaped.replaceAll(/\\(.)/g, '$1')).toBe(text);
    },
  );

  it.each([
    ['a', '`a`'],
    ['a`b', '``a`b``'],
    ['`a`', '`` `a` ``'],
    ['a``b`c', '```a``b`c```'],
    ['a\n  b', '`a b`'],
    ['*[x](y)*', '`*[x](y)*`'],
  ])('is inline code: %j', (text, expected) => {
    expect(code(text)).toBe(expected);
  });
});

describe('sizes in words', () => {
  it('say where they come from', () => {
    expect(longSize(UNKNOWN_SIZE, 'si')).toBe('Layer size: not known before the build');
    expect(longSize({ bytes: 2048, basis: 'exact' }, 'iec')).toBe(
      'Layer size: 2 KiB (exact, from the files of the build context)',
    );
    expect(longSize({ bytes: 5, basis: 'estimate', from: 'the last build' }, 'si')).toBe(
      'Layer size: ≈5 B (estimate, from the last build)',
    );
    expect(shortSize(UNKNOWN_SIZE, 'si')).toBe('');
  });
});

describe('the summary', () => {
  const NONE: PredictionSummary = {
    ...{ needed: 4, cached: 4, rebuild: 0, mayHit: 0, fails: 0, unused: 0, unknown: 0 },
    ...{ bytes: 0, bytesUnknown: 0, estimatedMs: 0 },
  };
  const words = (more: Partial<PredictionSummary>): string =>
    summaryText({
      ...{ schemaVersion: 1, dockerfile: '', context: '', target: '', platform: '', baseline: '' },
      ...{ builder: { kind: 'none', name: '', engineVersion: null, buildkitVersion: null }, problems: [], steps: [] },
      summary: { ...NONE, ...more },
    });

  it('is short', () => {
    expect(words({})).toBe('4/4 cached');
    expect(words({ cached: 1, mayHit: 1, fails: 1, estimatedMs: 12_000 })).toBe(
      '1/4 cached, 1 may hit, 1 fails, ≈12 s to rebuild',
    );
    expect(words({ cached: 0, unknown: 4 })).toBe('not predicted');
    expect(words({ needed: 0, cached: 0 })).toBe('0/0 cached');
  });

  it('names an engine by what is known of it', () => {
    const builder = { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: '0.25.2' } as const;
    expect(builderText(builder)).toBe('Docker 28.5.2, BuildKit 0.25.2, builder default');
    expect(builderText({ ...builder, name: '', engineVersion: null })).toBe('BuildKit 0.25.2');
  });
});
