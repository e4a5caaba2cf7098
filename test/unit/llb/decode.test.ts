import { describe, expect, it } from 'vitest';
import { decodeOp, type Base64Decoder } from '../../../core/llb/decode';
import { opKey } from '../../../core/llb/opKey';
import { lastFileOp, lastRun, operations, planOf, stage } from '../support/plan';

const base64: Base64Decoder = (text) => Buffer.from(text, 'base64').toString('utf8');
const decode = (op: unknown) => decodeOp(op, base64);
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

// The shapes of provenance: zero values are left out, enums are numbers
const copyJson = {
  src: '/a.txt',
  dest: '/x',
  mode: -1,
  followSymlink: true,
  dirCopyContents: true,
  createDestPath: true,
  allowWildcard: true,
  allowEmptyWildcard: true,
  timestamp: -1,
};
const fileJson = (action: unknown, rest = {}) => ({ Op: { file: { actions: [{ Action: action, ...rest }] } } });

describe('decoding the operations of a past build', () => {
  it('gives a RUN the key that planning its Dockerfile gives', () => {
    const past = decode({
      Op: {
        exec: {
          meta: { args: ['/bin/sh', '-c', 'echo 1'], env: [PATH, 'A=1'], cwd: '/w', user: 'app' },
          mounts: [{ dest: '/' }],
        },
      },
      platform: { Architecture: 'amd64', OS: 'linux' },
    });
    expect(past).toMatchObject({ kind: 'exec', platform: 'linux/amd64' });
    expect(opKey(past)).toBe(opKey(lastRun(stage('WORKDIR /w', 'ENV A=1', 'USER app', 'RUN echo 1'))));
  });

  it('gives a RUN with mounts the key that planning gives', () => {
    const past = decode({
      Op: {
        exec: {
          meta: { args: ['/bin/sh', '-c', 'x'], env: [PATH], cwd: '/', extraHosts: [{ Host: 'h', IP: '1.2.3.4' }] },
          mounts: [
            { dest: '/' },
            { dest: '/b', input: 1, output: -1, readonly: true, selector: '/d' },
            { dest: '/c', input: -1, output: -1, mountType: 3, cacheOpt: { ID: '//c' } },
            { dest: '/t', input: -1, output: -1, mountType: 4, TmpfsOpt: { size: 1024 } },
          ],
          network: 2,
        },
      },
      platform: { Architecture: 'amd64', OS: 'linux' },
    });
    const mounts = ['type=tmpfs,target=/t,size=1k', 'type=cache,target=/c', 'source=d,target=/b'];
    const run = `RUN --network=none ${mounts.map((mount) => `--mount=${mount}`).join(' ')} x`;
    expect(opKey(past)).toBe(opKey(lastRun({ text: stage(run), addHosts: ['H'] })));
  });

  it.each([
    ['COPY a.txt /x', copyJson],
    ['ADD a.txt /x', { ...copyJson, attemptUnpackDockerCompatibility: true }],
    ['COPY --chmod=644 a.txt /x', { ...copyJson, mode: 0o644 }],
    ['COPY --chmod=u+x a.txt /x', { ...copyJson, mode: undefined, modeStr: 'u+x' }],
    ['COPY --exclude=*.log a.txt /x', { ...copyJson, excludePatterns: ['*.log'] }],
    [
      'COPY --chown=app:0 a.txt /x',
      { ...copyJson, owner: { user: { User: { byName: { name: 'app' } } }, group: { User: { byId: 0 } } } },
    ],
  ])('gives %s the key that planning gives', (line, copy) => {
    const past = decode(fileJson({ copy }, { secondaryInput: 1 }));
    expect(opKey(past)).toBe(opKey(lastFileOp(stage(line))));
  });

  it('gives a WORKDIR the key that planning gives, with and without a time', () => {
    const mkdir = { path: '/w', mode: 0o755, makeParents: true };
    const past = (timestamp?: number) =>
      opKey(decode(fileJson({ mkdir: { ...mkdir, timestamp } }, { secondaryInput: -1 })));
    const now = (args: Record<string, string>) => opKey(lastFileOp({ text: stage('WORKDIR /w'), args }));
    expect(past(-1)).toBe(now({}));
    // BuildKit leaves a zero out
    expect(past()).toBe(now({ SOURCE_DATE_EPOCH: '0' }));
    expect(past(1_700_000_001_000_000_000)).toBe(now({ SOURCE_DATE_EPOCH: '1700000001' }));
  });

  it('gives an inline document the key that planning gives', () => {
    const mkfile = { path: '/EOF', mode: 0o644, data: Buffer.from('hé\n').toString('base64'), timestamp: -1 };
    const past = decode(fileJson({ mkfile }, { input: -1, secondaryInput: -1 }));
    const document = planOf(stage('COPY <<EOF /x', 'hé', 'EOF')).vertices.find(
      ({ inputs }, id) => id > 0 && inputs.length === 0,
    );
    expect(document === undefined ? '' : opKey(document.op)).toBe(opKey(past));
  });

  it('reads sources', () => {
    expect(
      decode({
        Op: { source: { identifier: 'docker-image://docker.io/library/busybox:1@sha256:0' } },
        platform: { OS: 'linux', Architecture: 'arm', Variant: 'v7' },
      }),
    ).toEqual({ kind: 'image', ref: 'docker.io/library/busybox:1@sha256:0', platform: 'linux/arm/v7' });
    expect(
      decode({ Op: { source: { identifier: 'local://context', attrs: { 'local.excludepatterns': '["a","!b"]' } } } }),
    ).toEqual({ kind: 'local', name: 'context', exclude: ['a', '!b'] });
    expect(decode({ Op: { source: { identifier: 'git://x' } } })).toEqual({ kind: 'opaque', text: 'git://x' });
  });

  it('keeps operations and actions that it does not know, equal only to themselves', () => {
    const link = (newpath: string) => opKey(decode(fileJson({ symlink: { newpath } })));
    expect(link('/a')).toBe(link('/a'));
    expect(link('/a')).not.toBe(link('/b'));
    expect(decode({ Op: { diff: { lower: {} } } }).kind).toBe('opaque');
  });

  it('reads nonsense without failing', () => {
    for (const op of [null, 1, [], {}, { Op: { exec: 1 } }, { Op: { file: { actions: [3, null] } } }]) {
      expect(() => opKey(decode(op))).not.toThrow();
    }
    expect(operations(stage('RUN x'))).toHaveLength(1);
  });
});
