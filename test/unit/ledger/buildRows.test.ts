import { describe, expect, it } from 'vitest';
import { buildRows, type RowBasis } from '../../../core/ledger/builds';
import { buildsTable, sizeChangeInWords, sizeInWords } from '../../../core/ledger/words';
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
const layerBytes = new Map([
  ['a', 1_000_000],
  ['b', 2_000_000],
  ['c', 500_000],
]);
const sizes = { layerBytes, recordBytes: new Map<string, number>() };

describe('sizes of past builds', () => {
  const first = build('first', 1, [step(2, 'a'), step(3, 'b')]);
  const failed = build('failed', 2, []);
  const second = build('second', 3, [step(2, 'a', true), step(3, 'c'), step(4, undefined)]);
  const gone = build('gone', 4, [step(2, 'a', true), step(3, 'unknown')]);
  const last = build('last', 5, [step(2, 'a', true)]);

  it('are those of their own layers, against the completed build before', () => {
    const rows = buildRows([first, failed, second, gone, last], [], where, sizes);
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

  it('are estimates where only the kept result of a step tells, and so is their change', () => {
    const told = { layerBytes, recordBytes: new Map([['unknown', 700]]) };
    const rows = buildRows([second, gone, last], [], where, told);
    expect(rows).toMatchObject([
      { ref: 'last', bytes: 1_000_000, bytesBasis: 'measured', bytesChange: -700, changeBasis: 'estimate' },
      { ref: 'gone', bytes: 1_000_700, bytesBasis: 'estimate', bytesChange: -499_300, changeBasis: 'estimate' },
      { ref: 'second', bytes: 1_500_000, bytesBasis: 'measured', bytesChange: null },
    ]);
    expect(buildsTable(rows)).toMatch(/^last .*size ≈-700 B\ngone .*size ≈-499 kB\n/);
  });

  it('are packed bytes where the builder keeps its layers packed, and compared with such only', () => {
    const packed = (ref: string, at: number, bytes: readonly number[]): PastBuild =>
      build(ref, at, [
        ...bytes.map((packedBytes, index) => ({ ...step(index + 2, `packed ${index} ${packedBytes}`), packedBytes })),
        // a step that made no layer of its own has that below it
        { ...step(9, `packed 0 ${bytes[0] ?? 0}`), packedBytes: bytes[0] ?? 0 },
      ]);
    const rows = buildRows([last, packed('small', 6, [1000, 300]), packed('large', 7, [1000, 5300])], [], where, sizes);
    expect(rows).toMatchObject([
      { ref: 'large', bytes: 6300, bytesBasis: 'packed', bytesChange: 5000, changeBasis: 'packed' },
      { ref: 'small', bytes: 1300, bytesBasis: 'packed', bytesChange: null },
      { ref: 'last', bytes: 1_000_000, bytesBasis: 'measured' },
    ]);
    expect(buildsTable(rows)).toMatch(/^large .*size \+5 kB packed\nsmall .*size change unknown\n/);
    expect(rows.map((row) => sizeInWords(row, 'si'))).toEqual(['6.3 kB packed', '1.3 kB packed', '1 MB']);
  });

  it('are a column of the table, but for builds without steps', () => {
    const lines = buildsTable(buildRows([first, failed, second], [], where, sizes)).split('\n');
    expect(lines[0]).toMatch(/^second .*\d executed {2}size -1\.50? MB$/);
    expect(lines[1]).not.toContain('size');
    expect(lines[2]).toMatch(/size change unknown$/);
    const words = (bytesChange: number, changeBasis: RowBasis = 'measured'): string =>
      sizeChangeInWords({ bytesChange, changeBasis }, 'si');
    expect(words(0)).toBe('unchanged');
    expect(words(1500)).toMatch(/^\+1\.50? kB$/);
    expect(words(-1500, 'estimate')).toMatch(/^≈-1\.50? kB$/);
  });
});

describe('how past builds ended', () => {
  const done = build('done', 1, [step(2, 'a')]);
  const failed: PastBuild = { ...build('failed', 2, []), ended: 'failed' };
  const canceled: PastBuild = { ...build('canceled', 3, []), ended: 'canceled' };
  // read by a version that did not ask
  const old = build('old', 4, []);

  it('is told apart where the engine tells', () => {
    const rows = buildRows([done, failed, canceled, old], [], where);
    expect(rows.map(({ result }) => result)).toEqual(['unknown', 'canceled', 'failed', 'completed']);
    expect(buildsTable(rows)).toMatch(/^old.*\(failed or stopped\)\ncanceled.*\(stopped\)\nfailed.*\(failed\)\n/);
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
