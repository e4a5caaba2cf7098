import { describe, expect, it } from 'vitest';
import { opKey } from '../../../core/llb/opKey';
import type { MountOp } from '../../../core/llb/op';
import { lastFileOp, lastRun, stage } from '../support/plan';

const runKey = (...lines: readonly string[]) => opKey(lastRun(stage(...lines)));
const fileKey = (...lines: readonly string[]) => opKey(lastFileOp(stage(...lines)));

describe('the key of RUN', () => {
  it('leaves out where a bind mount takes its files from', () => {
    expect(runKey('RUN --mount=type=bind,source=a,target=/m x')).toBe(
      runKey('RUN --mount=type=bind,source=b,target=/m x'),
    );
  });

  it('leaves out a plain root, but not a root next to another mount', () => {
    const run = lastRun(stage('RUN x'));
    const root = run.mounts[0];
    expect(run.mounts).toHaveLength(1);
    expect(opKey({ ...run, mounts: root === undefined ? [] : [{ ...root, input: 5 }] })).toBe(opKey(run));
    expect(opKey({ ...run, mounts: root === undefined ? [] : [{ ...root, readonly: true }] })).not.toBe(opKey(run));
  });

  it('has the platform', () => {
    const run = lastRun(stage('RUN x'));
    expect(opKey({ ...run, platform: 'linux/amd64/v2' })).not.toBe(opKey(run));
  });

  it('depends on each field that the builder digests', () => {
    const run = lastRun(stage('RUN x'));
    const changes: Partial<typeof run>[] = [
      { args: ['y'] },
      { env: ['A=1'] },
      { cwd: '/w' },
      { user: '0' },
      { hostname: 'h' },
      { cgroupParent: 'c' },
      { extraHosts: ['h'] },
      { ulimits: ['nofile=1:1'] },
      { network: 2 },
      { security: 1 },
      { secretEnv: ['x'] },
      { devices: ['d'] },
    ];
    expect(new Set([run, ...changes.map((change) => ({ ...run, ...change }))].map(opKey)).size).toBe(13);
  });
});

describe('cache mounts in the key', () => {
  const cache = (options: string) => runKey(`RUN --mount=type=cache,target=/c${options} x`);

  it('have no id and no sharing when they are not the defaults (T58)', () => {
    expect(cache(',id=one')).toBe(cache(',id=two'));
    expect(cache(',id=one')).toBe(cache(',id=one,sharing=locked'));
    expect(cache(',sharing=private')).toBe(cache(',sharing=locked'));
  });

  it('keep the defaults (T59)', () => {
    expect(cache('')).not.toBe(cache(',sharing=locked'));
    expect(cache('')).not.toBe(cache(',id=one'));
    expect(cache('')).toBe(cache(',id=/c,sharing=shared'));
  });

  it('take an id that reads like the target for a default', () => {
    expect(cache(',id=c')).not.toBe(cache(',id=one'));
    expect(cache(',id=c')).not.toBe(cache(''));
  });

  it('keep a namespace with a default id', () => {
    const mount = (cacheId: string): MountOp => ({
      dest: '/c',
      input: -1,
      output: -1,
      selector: '',
      readonly: false,
      type: 'cache',
      cacheId,
      cacheSharing: 0,
      tmpfsSize: 0,
      grant: '',
    });
    const run = lastRun(stage('RUN x'));
    const key = (id: string) => opKey({ ...run, mounts: [...run.mounts, mount(id)] });
    expect(key('ns//c')).not.toBe(key('//c'));
    expect(key('ns/one')).toBe(key('/one'));
  });
});

describe('the key of COPY and ADD', () => {
  it('has the last element of a source only (T41, T42)', () => {
    expect(fileKey('COPY d/x.txt /x')).toBe(fileKey('COPY e/x.txt /x'));
    expect(fileKey('COPY d /q')).not.toBe(fileKey('COPY e /q'));
    expect(fileKey('COPY d/sub /q')).toBe(fileKey('COPY e/sub /q'));
  });

  it.each([
    ['COPY a.txt /x', 'COPY ./a.txt /x'],
    ['COPY a.txt /x', 'COPY /a.txt /x'],
    ['COPY a.txt /x', 'COPY ["a.txt", "/x"]'],
    ['COPY d /x', 'COPY d/ /x'],
    ['COPY d/x /x', 'COPY ./d//x /x'],
    ['COPY d /q/w', 'COPY d /q//./w'],
    ['COPY --chown=root a /x', 'COPY --chown=0 a /x'],
    ['COPY --chown=1: a /x', 'COPY --chown=1:0 a /x'],
    ['COPY --chown=:1 a /x', 'COPY --chown=root:1 a /x'],
    ['COPY --chmod=644 a /x', 'COPY --chmod=00644 a /x'],
    ['COPY --chown=1 --chmod=644 a /x', 'COPY --chmod=644 --chown=1 a /x'],
    ['COPY a /x', 'ADD --unpack=false a /x'],
    ['COPY a /x', 'COPY --link=false a /x'],
  ])('is the same for %s and %s', (one, two) => {
    expect(fileKey(one)).toBe(fileKey(two));
  });

  it.each([
    ['COPY d /q', 'COPY d /q/'],
    ['COPY d /q/', 'COPY d /q/.'],
    ['COPY a b /m/', 'COPY b a /m/'],
    ['COPY a /m/', 'COPY a a /m/'],
    ['COPY --chown=0 a /x', 'COPY --chown=0:0 a /x'],
    ['COPY a /x', 'COPY --chown=0:0 a /x'],
    ['COPY --chown=app a /x', 'COPY --chown=1000 a /x'],
    ['COPY a /x', 'COPY --chmod=644 a /x'],
    ['COPY --chmod=744 a /x', 'COPY --chmod=u=rwx,go=r a /x'],
    ['COPY d /x', 'COPY --exclude=nothing d /x'],
    ['COPY --exclude=a --exclude=b d /x', 'COPY --exclude=b --exclude=a d /x'],
    ['COPY a /x', 'ADD a /x'],
    ['COPY <<A /x\nbody\nA', 'COPY <<B /x\nbody\nB'],
  ])('differs for %s and %s', (one, two) => {
    expect(fileKey(one)).not.toBe(fileKey(two));
  });
});
