import { describe, expect, it, vi } from 'vitest';
import { fenced, hoverText } from '../../../client/builds/hover';
import { countsOf, nowWords } from '../../../client/builds/progress';
import { elapsedWords, pullProgress, stepWords } from '../../../client/builds/words';
import type { PulledLayer } from '../../../core/model';
import { comparison, step, view } from './buildViews';

vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...values: readonly unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)])),
  },
}));

const words = (...args: Parameters<typeof stepWords>) => stepWords(...args)?.text;
const layer = (more: Partial<PulledLayer>): PulledLayer => ({
  layer: '1a2b3c',
  state: 'downloading',
  current: 0,
  total: null,
  ...more,
});

describe('words behind an instruction while it is built', () => {
  it.each([
    ['waiting', 'waiting'],
    ['cached', 'cached'],
    ['canceled', 'stopped'],
    ['not-reached', 'not reached'],
    ['unused', undefined],
    ['no-layer', undefined],
  ] as const)('%s', (state, expected) => expect(words(step(1, { state }), 0, 'si')).toBe(expected));

  it('say how long it runs, by the second', () => {
    const running = step(1, { state: 'running', startedAt: 1000 });
    expect(words(running, 1400, 'si')).toBe('running');
    expect(words(running, 5999, 'si')).toBe('running 4 s');
    expect(words(running, 131_000, 'si')).toBe('running 2 m 10 s');
  });

  it('say how far the largest transfer is', () => {
    const progress = [
      { what: 'transferring dockerfile', current: 400, total: 400 },
      { what: 'transferring context', current: 12_300_000, total: 40_000_000 },
    ];
    const running = step(1, { state: 'running', startedAt: 0, progress });
    expect(words(running, 2000, 'si')).toBe('running 2 s · 12.3 MB / 40 MB');
    expect(words(running, 2000, 'iec')).toBe('running 2 s · 11.7 MiB / 38.1 MiB');
  });

  it('count the layers that are fetched, without those that are there', () => {
    const layers = [
      layer({ state: 'exists' }),
      layer({ current: 5_000_000, total: 10_000_000 }),
      layer({ state: 'done', current: 2_000_000, total: 2_000_000 }),
    ];
    const running = step(1, { state: 'running', startedAt: 0, layers });
    expect(words(running, 3000, 'si')).toBe('running 3 s · 1 of 2 layers · 7 MB / 12 MB');
    expect(pullProgress([layer({ state: 'exists' })])).toBeUndefined();
  });

  it('have no total where one is not known', () => {
    const layers = [layer({ current: 5_000_000, total: null }), layer({ current: 1, total: 2 })];
    expect(pullProgress(layers)?.total).toBeNull();
  });

  it('quote the first line of an error, shortened', () => {
    const failed = step(1, { state: 'failed', error: `\n  ${'long '.repeat(40)}\nmore` });
    const text = words(failed, 0, 'si') ?? '';
    expect(text).toMatch(/^failed · long long .*…$/);
    expect(text.length).toBeLessThan(110);
    expect(words(step(1, { state: 'failed', lastOutput: ['boom'] }), 0, 'si')).toBe('failed · boom');
  });

  it.each([
    ['BuildKit', 'process "/bin/sh -c make" did not complete successfully: exit code: 2'],
    ['the classic builder', "The command '/bin/sh -c make' returned a non-zero code: 2"],
    ['Podman', 'building at STEP "RUN make": while running runtime: exit status 2'],
  ])('quote what a command said last in the place of the command, with %s', (_builder, error) => {
    const failed = step(1, { state: 'failed', error, lastOutput: ['a', 'boom', ''] });
    expect(words(failed, 0, 'si')).toBe('failed · exit code: 2 · boom');
    expect(words({ ...failed, lastOutput: [] }, 0, 'si')).toBe('failed · exit code: 2');
  });
});

describe('words behind an instruction afterwards', () => {
  const done = step(1, { state: 'done', durationMs: 1200 });

  it('say that it was as predicted', () => {
    expect(stepWords(done, 0, 'si', comparison(1))).toEqual({ text: 'done 1.2 s · as predicted', tone: 'good' });
    const cached = comparison(1, { predicted: 'cached', actual: 'cached' });
    expect(words(step(1, { state: 'cached' }), 0, 'si', cached)).toBe('cached · as predicted');
  });

  it('warn of what was not', () => {
    const wrong = comparison(1, { predicted: 'cached', verdict: 'wrong' });
    expect(stepWords(done, 0, 'si', wrong)).toEqual({
      text: 'done 1.2 s · rebuilt although predicted cached',
      tone: 'warning',
    });
    const lucky = comparison(1, { actual: 'cached', verdict: 'wrong' });
    expect(words(step(1, { state: 'cached' }), 0, 'si', lucky)).toBe(
      'cached · cached although a rebuild was predicted',
    );
  });

  it('claim nothing where nothing certain was said', () => {
    expect(stepWords(done, 0, 'si', comparison(1, { verdict: 'open' }))).toEqual({ text: 'done 1.2 s', tone: 'good' });
    expect(words(step(1, { state: 'done' }), 0, 'si')).toBe('done');
  });
});

describe('seconds that pass', () => {
  it.each([
    [999, ''],
    [1000, '1 s'],
    [119_999, '119 s'],
    [120_000, '2 m 0 s'],
  ])('%d ms', (milliseconds, expected) => expect(elapsedWords(milliseconds)).toBe(expected));
});

describe('the hover', () => {
  it('lists layers one by one, with those that are there', () => {
    const there = layer({ layer: 'ccc', state: 'exists', current: 2000, total: 2000 });
    const layers = [layer({ layer: 'aaa', state: 'exists' }), layer({ layer: 'bbb', current: 5, total: 10 }), there];
    const text = hoverText(view(), step(1, { state: 'running', layers }), undefined);
    expect(text).toContain('- `aaa` already there\n- `bbb` downloading 5 B / 10 B\n- `ccc` already there 2 kB');
    const many = Array.from({ length: 15 }, () => layer({}));
    expect(hoverText(view(), step(1, { layers: many }), undefined)).toContain('- and 3 more');
  });

  it('has time and size against last time', () => {
    const compared = comparison(1, { lastDurationMs: 3400, bytes: 2_000_000, lastBytes: 1_000_000 });
    const text = hoverText(view(), step(1, { state: 'done', durationMs: 1200 }), compared);
    expect(text).toContain('Last time 3.4 s · Layer 2 MB, last time 1 MB');
  });

  it('shows output as it is, whatever markdown is in it', () => {
    const lastOutput = ['```', '[click](command:evil)', '<img src=x>'];
    const text = hoverText(view({}, { title: '[x](command:y)' }), step(1, { lastOutput }), undefined);
    expect(text).toContain('````text\n```\n[click](command:evil)\n<img src=x>\n````');
    expect(text).toContain('\\[x\\]\\(command:y\\)');
    expect(fenced('a')).toBe('```text\na\n```');
  });
});

describe('how far a build is', () => {
  it('counts what is needed', () => {
    const steps = (['cached', 'done', 'running', 'waiting', 'unused', 'no-layer'] as const).map((state, index) =>
      step(index + 1, { state }),
    );
    expect(countsOf(view({ steps }))).toEqual({ done: 2, all: 4 });
  });

  it('names the step, else what is transferred', () => {
    const steps = [step(1, { state: 'running', text: `RUN ${'x'.repeat(80)}` })];
    expect(nowWords(view({ steps }))).toBe(`RUN ${'x'.repeat(45)}…`);
    const besides = [{ what: 'transferring context', current: 5000, total: null }];
    expect(nowWords(view({ besides }))).toBe('transferring context 5 kB');
    expect(nowWords(view())).toBe('');
  });
});
