import { describe, expect, it } from 'vitest';
import { predictFor, stepAt, verdicts } from '../support/history';
import { stage } from '../support/plan';

const text = stage('RUN one', 'RUN two');
const built = { text, at: 3000 };

describe('a prediction', () => {
  it('of what was never built is a rebuild with its first cause', () => {
    const prediction = predictFor({ text });
    expect(verdicts(prediction)).toBe('2 rebuild, 3 rebuild');
    expect(stepAt(prediction, 2).reason).toMatchObject({ code: 'never-built', causeLine: 2 });
    expect(stepAt(prediction, 3).reason).toMatchObject({ code: 'parent-rebuilds', causeLine: 2 });
  });

  it('of what was built and is kept is cached', () => {
    expect(verdicts(predictFor({ text, builds: [built] }))).toBe('2 cached, 3 cached');
  });

  it('of what was built and removed is a rebuild', () => {
    const prediction = predictFor({ text, builds: [{ ...built, pruned: [3] }] });
    expect(verdicts(prediction)).toBe('2 cached, 3 rebuild');
    expect(stepAt(prediction, 3).reason.code).toBe('record-pruned');
  });

  it.each([
    ['the command', stage('RUN one', 'RUN 2'), 3, 'instruction-changed', /command/],
    ['an environment variable', stage('ENV A=1', 'RUN one', 'RUN two'), 3, 'environment-changed', /A/],
    ['the user', stage('USER 1000', 'RUN one', 'RUN two'), 3, 'instruction-changed', /user/],
  ])('names %s that changed', (_, changed, line, code, message) => {
    const { reason } = stepAt(predictFor({ text: changed, builds: [built] }), line);
    expect(reason.code).toBe(code);
    expect(reason.message).toMatch(message);
  });

  it('names a build argument with another value, and stores none', () => {
    const withArgument = stage('ARG V', 'RUN one');
    const builds = [{ text: withArgument, at: 3000, args: { V: 'secret-old' } }];
    const prediction = predictFor({ text: withArgument, builds, args: { V: 'secret-new' } });
    expect(stepAt(prediction, 3).reason).toMatchObject({
      code: 'argument-changed',
      message: 'build argument V (line 2) has another value',
    });
    expect(JSON.stringify(prediction)).not.toMatch(/secret-/);
  });

  it('of a base image with other layers starts over', () => {
    const prediction = predictFor({ text, builds: [built], base: 'sha256:new' });
    expect(stepAt(prediction, 2)).toMatchObject({ verdict: 'rebuild', reason: { code: 'base-changed' } });
  });

  it('of a base image that is not there leaves everything open', () => {
    const absent = text.replace('busybox:1', 'busybox:2');
    expect(verdicts(predictFor({ text: absent, builds: [built] }))).toBe('2 may-hit, 3 may-hit');
  });

  it('with --no-cache executes every RUN', () => {
    const prediction = predictFor({ text, builds: [built], noCache: true });
    expect(verdicts(prediction)).toBe('2 rebuild, 3 rebuild');
    expect(stepAt(prediction, 2).reason.code).toBe('no-cache');
  });

  it('with a builder older than the rules is certain of nothing', () => {
    expect(verdicts(predictFor({ text, builds: [built], buildkit: '0.12.5' }))).toBe('2 may-hit, 3 may-hit');
  });

  it('with a frontend image is certain of nothing', () => {
    expect(verdicts(predictFor({ text: `# syntax=docker/dockerfile:1\n${text}`, builds: [built] }))).toBe(
      '3 may-hit, 4 may-hit',
    );
  });

  it('with a kept result that nobody remembers making leaves it open', () => {
    const record = {
      ...{ id: 'x', parents: [], type: 'regular', description: 'mount / from exec /bin/sh -c one' },
      ...{ size: 1, createdAt: 10, mutable: false },
    };
    expect(stepAt(predictFor({ text, records: [record] }), 2).verdict).toBe('may-hit');
  });

  it('for a target that is not there says so and claims nothing', () => {
    const prediction = predictFor({ text, builds: [built], target: 'nope' });
    expect(verdicts(prediction)).toBe('2 unknown, 3 unknown');
    expect(prediction.problems.map(({ code }) => code)).toEqual(['missing-stage']);
  });
});

describe('stages', () => {
  const staged = (command: string) =>
    ['FROM busybox:1 AS b', `RUN ${command}`, 'FROM busybox:1', 'COPY --from=b /o /o', 'RUN end', ''].join('\n');
  const past = { text: staged('make'), at: 3000 };

  it('that are built again decide by what they yield', () => {
    const prediction = predictFor({ text: staged('make other'), builds: [past] });
    expect(verdicts(prediction)).toBe('2 rebuild, 4 may-hit, 5 may-hit');
    expect(stepAt(prediction, 4).reason).toMatchObject({ code: 'depends-on-output', causeLine: 2 });
  });

  it('whose result is gone are not built for what is cached', () => {
    const prediction = predictFor({ text: past.text, builds: [{ ...past, pruned: [2] }] });
    expect(verdicts(prediction)).toBe('2 cached, 4 cached, 5 cached');
    expect(stepAt(prediction, 2).reason.code).toBe('consumer-cached');
  });

  it('that the target does not need are unused', () => {
    expect(verdicts(predictFor({ text: past.text, builds: [past], target: 'b' }))).toBe('2 cached, 4 unused, 5 unused');
  });
});
