import { describe, expect, it } from 'vitest';
import { noteChain } from '../../../core/ledger/noteChain';
import { sha256 } from '../../../core/node/sha256';
import { HOSTS, noted, notedOrNot } from './chainSession';

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');
const FILES = { files: ['Dockerfile @1', 'f 644 @1 =x'] };

describe.each(HOSTS)('a prediction for %s', (_, make) => {
  it('is noted without a value of an argument, and without a text', () => {
    const host = make();
    const text = stage('ARG SECRET', 'ENV KEPT=$SECRET', 'RUN make words', 'COPY f /f');
    const asked = { ...FILES, args: { SECRET: 'hunter2' } };
    host.build(text, asked);
    const json = JSON.stringify(noted(host, text, asked));
    expect(json).not.toContain('hunter2');
    expect(json).not.toContain('make words');
  });

  it('is noted without names of images and paths that come from arguments', () => {
    const host = make();
    const text = ['ARG BASE', 'FROM $BASE', 'ARG SECRET', 'COPY $SECRET /f', ''].join('\n');
    const files = { files: ['Dockerfile @1', 'hidden/ 755 @1', 'hidden/f 644 @1 =x'] };
    const json = JSON.stringify(noted(host, text, { ...files, args: { BASE: 'busybox:1', SECRET: 'hidden/f' } }));
    expect(json).not.toContain('busybox');
    expect(json).not.toContain('hidden');
    // what the file says is no value
    expect(JSON.stringify(noted(host, stage('COPY hidden/f /f'), files))).toMatch(/busybox:1.*hidden\/f/);
  });

  it('tells for each step what its image will be known by, and for a hit which one it is', () => {
    const host = make();
    host.build(stage('RUN a'));
    host.later(3600);
    const [first] = noted(host, stage('RUN a', 'COPY f /f'), FILES).stages;
    const [run, copy] = first?.steps ?? [];
    expect(run).toMatchObject({ line: 2, verdict: 'cached', code: 'same-as-build' });
    expect(run?.image).toMatch(/./);
    expect(copy).toMatchObject({ line: 3, verdict: 'rebuild' });
    expect(copy?.image).toBeUndefined();
    expect(copy?.texts).toHaveLength(1);
  });

  it('is not noted without the cache, nor without a verdict that is certain', () => {
    const host = make();
    expect(notedOrNot(host, stage('RUN a'), { noCache: true })).toBeUndefined();
    expect(notedOrNot(host, 'FROM missing:1\nRUN a\n')).toBeUndefined();
  });

  it('is not noted against a commit', () => {
    const host = make();
    const { prediction, chain } = host.project(stage('RUN a'));
    const made = { basis: chain(), patterns: [], madeAt: host.now };
    expect(noteChain({ ...made, prediction: { ...prediction, baseline: 'git:HEAD' } }, sha256)).toBeUndefined();
    expect(noteChain({ ...made, prediction }, sha256)).toBeDefined();
  });

  it('is not noted while a build seems to be under way', () => {
    const host = make();
    host.build(stage('RUN a'));
    expect(notedOrNot(host, stage('RUN a', 'RUN b'))).toBeUndefined();
    host.later(120);
    expect(notedOrNot(host, stage('RUN a', 'RUN b'))).toBeDefined();
  });
});
