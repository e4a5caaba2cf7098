import { describe, expect, it } from 'vitest';
import { buildRows } from '../../../core/ledger/builds';
import { buildsTable, sizeChangeInWords } from '../../../core/ledger/words';
import type { PastBuild, PastStep } from '../../../core/evidence/pastBuild';
import { dockerfileText } from '../../../core/evidence/pastDockerfile';

const step = (line: number, layer: string | undefined, cached = false): PastStep => ({
  ...{ kind: 'exec', instruction: 'RUN', vertexDigest: `v${line}`, opDigest: `o${line}`, inputs: [], uses: [] },
  ...{ facts: { parts: {}, env: [] }, recordDigest: 'r', recordTextDigest: 't', lines: [{ start: line, end: line }] },
  ...(layer === undefined ? {} : { layer }),
  ...{ started: 1, completed: 2, cached, done: true },
});
const build = (ref: string, createdAt: number, steps: readonly PastStep[]): PastBuild => ({
  ...{ ref, createdAt, completedAt: createdAt + 1500, contextPath: '/c', dockerfilePath: '/c/Dockerfile' },
  ...{ steps, loose: [] },
});
const where = { context: '/c', dockerfile: '/c/Dockerfile' };
const bytes = new Map([
  ['a', 1_000_000],
  ['b', 2_000_000],
  ['c', 500_000],
]);

describe('sizes of past builds', () => {
  const first = build('first', 1, [step(2, 'a'), step(3, 'b')]);
  const failed = build('failed', 2, []);
  const second = build('second', 3, [step(2, 'a', true), step(3, 'c'), step(4, undefined)]);
  const gone = build('gone', 4, [step(2, 'a', true), step(3, 'unknown')]);
  const last = build('last', 5, [step(2, 'a', true)]);

  it('are those of their own layers, against the completed build before', () => {
    const rows = buildRows([first, failed, second, gone, last], [], where, bytes);
    expect(rows.map(({ ref, bytes: all, bytesChange }) => [ref, all, bytesChange])).toEqual([
      ['last', 1_000_000, null],
      ['gone', null, null],
      ['second', 1_500_000, -1_500_000],
      ['failed', null, null],
      ['first', 3_000_000, null],
    ]);
  });

  it('are unknown where nobody knows the layers', () => {
    expect(buildRows([first, second], [], where).map(({ bytesChange }) => bytesChange)).toEqual([null, null]);
  });

  it('are a column of the table, but for builds without steps', () => {
    const lines = buildsTable(buildRows([first, failed, second], [], where, bytes)).split('\n');
    expect(lines[0]).toMatch(/^second .*\d executed {2}size -1\.50? MB$/);
    expect(lines[1]).not.toContain('size');
    expect(lines[2]).toMatch(/size change unknown$/);
    expect(sizeChangeInWords(0, 'si')).toBe('unchanged');
    expect(sizeChangeInWords(1500, 'si')).toMatch(/^\+1\.50? kB$/);
  });
});

describe('the Dockerfile of a past build', () => {
  const base64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');
  const infos = [
    { filename: 'x', data: '' },
    { filename: 'Dockerfile', language: 'Dockerfile', data: Buffer.from('FROM é\n').toString('base64') },
  ];

  it('is in both forms of its provenance', () => {
    const old = { metadata: { 'https://mobyproject.org/buildkit@v1#metadata': { source: { infos } } } };
    const now = { buildDefinition: {}, runDetails: { metadata: { buildkit_metadata: { source: { infos } } } } };
    for (const provenance of [old, now, { predicate: now }]) {
      expect(dockerfileText(provenance, base64)).toBe('FROM é\n');
    }
  });

  it('is not everywhere', () => {
    expect(dockerfileText({}, base64)).toBeUndefined();
    expect(dockerfileText(null, base64)).toBeUndefined();
  });
});
