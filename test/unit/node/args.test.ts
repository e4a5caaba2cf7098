import { describe, expect, it } from 'vitest';
import {
  parseBuildArguments,
  parseHistoryArguments,
  parsePredictArguments,
  UsageError,
  type PredictArguments,
} from '../../../core/node/cli/args';

const parse = (line: string, env: NodeJS.ProcessEnv = {}): PredictArguments =>
  parsePredictArguments(
    line.split(' ').filter((word) => word !== ''),
    env,
  );

describe('the arguments of predict', () => {
  it('have defaults', () => {
    expect(parse('')).toEqual({
      context: '.',
      file: undefined,
      target: '',
      buildArgs: new Map(),
      platforms: [],
      uncoveredOptions: [],
      noCache: false,
      noCacheFilter: [],
      network: 'default',
      addHosts: [],
      ulimits: [],
      shmSize: 0,
      cgroupParent: '',
      pull: false,
      buildContexts: new Map(),
      cacheFrom: [],
      askNetwork: false,
      builder: undefined,
      engine: 'auto',
      baseline: 'engine',
      exitCode: false,
      json: false,
    });
  });

  it('may come in any order, as docker takes them', () => {
    const expected = { context: 'app', file: 'docker/Dockerfile', target: 'web', json: true };
    expect(parse('app -f docker/Dockerfile --target web --json')).toMatchObject(expected);
    expect(parse('--json --target=web --file=docker/Dockerfile app')).toMatchObject(expected);
  });

  it('take lists apart', () => {
    expect(parse('--platform linux/amd64,linux/arm64 --platform linux/386').platforms).toEqual([
      'linux/amd64',
      'linux/arm64',
      'linux/386',
    ]);
    expect(parse('--no-cache-filter a,b --no-cache-filter c').noCacheFilter).toEqual(['a', 'b', 'c']);
    expect(parse('--add-host db:10.0.0.1 --add-host six=::1').addHosts).toEqual(['db', 'six']);
  });

  it('are read as docker reads them, and what never counts is accepted', () => {
    expect(parse('--ulimit nofile=1 --ulimit core=-1:5 --ulimit nofile=2').ulimits).toEqual([
      'core=-1:5',
      'nofile=2:2',
    ]);
    expect(parse('--shm-size 1g').shmSize).toBe(1024 ** 3);
    expect(parse('--pull').pull).toBe(true);
    expect(parse('--cache-from x --cache-from type=local,src=y').cacheFrom).toEqual(['x', 'type=local,src=y']);
    expect([...parse('--build-context a=b=c').buildContexts]).toEqual([['a', 'b=c']]);
    expect(() => parse('--secret id=x,src=y --ssh default')).not.toThrow();
  });

  it.each(['--ulimit nofile', '--shm-size big', '--build-context =x'])('of a wrong form are refused: %s', (text) => {
    expect(() => parse(text)).toThrow(UsageError);
  });
});

describe('build arguments', () => {
  it('have the value that is written, whatever it contains', () => {
    const { buildArgs } = parsePredictArguments(['--build-arg', 'A=1', '--build-arg', 'B=x=y z', '--build-arg', 'C='], {
      C: 'from outside',
    });
    expect([...buildArgs]).toEqual([
      ['A', '1'],
      ['B', 'x=y z'],
      ['C', ''],
    ]);
  });

  it('without a value take it from the environment, or are not given', () => {
    const { buildArgs } = parse('--build-arg HERE --build-arg EMPTY --build-arg MISSING', { HERE: 'yes', EMPTY: '' });
    expect([...buildArgs]).toEqual([
      ['HERE', 'yes'],
      ['EMPTY', ''],
    ]);
  });

  it('count as they were given last', () => {
    expect(parse('--build-arg A=1 --build-arg A=2').buildArgs.get('A')).toBe('2');
  });

  it('get SOURCE_DATE_EPOCH of the environment, as buildx forwards it', () => {
    const env = { SOURCE_DATE_EPOCH: '17' };
    expect(parse('', env).buildArgs.get('SOURCE_DATE_EPOCH')).toBe('17');
    expect(parse('--build-arg SOURCE_DATE_EPOCH=0', env).buildArgs.get('SOURCE_DATE_EPOCH')).toBe('0');
    expect(parse('', { SOURCE_DATE_EPOCH: '' }).buildArgs.size).toBe(0);
  });
});

describe('a build command', () => {
  it('can be repeated as it is: what does not decide which steps run is passed over', () => {
    const line =
      '-t app:1 --tag app:2 -f Dockerfile --label a=b --push -o type=docker --provenance=false --sbom true -q ' +
      '--allow network.host --cache-to type=inline --progress plain --iidfile id --metadata-file m --load .';
    expect(parse(line)).toEqual(parse('-f Dockerfile .'));
  });
});

describe('what cannot be predicted', () => {
  it.each([
    ['--no-such-option', /no-such-option/],
    ['-x', /-x/],
    ['--file', /file/],
    ['--json=yes', /json/],
    ['--engine kaniko', /--engine must be one of auto, docker, podman, none/],
    ['--engine=', /--engine/],
    ['--baseline yesterday', /--baseline yesterday/],
    ['one two', /one build context, got 2/],
    ['https://github.com/docker/cli.git', /only a local folder/],
    ['http://example.com/context.tar', /only a local folder/],
    ['git://example.com/repo', /only a local folder/],
    ['ssh://git@example.com/repo', /only a local folder/],
    ['-', /only a local folder/],
  ])('is a usage error: %s', (line, message) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(message);
  });

  it.each(['auto', 'docker', 'podman', 'none'])('is not the engine %s', (engine) => {
    expect(parse(`--engine ${engine}`).engine).toBe(engine);
  });

  it('is not a folder that looks a little like an address', () => {
    for (const context of ['https', './git:/x', 'github.com/x']) expect(parse(context).context).toBe(context);
  });
});

describe('history', () => {
  const history = (...argv: readonly string[]) => parseHistoryArguments(argv, {});

  it('lists the builds of a context, or tells the accuracy', () => {
    expect(history()).toMatchObject({ request: { context: '.' }, question: { kind: 'list' } });
    expect(history('app', '-f', 'x', '--json')).toMatchObject({
      ...{ request: { context: 'app', file: 'x', json: true }, question: { kind: 'list' } },
    });
    expect(history('--accuracy').question).toEqual({ kind: 'accuracy' });
  });

  it('explains two builds, with the options of a build for what would be built now', () => {
    const { question, request } = history('explain', 'a1', 'now', 'app', '--build-arg', 'A=1', '--target', 't');
    expect(question).toEqual({ kind: 'explain', before: 'a1', after: 'now' });
    expect(request).toMatchObject({ context: 'app', target: 't', buildArgs: new Map([['A', '1']]) });
  });

  it('writes a reproduction to a file', () => {
    expect(history('reproduction', 'a1', '-o', 'x.json').question).toEqual({
      ...{ kind: 'reproduction', ref: 'a1', output: 'x.json' },
    });
  });

  it.each([
    [['explain', 'a1'], /takes two builds/],
    [['reproduction'], /takes a build/],
    [['explain', 'a', 'b', 'c', 'd'], /one build context/],
    [['a', 'b'], /one build context/],
    [['-o', 'x'], /belongs to history reproduction/],
    [['explain', 'a', 'b', '--accuracy'], /does not go with/],
    [['--no-such'], /no-such/],
  ])('refuses %j', (argv, message) => {
    expect(() => history(...argv)).toThrow(UsageError);
    expect(() => history(...argv)).toThrow(message);
  });
});

describe('values that a build prints nowhere', () => {
  it.each([
    [['--secret', 'id=npm,env=NPM'], ['from-npm']],
    [['--secret', 'type=env,id=x,src=NPM'], ['from-npm']],
    [['--secret', 'id=NPM'], ['from-npm']],
    [['--secret', 'id=NPM,type=file,src=/a'], []],
    [
      ['--build-arg', 'TOKEN', '--build-arg', 'NPM_TOKEN=a=b', '--build-arg', 'V=1'],
      ['from-token', 'a=b'],
    ],
  ])('%j', (args, hidden) => {
    const env = { NPM: 'from-npm', TOKEN: 'from-token' };
    expect(parseBuildArguments([...args, '.'], env).hidden).toEqual(hidden);
  });
});
