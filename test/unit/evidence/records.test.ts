import { describe, expect, it } from 'vitest';
import type { StepInstance } from '../../../core/evidence/classes';
import type { Evidence } from '../../../core/evidence/evidence';
import { Engine } from '../support/evidence';
import { stage } from '../support/plan';

const CHAIN = stage('RUN one', 'RUN two');
const instances = (evidence: Evidence, kind: 'exec' | 'file' = 'exec') =>
  evidence.classes.instances.filter(({ step }) => step.kind === kind);
const classOf = (evidence: Evidence, one: StepInstance | undefined) => evidence.classes.find(one?.keyClass ?? -1);
const alive = (engine: Engine, kind: 'exec' | 'file' = 'exec') => {
  const evidence = engine.evidence({});
  return instances(evidence, kind).map(({ keyClass }) => evidence.join.liveness(keyClass));
};

describe('steps of past builds', () => {
  it('with equal operations on equal inputs share a class', () => {
    const evidence = new Engine()
      .build({ text: CHAIN, at: 1000 })
      .build({ text: CHAIN, at: 20_000, cached: 'all' })
      .evidence({});
    const [one, two, again, later] = instances(evidence);
    expect(classOf(evidence, again)).toBe(classOf(evidence, one));
    expect(classOf(evidence, later)).toBe(classOf(evidence, two));
    expect(classOf(evidence, one)).not.toBe(classOf(evidence, two));
  });

  it('on another base do not', () => {
    const images = { 'docker.io/library/busybox:1': { chainId: 'sha256:new' } };
    const evidence = new Engine()
      .build({ text: CHAIN, at: 1000 })
      .build({ text: CHAIN, at: 20_000, images })
      .evidence({});
    const [one, , other] = instances(evidence);
    expect(classOf(evidence, other)).not.toBe(classOf(evidence, one));
  });

  it('that copy from the context are of one class only when a hit proves it', () => {
    const copy = stage('COPY a /a', 'RUN one');
    const twice = (cached: readonly string[]) => {
      const engine = new Engine().build({ text: copy, at: 1000 }).build({ text: copy, at: 20_000, cached });
      const evidence = engine.evidence({});
      const [first, second] = instances(evidence);
      return classOf(evidence, first) === classOf(evidence, second);
    };
    expect(twice(['COPY a /a', 'RUN one'])).toBe(true);
    expect(twice([])).toBe(false);
  });

  it('that hit one of two earlier results prove nothing between them', () => {
    const copy = stage('COPY a /a');
    const evidence = new Engine()
      .build({ text: copy, at: 1000 })
      .build({ text: copy, at: 20_000 })
      .build({ text: copy, at: 40_000, cached: 'all' })
      .evidence({});
    const classes = instances(evidence, 'file').map((one) => classOf(evidence, one));
    expect(new Set(classes).size).toBe(3);
    expect(evidence.classes.unknownOrigin.get(classes[2] ?? -1)).toEqual(new Set(classes.slice(0, 2)));
  });

  it('are taken in the order of their builds', () => {
    const engine = new Engine().build({ text: CHAIN, at: 40_000, cached: 'all' }).build({ text: CHAIN, at: 1000 });
    expect(engine.evidence({}).classes.unknownOrigin.size).toBe(0);
  });
});

describe('a result', () => {
  it('is kept while its record is there', () => {
    expect(alive(new Engine().build({ text: CHAIN, at: 1000 }))).toEqual(['live', 'live']);
    expect(alive(new Engine().build({ text: CHAIN, at: 1000 }).prune('RUN two'))).toEqual(['live', 'gone']);
    expect(alive(new Engine().build({ text: CHAIN, at: 1000 }).prune())).toEqual(['gone', 'gone']);
  });

  it('is not the one that another step of the same text left', () => {
    const other = stage('ENV A=1', 'RUN one', 'RUN two');
    const engine = new Engine().build({ text: CHAIN, at: 1000 }).prune().build({ text: other, at: 20_000 });
    expect(alive(engine)).toEqual(['gone', 'gone', 'live', 'live']);
    expect(
      engine
        .evidence({})
        .join.unexplained()
        .map(({ description }) => description),
    ).toEqual(['from local']);
  });

  it('only ever hit is the one record that fits', () => {
    const engine = new Engine()
      .build({ text: CHAIN, at: 1000 })
      .forget()
      .build({ text: CHAIN, at: 20_000, cached: 'all' });
    expect(alive(engine)).toEqual(['live', 'live']);
  });

  it('only ever hit is open when two records fit', () => {
    const engine = new Engine()
      .build({ text: CHAIN, at: 1000 })
      .record('mount / from exec /bin/sh -c one')
      .forget()
      .build({ text: CHAIN, at: 20_000, cached: 'all' });
    expect(alive(engine)[0]).toBe('unknown');
  });

  it('that hit one of two is kept while both are, gone with both, else open', () => {
    const copy = stage('COPY a /a');
    const engine = () =>
      new Engine()
        .build({ text: copy, at: 1000 })
        .build({ text: copy, at: 20_000 })
        .build({ text: copy, at: 40_000, cached: 'all' });
    expect(alive(engine(), 'file')[2]).toBe('live');
    expect(alive(engine().prune(), 'file')[2]).toBe('gone');
    const half = engine();
    expect(alive(half.drop(half.records.slice(0, 1).map(({ id }) => id)), 'file')[2]).toBe('unknown');
  });

  it('of a failed build counts for a step that a good build had as well', () => {
    const engine = new Engine()
      .build({ text: CHAIN, at: 1000 })
      .prune()
      .build({ text: CHAIN, at: 20_000, failedAt: 'RUN two' });
    expect(engine.evidence({}).builds[1]?.steps).toEqual([]);
    expect(engine.records).toHaveLength(1);
  });

  it('of something else than a step is not looked at', () => {
    const engine = new Engine().record('local source for context');
    const evidence = engine.evidence({});
    expect(evidence.join.unexplained()).toHaveLength(1);
    expect(evidence.join.regular).toHaveLength(1);
  });
});
