import { describe, expect, it } from 'vitest';
import {
  parseDiskUsage,
  parseHistory,
  parseInspect,
  parseLogLine,
  parseVerboseDiskUsage,
  timeMs,
} from '../../../../core/node/engines/buildxOutput';
import { runCommand, type Command } from '../../../../core/node/engines/command';
import { HistoryReader, SessionHistory } from '../../../../core/node/engines/history';
import { byCommands } from './fakeDocker';
import { recorded, recording } from './recording';
import { load, Machine, SHORT, told } from './setup';

describe('the answers of buildx', () => {
  it('tell who the builder is', () => {
    const info = { version: '0.0.0+unknown', platform: 'linux/amd64', workerId: '' };
    expect(parseInspect(recorded('inspect.txt'))).toEqual(info);
    const starred = 'Name: b\nStatus: running\nBuildKit version: v0.29.1\nPlatforms: linux/arm64*, linux/amd64 (+3)\n';
    expect(parseInspect(starred)).toMatchObject({ version: '0.29.1', platform: 'linux/arm64' });
    expect(() => parseInspect('Name: b\nError: nobody there\n')).toThrow('nobody there');
    expect(() => parseInspect('Name: b\nStatus: inactive\n')).toThrow('not running (inactive)');
    expect(() => parseInspect('hello')).toThrow('a form that is not known');
  });

  it('tell of past builds, also of one that still runs', () => {
    const [newest] = parseHistory(recorded('history.jsonl'));
    expect(newest).toMatchObject({ ref: 'failed', completedAt: Date.parse('2025-03-14T12:25:01.727Z') + 0.903878 });
    const running = '{"ref":"b/b0/x","created_at":"2025-03-14T12:25:01Z","status":"Running"}\n';
    expect(parseHistory(running)[0]).toMatchObject({ ref: 'x', completedAt: undefined });
    expect(() => parseHistory('{"ref":"x"}')).toThrow('history ls answers in a form');
  });

  it('have times to the nanosecond and sizes of four digits', () => {
    const records = parseDiskUsage(recorded('du.jsonl'));
    expect(records.find(({ description }) => description.includes('WORKDIR'))).toEqual({
      id: 'ay4h2trljhayggxxg7xuuz65e',
      parents: ['g31gh8t1bo9fpiq8izr3gjgwq'],
      type: 'regular',
      description: '[base 2/3] WORKDIR /app',
      size: 0,
      createdAt: Date.parse('2025-03-14T12:24:58.988Z') + 0.546807,
      precision: 0.000001,
      mutable: false,
    });
    const sizeOf = (Size: string) => parseDiskUsage(JSON.stringify({ ID: 'x', Size }))[0]?.size;
    expect(['0B', '999B', '1kB', '9.999kB', '10kB', '1.99MB', '-1B', ''].map(sizeOf)).toEqual([
      ...[0, 999, 1000, 9999, -1, -1, -1, -1],
    ]);
  });

  it('have times that may be rounded', () => {
    const precision = (time: string) =>
      parseDiskUsage(JSON.stringify({ ID: 'x', CreatedAt: `2025-03-14 ${time}` }))[0]?.precision;
    const times = ['12:24:58 +0000 UTC', '12:24:58.5 +0000 UTC', '12:24:58.123 +0100 CET', 'long ago'];
    expect(times.map(precision)).toEqual([1000, 100, 1, Infinity]);
    expect(timeMs('2025-03-14T13:00:00.5+01:00')).toBe(Date.parse('2025-03-14T12:00:00.5Z'));
  });

  it('are aligned text before buildx 0.28', () => {
    const before = recorded('du-verbose.txt')
      .replace(/Parents:\n - (.*)/g, 'Parent: $1')
      .replace(/^([A-Z][a-z ]+): +/gm, '$1:\t');
    expect(parseVerboseDiskUsage(before)).toEqual(parseDiskUsage(recorded('du.jsonl')));
    expect(parseVerboseDiskUsage(recorded('du-verbose.txt'))).toEqual(parseDiskUsage(recorded('du.jsonl')));
    expect(() => parseVerboseDiskUsage(before.replace('echo three', 'echo\tthree'))).toThrow('du --verbose answers');
    expect(parseVerboseDiskUsage(before.replace('echo three', 'echo\n\nthree'))).toHaveLength(12);
  });

  it('have logs of which only the vertices count', () => {
    expect(parseLogLine('{"logs":[{"data":"aGk="}]}')).toEqual([]);
    const [first] = recorded('logs/first.jsonl').split('\n').flatMap(parseLogLine);
    expect(first).toMatchObject({ name: '[base 1/3] FROM docker.io/library/busybox:1', cached: false, error: '' });
    expect(() => parseLogLine('{"vertexes":')).toThrow('history logs answers');
  });
});

describe('records whose time is rounded', () => {
  it('prove nothing', async () => {
    const rounded = recorded('du.jsonl').replace(/(:\d\d)\.\d+ \+0000/g, '$1 +0000');
    const machine = new Machine({ '': byCommands(recording(), { 'buildx du --format json': { out: rounded } }) });
    await machine.engine();
    expect(told(await load(machine.source()), SHORT).slice(1)).toEqual([
      'WORKDIR /app: may-hit, record-unexplained',
      expect.stringMatching(/^RUN echo one .*: may-hit, /),
    ]);
  });
});

describe('a command', () => {
  const node = (script: string, more: Partial<Command> = {}) =>
    runCommand({
      program: process.execPath,
      args: ['-e', script],
      env: process.env,
      signal: new AbortController().signal,
      patience: 10_000,
      ...more,
    });

  it('fails with its own words', async () => {
    await expect(node('process.stdout.write("so")')).resolves.toBe('so');
    await expect(node('console.error("no such thing"); process.exit(1)')).rejects.toThrow(/^no such thing$/);
    await expect(node('process.exit(3)')).rejects.toThrow('ended with code 3');
  });

  it('has no shell', async () => {
    const script = 'process.stdout.write(process.argv[1])';
    await expect(node('', { args: ['-e', script, '; $(exit) `x` "'] })).resolves.toBe('; $(exit) `x` "');
  });

  it('ends when its time is over, when nobody wants it any more and when it talks too much', async () => {
    const forever = 'setInterval(() => {}, 1000)';
    await expect(node(forever, { patience: 200 })).rejects.toThrow('did not end within 0.2 seconds');
    await expect(node(forever, { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
    const flood = 'const text = "x".repeat(1e6); const go = () => process.stdout.write(text, go); go()';
    await expect(node(flood)).rejects.toThrow('printed too much');
  });

  it('gives its error stream line by line, and fails when such a line cannot be read', async () => {
    const lines: string[] = [];
    const script = `process.stderr.write('{"a":1}\\n{"b"'); setTimeout(() => process.stderr.write(':2}'), 50)`;
    await node(script, { onErrorLine: (line) => lines.push(line) });
    expect(lines).toEqual(['{"a":1}', '{"b":2}']);
    const onErrorLine = () => {
      throw new Error('what is this?');
    };
    await expect(node(script, { onErrorLine })).rejects.toThrow('what is this?');
  });
});

describe('a history of which only the newest builds are listed', () => {
  const listed = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ref: `build${from + index}`,
      createdAt: 1000 * (from + index),
      completedAt: 1000 * (from + index) + 1,
      provenanceDigests: [],
    }));
  const read = async (store: SessionHistory, from: number, count: number, fails = '') => {
    const connection = {
      history: () => Promise.resolve(listed(from, count)),
      log: (ref: string) => (ref === fails ? Promise.reject(new Error('gone')) : Promise.resolve([])),
      provenance: () => Promise.resolve([]),
    };
    const { builds } = await new HistoryReader(connection, store, 'id').read(new AbortController().signal);
    return builds.filter(({ ref }) => ref.startsWith('before')).map(({ ref }) => ref);
  };

  it('has a gap where it does not go on from what was known', async () => {
    const store = new SessionHistory();
    expect(await read(store, 0, 49)).toEqual([]);
    expect(await read(store, 30, 50)).toEqual([]);
    expect(await read(store, 200, 50)).toEqual(['before build200']);
    expect(await read(store, 210, 50)).toEqual(['before build200']);
  });

  it('keeps what was read before a failure, and the gap', async () => {
    const store = new SessionHistory();
    await expect(read(store, 100, 50, 'build100')).rejects.toThrow('gone');
    expect((await store.load()).length).toBeGreaterThan(1);
    expect(await read(store, 100, 50)).toEqual(['before build100']);
  });
});

describe('builds that run', () => {
  const running = { ref: 'runs', createdAt: 1000, completedAt: undefined, provenanceDigests: [] };
  const ended = { ...running, ref: 'ended', completedAt: 1001 };
  const vertex = { digest: 'd', name: 'RUN make', cached: false, error: '' };
  const plain = {
    history: () => Promise.resolve([running, ended]),
    log: () => Promise.resolve([]),
    provenance: () => Promise.resolve([]),
  };
  const read = (connection: ConstructorParameters<typeof HistoryReader>[0]) =>
    new HistoryReader(connection, new SessionHistory(), 'id').read(new AbortController().signal);

  it('are asked for what they did so far, and no others', async () => {
    const asked: string[] = [];
    const logSoFar = (ref: string) => {
      asked.push(ref);
      return Promise.resolve([vertex]);
    };
    const { builds, running: vertices } = await read({ ...plain, logSoFar });
    expect(vertices).toEqual([vertex]);
    expect(asked).toEqual(['runs']);
    expect(builds.map(({ ref }) => ref)).toEqual(['ended']);
  });

  it('hold nothing when they ended before they were asked', async () => {
    const logSoFar = () => Promise.reject(new Error('no such build'));
    expect((await read({ ...plain, logSoFar })).running).toEqual([]);
  });

  it('may hold anything where they are not told of', async () => {
    expect((await read(plain)).running).toBe('unknown');
    expect((await read({ ...plain, history: () => Promise.resolve([ended]) })).running).toEqual([]);
  });
});
