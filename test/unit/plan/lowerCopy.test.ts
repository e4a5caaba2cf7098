import { describe, expect, it } from 'vitest';
import type { CopyAction } from '../../../core/llb/op';
import { failures, lastFileOp, planOf, secondBuild, stage, type Build } from '../support/plan';

function copies(...lines: readonly string[]): CopyAction[] {
  return lastFileOp(stage(...lines)).actions.flatMap(({ action }) => (action.kind === 'copy' ? [action] : []));
}
const destination = (...lines: readonly string[]) => copies(...lines)[0]?.dest;
const copy = (first: Build | string, second: Build | string) => secondBuild(first, second).at(-1)?.split(' ')[0];

describe('the destination of COPY', () => {
  it.each([
    ['/', '/q', '/q'],
    ['/', '/q/', '/q/'],
    ['/', '/q/.', '/q/.'],
    ['/', 'q//./w', '/q/w'],
    ['/', '/', '/'],
    ['/', '/.', '/.'],
    ['/', '.', '/'],
    ['/', '../x', '/x'],
    ['/w', '.', '/w/'],
    ['/w', './', '/w/'],
    ['/w', 'q/', '/w/q/'],
    ['/w', 'q/.', '/w/q/.'],
    ['/w', '..', '/'],
    ['/w', '$NONE', '/w/'],
    ['/w/', 'q', '/w/q'],
    ['w', 'q', '/w/q'],
  ])('in WORKDIR %s is "%s" → %s', (workdir, written, expected) => {
    expect(destination(`WORKDIR ${workdir}`, `COPY a ${written}`)).toBe(expected);
  });

  it('may be written in ways that mean the same (C20f)', () => {
    const there = (text: string) => stage('WORKDIR /w', `COPY a ${text}`);
    for (const text of ['./', '/w/', '/w//']) expect(copy(there('.'), there(text))).toBe('hit');
    expect(copy(there('.'), there('/w'))).toBe('MISS');
  });
});

describe('the sources of COPY', () => {
  it('are absolute and cleaned', () => {
    expect(copies('COPY a ./b/ /c//d ../e . /x/').map(({ src }) => src)).toEqual(['/a', '/b', '/c/d', '/e', '/']);
  });

  it('are expanded, with the destination and the owner, but not the excluded patterns (B04)', () => {
    const line = 'COPY --chown=$V:app --chmod=60$V --exclude=$V a$V /x$V/';
    expect(copies('ARG V=1', line)).toMatchObject([
      { src: '/a1', dest: '/x1/', owner: { user: 1, group: 'app' }, mode: 0o601, exclude: ['$V'] },
    ]);
    expect(copies('ENV V="a b"', 'COPY ["$V", "/x"]')).toMatchObject([{ src: '/a b' }]);
    expect(failures(stage('COPY "a b" /x'))).toHaveLength(1);
  });

  it('are taken in order, each onto the result of the one before', () => {
    const { actions } = lastFileOp(stage('COPY a b <<C /x/', 'c', 'C'));
    expect(actions.map(({ input, secondaryInput, output }) => [input, secondaryInput, output])).toEqual([
      [0, 1, -1],
      [3, 1, -1],
      [4, 2, 0],
    ]);
    const scratch = lastFileOp('FROM scratch\nCOPY a b /x/\n').actions;
    expect(scratch.map(({ input, secondaryInput, output }) => [input, secondaryInput, output])).toEqual([
      [-1, 0, -1],
      [1, 0, 0],
    ]);
  });

  it('of nothing at all have no input', () => {
    expect(lastFileOp(stage('COPY --from=scratch a /x')).actions).toMatchObject([{ input: 0, secondaryInput: -1 }]);
  });

  it.each([
    ['T3 ENV before it', 'COPY a /a', 'ENV Q=1\nCOPY a /a', 'hit'],
    ['T16 USER before it', 'COPY a /a', 'USER 1000\nCOPY a /a', 'hit'],
    ['T41 another folder', 'COPY d/x /x', 'COPY e/x /x', 'hit'],
    ['T43 a slash at the end', 'COPY d /q', 'COPY d /q/', 'MISS'],
    ['T44 another order', 'COPY a b /m/', 'COPY b a /m/', 'MISS'],
    ['T45 ADD', 'COPY a /a', 'ADD a /a', 'MISS'],
    ['A06 an unused argument', 'ARG V=1\nCOPY a /a', 'ARG V=2\nCOPY a /a', 'hit'],
    ['A06b a used argument', 'ARG V=1\nCOPY a /a$V', 'ARG V=2\nCOPY a /a$V', 'MISS'],
    ['Y04 a mode from a variable', 'COPY --chmod=644 a /a', 'ARG X=644\nCOPY --chmod=$X a /a', 'hit'],
    ['Y07 a label from an argument', 'ARG V=1\nLABEL v=$V\nCOPY a /a', 'ARG V=2\nLABEL v=$V\nCOPY a /a', 'hit'],
  ])('%s', (_, first, second, expected) => {
    expect(copy(stage(first), stage(second))).toBe(expected);
  });

  it('make every following step miss when two lines are swapped (T71)', () => {
    expect(secondBuild(stage('COPY a /a', 'COPY b /b'), stage('COPY b /b', 'COPY a /a'))).toEqual([
      'MISS COPY b /b',
      'MISS COPY a /a',
    ]);
  });

  it('are equal from a stage and from the build context (T53)', () => {
    expect(copy(stage('COPY q /x'), 'FROM a AS b\nRUN 1\nFROM busybox:1\nCOPY --from=b /q /x\n')).toBe('hit');
  });
});

describe('owner and mode', () => {
  it.each([
    ['1000', { user: 1000, group: undefined }],
    ['1000:', { user: 1000, group: 0 }],
    [':1000', { user: 0, group: 1000 }],
    ['root:root', { user: 0, group: 0 }],
    ['app:1', { user: 'app', group: 1 }],
    ['a:b:c', { user: 'a', group: 'b:c' }],
    ['4294967295', { user: '4294967295', group: undefined }],
    ['-1', { user: 4294967295, group: undefined }],
  ])('--chown=%s', (text, owner) => {
    expect(copies(`COPY --chown=${text} a /x`)[0]?.owner).toEqual(owner);
  });

  it('--chmod is a number or a text', () => {
    expect(copies('COPY --chmod=0755 a /x')[0]).toMatchObject({ mode: 0o755, modeText: '' });
    expect(copies('COPY --chmod=u=rwx,go=r a /x')[0]).toMatchObject({ mode: 0, modeText: 'u=rwx,go=r' });
    expect(copies('COPY a /x')[0]).toMatchObject({ mode: -1, modeText: '' });
    expect(failures(stage('COPY --chmod=99 a /x'))).toHaveLength(1);
    expect(failures(stage('COPY --chmod=77777 a /x'))).toHaveLength(1);
  });
});

describe('inline documents', () => {
  const body = (build: string) =>
    planOf(build).vertices.flatMap(({ op }) =>
      op.kind === 'file' ? op.actions.flatMap(({ action }) => (action.kind === 'mkfile' ? [action.data] : [])) : [],
    );

  it('are expanded unless their delimiter is quoted (T31, P08d)', () => {
    expect(body(stage('ARG V=1', 'COPY <<EOF <<"RAW" /x/', '"$V"', 'EOF', '$V', 'RAW'))).toEqual(['"1"\n', '$V\n']);
    const document = (value: string, name: string) => stage(`ARG V=${value}`, `COPY <<${name} /x`, '$V', 'EOF');
    expect(copy(document('1', 'EOF'), document('2', 'EOF'))).toBe('MISS');
    expect(copy(document('1', '"EOF"'), document('2', '"EOF"'))).toBe('hit');
  });

  it('need no build context', () => {
    expect(planOf(stage('COPY <<EOF /x', 'a', 'EOF')).vertices.some(({ op }) => op.kind === 'local')).toBe(false);
  });

  it('are read literally where a substitution is wrong', () => {
    expect(failures(stage('COPY <<EOF /x', '${', 'EOF'))).toHaveLength(1);
    expect(failures(stage(`COPY <<'EOF' /x`, '${', 'EOF'))).toEqual([]);
  });
});

describe('COPY --from', () => {
  it('does not expand variables', () => {
    expect(failures('FROM a\nCOPY --from=$X a /x\n')[0]).toMatch(/^variable expansion is not supported for --from/);
  });

  it('takes an image when there is no stage of that name', () => {
    expect(planOf('FROM a\nCOPY --from=busybox:1 /a /x\n').images).toEqual([
      'docker.io/library/a:latest',
      'docker.io/library/busybox:1',
    ]);
    expect(failures('FROM a\nCOPY --from=No!Such /a /x\n')).toHaveLength(1);
  });
});

describe('ADD', () => {
  it('unpacks unless told otherwise', () => {
    expect(copies('ADD a /x')[0]?.attemptUnpack).toBe(true);
    expect(copies('ADD --unpack=false a /x')[0]?.attemptUnpack).toBe(false);
  });

  it.each(['https://a/b', 'http://a/b?c'])('of %s is a file from the network', (url) => {
    expect(planOf(stage(`ADD ${url} /x`)).vertices.at(1)?.op).toMatchObject({ kind: 'remote', url, filename: 'b' });
    expect(copies(`ADD ${url} /x`)[0]).toMatchObject({ src: '/b', attemptUnpack: false, allowWildcard: false });
    expect(copies(`ADD --unpack ${url} /x`)[0]?.attemptUnpack).toBe(true);
    expect(failures(stage(`COPY ${url} /x`))).toHaveLength(1);
  });

  it.each([
    ['https://a', '__unnamed__'],
    ['https://a/', '__unnamed__'],
    ['https://a/b%20c.txt#d', 'b c.txt'],
  ])('of %s makes a file %s', (url, filename) => {
    expect(planOf(stage(`ADD ${url} /x`)).vertices.at(1)?.op).toMatchObject({ filename });
  });

  it.each(['http://a/b.git', 'git@github.com:a/b.git', 'git://a/b'])('of %s is not predicted', (url) => {
    expect(planOf(stage(`ADD ${url} /x`)).vertices.at(-1)?.uncovered).toContain('network');
    expect(failures(stage(`COPY ${url} /x`))).toHaveLength(1);
  });

  it('takes a checksum for one remote source only', () => {
    expect(failures(stage(`ADD --checksum=sha256:${'0'.repeat(64)} a /x`))).toHaveLength(1);
    expect(failures(stage(`ADD --checksum=sha256:${'0'.repeat(64)} https://a/b https://a/c /x/`))).toHaveLength(1);
    expect(failures(stage(`ADD --checksum=sha256:${'0'.repeat(64)} https://a/b /x`))).toEqual([]);
  });
});

describe('--no-cache', () => {
  const text = 'FROM a AS s1\nWORKDIR /w\nRUN 1\nFROM b AS s2\nCOPY --from=s1 /o /1\nRUN 2\n';

  it('executes everything but WORKDIR on an unchanged parent (T63)', () => {
    expect(secondBuild(text, { text, noCache: true })).toEqual([
      'hit WORKDIR /w',
      'MISS RUN 1',
      'MISS COPY --from=s1 /o /1',
      'MISS RUN 2',
    ]);
  });

  it('for one stage leaves the others alone while its output stays (T64)', () => {
    expect(secondBuild(text, { text, noCacheFilter: ['S1'] })).toEqual([
      'hit WORKDIR /w',
      'MISS RUN 1',
      'hit COPY --from=s1 /o /1',
      'hit RUN 2',
    ]);
  });
});
