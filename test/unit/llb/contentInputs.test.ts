import { describe, expect, it } from 'vitest';
import { inputUses } from '../../../core/llb/contentInputs';
import { planOf, stage } from '../support/plan';

/** How the last vertex of a build uses its inputs: `content` or `key`, with the selected paths. */
function uses(text: string): [string, string[]][] {
  const vertex = planOf(text).vertices.at(-1);
  if (vertex === undefined) throw new Error('no vertex');
  return inputUses(vertex.op, vertex.inputs.length).map(({ byContent, selectors }) => [
    byContent ? 'content' : 'key',
    selectors.map(({ path }) => path),
  ]);
}

describe('how steps depend on their inputs', () => {
  it('COPY: on the key of what it stands on and on the content of its sources', () => {
    expect(uses(stage('COPY a d/e /x/'))).toEqual([
      ['key', []],
      ['content', ['/a', '/d/e']],
    ]);
  });

  it('COPY from the very state it stands on: on its key', () => {
    expect(uses('FROM a AS x\nRUN 1\nFROM x\nCOPY --from=x /a /b\n')).toEqual([['key', ['/a']]]);
  });

  it('COPY from a stage: on the content of the selected files (T49)', () => {
    expect(uses('FROM a AS x\nRUN 1\nFROM b\nCOPY --from=x /out /o\n')[1]).toEqual(['content', ['/out']]);
  });

  it('RUN and WORKDIR: on the key of what they stand on', () => {
    expect(uses(stage('RUN x'))).toEqual([['key', ['/']]]);
    expect(uses(stage('WORKDIR /x'))).toEqual([['key', []]]);
  });

  it('RUN with a bind mount: on the content of what is mounted, also when it may be written to', () => {
    for (const mode of ['', ',rw']) {
      expect(uses(stage(`RUN --mount=type=bind,source=a,target=/m${mode} x`))).toEqual([
        ['key', ['/']],
        ['content', ['/a']],
      ]);
    }
  });

  it('RUN with a bind mount of its own base: on content alone (T70)', () => {
    expect(uses('FROM a AS b\nRUN 1\nFROM b\nRUN --mount=from=b,source=/bin,target=/m x\n')).toEqual([
      ['content', ['/', '/bin']],
    ]);
  });

  it('RUN with tmpfs and plain cache mounts: on no further input', () => {
    expect(uses(stage('RUN --mount=type=tmpfs,target=/t --mount=type=cache,target=/c x'))).toEqual([['key', ['/']]]);
  });

  it('passes exclude patterns and wildcards on', () => {
    const vertex = planOf(stage('COPY --exclude=*.log d* /x/')).vertices.at(-1);
    const [, source] = vertex === undefined ? [] : inputUses(vertex.op, vertex.inputs.length);
    expect(source?.selectors).toEqual([
      { path: '/d*', wildcard: true, followSymlink: true, include: [], exclude: ['*.log'] },
    ]);
  });
});
