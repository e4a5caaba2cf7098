import { describe, expect, it } from 'vitest';
import { decodeOp } from '../../../core/llb/decode';
import { opKey } from '../../../core/llb/opKey';
import { failures, lastRun, planOf, stage } from '../support/plan';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The key of a RUN as the provenance of a real build (BuildKit 0.25.2) has it. */
function recorded(parts: { env?: string[]; meta?: object; mounts?: object[]; secretenv?: object[] }): string {
  const { env = [PATH], meta = {}, mounts = [], ...rest } = parts;
  const exec = {
    meta: { args: ['/bin/sh', '-c', 'true'], env, cwd: '/', ...meta, removeMountStubsRecursive: true },
    mounts: [{ dest: '/' }, ...mounts],
    ...rest,
  };
  const op = { Op: { exec }, platform: { Architecture: 'amd64', OS: 'linux' }, constraints: {} };
  return opKey(decodeOp(op, (text) => text));
}

function planned(mount: string): string {
  return opKey(lastRun(stage(`RUN --mount=${mount} true`)));
}

describe('a secret', () => {
  it.each([
    [
      'type=secret,id=k',
      {
        mounts: [
          { input: -1, dest: '/run/secrets/k', mountType: 1, secretOpt: { ID: 'k', mode: 256, optional: true } },
        ],
      },
    ],
    [
      'type=secret,id=k,required=true,target=/x,uid=5,mode=0440',
      { mounts: [{ input: -1, dest: '/x', mountType: 1, secretOpt: { ID: 'k', uid: 5, mode: 288 } }] },
    ],
    ['type=secret,id=e,env=TOK', { secretenv: [{ ID: 'e', name: 'TOK', optional: true }] }],
    [
      'type=secret,id=e,env=TOK,target=/y',
      {
        mounts: [{ input: -1, dest: '/y', mountType: 1, secretOpt: { ID: 'e', mode: 256, optional: true } }],
        secretenv: [{ ID: 'e', name: 'TOK', optional: true }],
      },
    ],
  ])('%s has the key of the builder', (mount, parts) => {
    expect(planned(mount)).toBe(recorded(parts));
  });

  it('has the name of its file or source as id', () => {
    expect(planned('type=secret,target=/a/k')).toBe(planned('type=secret,id=k,target=/a/k'));
    expect(planned('type=secret,source=k')).toBe(planned('type=secret,id=k'));
  });

  it.each(['type=secret', 'type=secret,id=a,source=b', 'type=secret,id=a,from=b', 'type=secret,id=a,sharing=locked'])(
    '%s is refused',
    (mount) => {
      expect(failures(stage(`RUN --mount=${mount} true`))).toHaveLength(1);
    },
  );
});

describe('an ssh agent', () => {
  it.each([
    [
      'type=ssh',
      {
        env: [PATH, 'SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0'],
        mounts: [{ input: -1, dest: '/run/buildkit/ssh_agent.0', mountType: 2, SSHOpt: { mode: 384, optional: true } }],
      },
    ],
    [
      'type=ssh,id=foo,target=/sock,mode=0666,required=false',
      {
        env: [PATH, 'SSH_AUTH_SOCK=/sock'],
        mounts: [{ input: -1, dest: '/sock', mountType: 2, SSHOpt: { ID: 'foo', mode: 438, optional: true } }],
      },
    ],
  ])('%s has the key of the builder', (mount, parts) => {
    expect(planned(mount)).toBe(recorded(parts));
  });

  it('does not replace the variable of an image', () => {
    expect(lastRun(stage('ENV SSH_AUTH_SOCK=/own', 'RUN --mount=type=ssh true')).env).toContain('SSH_AUTH_SOCK=/own');
  });

  it('has no source', () => {
    expect(failures(stage('RUN --mount=type=ssh,source=/a true'))).toHaveLength(1);
  });
});

describe('a cache with an owner', () => {
  it('begins with an empty folder of that owner', () => {
    const { vertices } = planOf(stage('RUN --mount=type=cache,target=/c,uid=3,mode=0700 true'));
    const folder = decodeOp(
      {
        Op: {
          file: {
            actions: [
              {
                input: -1,
                secondaryInput: -1,
                output: 0,
                Action: {
                  mkdir: {
                    path: '/cache',
                    mode: 448,
                    owner: { user: { User: { byId: 3 } }, group: { User: {} } },
                    timestamp: -1,
                  },
                },
              },
            ],
          },
        },
      },
      (text) => text,
    );
    const [made] = vertices.filter(({ op }) => op.kind === 'file');
    expect(made && opKey(made.op)).toBe(opKey(folder));
    const mounts = [{ input: 1, selector: '/cache', dest: '/c', output: -1, mountType: 3, cacheOpt: { ID: '//c' } }];
    expect(planned('type=cache,target=/c,uid=3,mode=0700')).toBe(recorded({ mounts }));
  });
});

describe('limits of the whole build', () => {
  it('are in every RUN', () => {
    const options = { ulimits: ['core=-1:-1', 'nofile=1000:2000'], shmSize: 67108864, cgroupParent: '/a' };
    const ulimit = [
      { Name: 'core', Soft: -1, Hard: -1 },
      { Name: 'nofile', Soft: 1000, Hard: 2000 },
    ];
    const mounts = [{ input: -1, dest: '/dev/shm', output: -1, mountType: 4, TmpfsOpt: { size: 67108864 } }];
    const built = recorded({ meta: { ulimit, cgroupParent: '/a' }, mounts });
    expect(opKey(lastRun({ text: stage('RUN true'), ...options }))).toBe(built);
  });
});

describe('flags of later frontends', () => {
  it.each(['RUN --security=insecure true', 'COPY --parents a /b'])('%s is refused before 0.26', (line) => {
    expect(failures(stage(line))).toHaveLength(1);
    const { vertices } = planOf({ text: stage(line), frontend: [0, 26] });
    expect(vertices.at(-1)?.uncovered).toContain('not verified');
  });

  it('are left to another frontend image', () => {
    expect(failures(`# syntax=docker/dockerfile:1-labs\n${stage('COPY --parents a /b')}`)).toEqual([]);
  });
});
