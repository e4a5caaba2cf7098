import { describe, expect, it } from 'vitest';
import type { ClassicEvidence, ClassicImage } from '../../../core/classic/imageStore';
import type { Evidence } from '../../../core/evidence/evidence';
import { recordCosts } from '../../../core/evidence/recordCosts';
import { evidenceWithout, lostSteps, type TakenAway } from '../../../core/predict/without';
import { sha256 } from '../../../core/node/sha256';
import { Engine, project, type Now } from '../support/evidence';
import { stage } from '../support/plan';

const CHAIN = stage('RUN one', 'RUN two', 'RUN three');
const NOTHING: TakenAway = { records: new Set(), images: new Set(), names: [] };

/** An engine that lost something since. */
class Poorer extends Engine {
  constructor(private readonly taken: TakenAway) {
    super();
  }

  override evidence(now: Now): Evidence {
    const evidence = super.evidence(now);
    return evidenceWithout({ evidence }, this.taken, sha256).evidence;
  }
}

const built = (taken: TakenAway) => new Poorer(taken).build({ text: CHAIN, at: 1000 });
const recordOf = (text: string) =>
  new Engine().build({ text: CHAIN, at: 1000 }).records.find(({ description }) => description.includes(text))?.id ?? '';
const lost = (taken: TakenAway) =>
  lostSteps(project(built(NOTHING), CHAIN).prediction, project(built(taken), CHAIN).prediction).map(
    ({ now, then }) => `${now.text}: ${then.verdict}`,
  );

describe('what a Dockerfile loses', () => {
  it('is nothing where nothing of it goes', () => {
    expect(lost(NOTHING)).toEqual([]);
    expect(lost({ ...NOTHING, records: new Set(['another']), names: ['debian:12'] })).toEqual([]);
  });

  it('is a step with its record, and what stands on it', () => {
    expect(lost({ ...NOTHING, records: new Set([recordOf('two'), recordOf('three')]) })).toEqual([
      ...['RUN two: rebuild', 'RUN three: rebuild'],
    ]);
    expect(lost({ ...NOTHING, records: new Set([recordOf('three')]) })).toEqual(['RUN three: rebuild']);
    // what a hit stands on is not looked at
    expect(lost({ ...NOTHING, records: new Set([recordOf('two')]) })).toEqual([]);
  });

  it('is the same as after a real removal of these records', () => {
    const id = recordOf('three');
    const real = project(new Engine().build({ text: CHAIN, at: 1000 }).drop([id]), CHAIN).prediction;
    const told = project(built({ ...NOTHING, records: new Set([id]) }), CHAIN).prediction;
    expect(told.steps).toEqual(real.steps);
  });

  it('is certainty about all of it when its base image goes', () => {
    const gone = lost({ ...NOTHING, names: ['busybox:1'] });
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.join('\n')).toMatch(/RUN one/);
  });
});

it('builders that look for images lose them, whatever their ids begin with', () => {
  const image = (id: string) => ({ id }) as unknown as ClassicImage;
  const named = new Map([['busybox:1', image('sha256:a')]]);
  const classic = { named, images: [image('sha256:a'), image('sha256:b')] } as unknown as ClassicEvidence;
  const known: Parameters<typeof evidenceWithout>[0] = { evidence: undefined, classic };
  const left = evidenceWithout(known, { ...NOTHING, images: new Set(['a']) }, sha256).classic;
  expect([left?.images.map(({ id }) => id), left?.named.get('busybox:1')]).toEqual([['sha256:b'], undefined]);
});

it('records cost what their steps took', () => {
  const costs = recordCosts(new Engine().build({ text: CHAIN, at: 1000 }).evidence({}));
  expect(costs.get(recordOf('two'))).toBeGreaterThanOrEqual(0);
  expect(costs.size).toBe(3);
});
