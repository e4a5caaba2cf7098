import { describe, expect, it } from 'vitest';
import { accuracyOf, downgradesOf, type Downgrades } from '../../../core/ledger/accuracy';
import { describeStep } from '../support/evidence';
import { BuildahFiles, BuildahStore } from '../support/buildah';
import { ClassicEngine, Files } from '../support/classic';
import { builds, entryOf, falsified, HOSTS, noted } from './chainSession';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
const FILES = ['Dockerfile @1', 'f 644 @1 =x'];

/** What is said of each instruction when verdicts of these classes were wrong. */
function told(kind: string, text: string, classes: readonly string[], before: string): string[] {
  const downgrades: Downgrades = new Map(classes.map((name) => [`${kind} ${name}`, 'it was wrong']));
  const prediction =
    kind === 'classic'
      ? new ClassicEngine()
          .build(before, { files: new Files(...FILES) })
          .predict(text, { files: new Files(...FILES), downgrades })
      : new BuildahStore()
          .build(before, { files: new BuildahFiles(...FILES) })
          .predict(text, { files: new BuildahFiles(...FILES), downgrades });
  return prediction.steps.filter(({ instruction }) => instruction !== 'FROM').map(describeStep);
}

describe.each(['classic', 'buildah'])('verdicts of a kind that was wrong (%s)', (kind) => {
  const text = stage('RUN a', 'COPY f /f', 'RUN b');

  it('are taken back, and what stands on them is open', () => {
    expect(told(kind, text, ['COPY cached certain same-as-build'], text)).toEqual([
      'RUN a: cached, same-as-build',
      'COPY f /f: may-hit, was-wrong',
      'RUN b: may-hit, parent-uncertain of line 3',
    ]);
  });

  it('make a miss open, too', () => {
    const before = stage('RUN a');
    expect(told(kind, text, ['COPY rebuild certain never-built'], before)).toEqual([
      'RUN a: cached, same-as-build',
      'COPY f /f: may-hit, was-wrong',
      'RUN b: may-hit, parent-uncertain of line 3',
    ]);
  });

  it('leave stages alone that do not stand on them', () => {
    const stages = 'FROM busybox:1 AS a\nCOPY f /f\nFROM busybox:1 AS b\nRUN b\nFROM a\nRUN c\n';
    const said = told(kind, `${stages}COPY --from=b /x /x\n`, ['COPY cached certain same-as-build'], stages);
    expect(said).toContain('COPY f /f: may-hit, was-wrong');
    if (kind === 'classic') expect(said).toContain('RUN b: cached, same-as-build');
    expect(said).toContain('RUN c: may-hit, parent-uncertain of line 2');
  });

  it('do not touch others', () => {
    expect(told(kind, text, ['ADD cached certain same-as-build'], text)).toEqual([
      'RUN a: cached, same-as-build',
      'COPY f /f: cached, same-as-build',
      'RUN b: cached, same-as-build',
    ]);
  });
});

describe.each(HOSTS)('a falsified build with %s', (_, make) => {
  it('is counted and makes its kind of verdict one that is not claimed', () => {
    const host = make();
    const files = (content: string) => ({ files: ['Dockerfile @1', `f 644 @1 =${content}`] });
    const text = stage('RUN a', 'COPY f /f');
    host.build(text, files('one'));
    host.later(3600);
    const note = falsified(noted(host, text, files('two')), 2, { verdict: 'rebuild' });
    host.build(text, files('two'));
    const entries = builds(host, [note]).map(entryOf);
    expect(accuracyOf(entries)).toMatchObject({ builds: 1, certain: { right: 1, total: 2 } });
    const [[name, message] = []] = [...downgradesOf(entries)];
    expect(name).toBe(`${host.kind} RUN rebuild certain same-as-build`);
    expect(message).toMatch(/had a cached result for RUN of line 2, which was said to be rebuild$/);
  });
});
