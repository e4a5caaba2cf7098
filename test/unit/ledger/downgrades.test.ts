import { describe, expect, it } from 'vitest';
import { accuracyInWords, ACCURACY_BUILDS, keptEntries } from '../../../core/ledger/accuracy';
import type { LedgerEntry } from '../../../core/ledger/ledger';
import { RULES } from '../../../core/ledger/rules';
import { accuracyReport } from '../../../core/ledger/words';
import { PLAIN_REQUEST } from '../../../core/plan/graph';
import { predictProject } from '../../../core/predict/project';
import { sha256 } from '../../../core/node/sha256';
import { describeStep, Engine, HERE } from '../support/evidence';
import { stage } from '../support/plan';
import { accuracyOf, built, compared, downgradesOf, entryOf, facts, falsified, folderAt, noted, TEXT } from './session';

/** An entry of a build that executed these lines although they were said to be cached. */
function entryAgainst(lines: Readonly<Record<number, boolean>>, rules = RULES): { engine: Engine; entry: LedgerEntry } {
  const engine = new Engine();
  built(engine, { at: 1000 });
  const note = noted(engine, 20_000);
  const build = built(engine, { at: 30_000, cached: 'all' });
  const comparison = compared([note], falsified(build, lines), facts(engine));
  if (comparison === undefined) throw new Error('nothing was compared');
  return { engine, entry: entryOf(build, comparison, rules) };
}

function predicted(engine: Engine, entries: readonly LedgerEntry[], text = TEXT, now = {}) {
  return predictProject({
    ...{
      text,
      dockerfile: `${HERE}/Dockerfile`,
      request: { ...PLAIN_REQUEST, ...now },
      defaultPlatform: 'linux/amd64',
    },
    context: { path: HERE, tree: folderAt(100_000).tree, patterns: [], problems: [], others: new Map() },
    evidence: engine.evidence({}),
    builder: { kind: 'buildkit', name: 'default', engineVersion: '28.5.2', buildkitVersion: '0.25.2' },
    ...{ baseline: 'engine', sha256, downgrades: downgradesOf(entries) },
  }).prediction;
}
const told = (...args: Parameters<typeof predicted>) =>
  predicted(...args)
    .steps.filter(({ instruction }) => ['RUN', 'COPY'].includes(instruction))
    .map(describeStep);

describe('a falsified build', () => {
  it('is recorded, shown, and makes the kind of verdict one that is not claimed', () => {
    const { engine, entry } = entryAgainst({ 3: false });
    const accuracy = accuracyOf([entry]);
    expect(accuracyInWords(accuracy)).toBe('certain verdicts: 2 of 3 right over 1 build');
    expect(accuracyReport(accuracy)).toMatch(/ 0 +1 +COPY cached \(same-as-build\), not claimed any more/);
    expect(accuracyReport(accuracy)).toContain('line 3, COPY cached (same-as-build): the builder executed it');
    expect(told(engine, [entry])).toEqual([
      'RUN one: cached, same-as-build',
      'COPY d /d: may-hit, was-wrong',
      'RUN two: may-hit, parent-uncertain of line 3',
    ]);
  });

  it('is explained where the verdict is missing: what happened and when', () => {
    const { engine, entry } = entryAgainst({ 3: false });
    const step = predicted(engine, [entry]).steps.find(({ instruction }) => instruction === 'COPY');
    expect(step?.reason.message).toBe(
      'a verdict of this kind was wrong: build build1 (1970-01-01 00:00 UTC) executed COPY of line 3, which was said to be cached',
    );
  });

  it('leaves summary and verdicts in agreement', () => {
    const { engine, entry } = entryAgainst({ 3: false });
    expect(predicted(engine, [entry]).summary).toMatchObject({ needed: 3, cached: 1, rebuild: 0, mayHit: 2 });
  });

  it('downgrades the first wrong verdict of a chain alone', () => {
    const { entry } = entryAgainst({ 3: false, 4: false });
    expect([...downgradesOf([entry]).keys()]).toEqual(['buildkit COPY cached certain same-as-build']);
    expect(accuracyOf([entry]).certain).toEqual({ right: 1, total: 3 });
  });

  it('downgrades a miss, and what would have followed from it', () => {
    const engine = new Engine();
    built(engine, { at: 1000, text: stage('RUN one') });
    const note = noted(engine, 20_000);
    const build = built(engine, { at: 30_000, cached: ['RUN one'] });
    const comparison = compared([note], falsified(build, { 3: true }), facts(engine));
    if (comparison === undefined) throw new Error('nothing was compared');
    const before = new Engine();
    built(before, { at: 1000, text: stage('RUN one') });
    expect(told(before, [entryOf(build, comparison)]).slice(0, 2)).toEqual([
      'RUN one: cached, same-as-build',
      'COPY d /d: may-hit, was-wrong',
    ]);
  });

  it('under older rules is counted, but the rule was corrected since', () => {
    const { engine, entry } = entryAgainst({ 3: false }, RULES - 1);
    expect(accuracyOf([entry]).certain).toEqual({ right: 2, total: 3 });
    expect(told(engine, [entry])).toEqual([
      'RUN one: cached, same-as-build',
      'COPY d /d: cached, same-as-build',
      'RUN two: cached, same-as-build',
    ]);
  });

  it('does not downgrade what was only said to be likely', () => {
    const { entry } = entryAgainst({ 3: false });
    const [mismatch] = entry.mismatches;
    if (mismatch === undefined) throw new Error('no mismatch');
    const name = 'buildkit COPY rebuild likely files-touched';
    const likely: LedgerEntry = { ...entry, classes: { [name]: [0, 1] }, mismatches: [{ ...mismatch, class: name }] };
    expect(downgradesOf([likely]).size).toBe(0);
    expect(accuracyOf([likely])).toMatchObject({ certain: { total: 0 }, likely: { right: 0, total: 1 } });
  });

  it('does not touch verdicts of other kinds', () => {
    const { engine, entry } = entryAgainst({ 3: false });
    expect(told(engine, [entry], stage('RUN one'))).toEqual(['RUN one: cached, same-as-build']);
  });
});

describe('the record', () => {
  const right = (at: number): LedgerEntry => ({
    ...{ ref: `b${String(at)}`, at, rules: RULES, dockerfile: '/d', mismatches: [], notJudged: {} },
    classes: { 'buildkit RUN cached certain same-as-build': [1, 0] },
  });

  it('tells of the last builds', () => {
    const many = Array.from({ length: ACCURACY_BUILDS + 50 }, (_, index) => right(index));
    expect(accuracyOf(many)).toMatchObject({ builds: ACCURACY_BUILDS, certain: { right: ACCURACY_BUILDS } });
    expect(keptEntries(many)).toHaveLength(ACCURACY_BUILDS);
  });

  it('keeps a mistake as long as its rule is not corrected', () => {
    const { entry } = entryAgainst({ 3: false });
    const many = Array.from({ length: ACCURACY_BUILDS }, (_, index) => right(1_000_000 + index));
    expect(keptEntries([...many, entry])).toContainEqual(entry);
    expect(keptEntries([...many, { ...entry, rules: RULES - 1 }])).not.toContainEqual(entry);
  });

  it('says nothing before there was anything to judge', () => {
    expect(accuracyInWords(accuracyOf([]))).toBeUndefined();
    expect(accuracyReport(accuracyOf([]))).toMatch(/^No prediction/);
  });
});
