import { rmSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { put } from '../folder';
import { byCommands, type Answers } from './fakeDocker';
import { recording } from './recording';
import { failure, load, Machine, SHORT, told } from './setup';

/** Milliseconds that a question may take here. */
const PATIENCE = 2500;
const GARBAGE = 'Welcome to the jump host!\r\n'.repeat(20);

const fails = (err: string): Answers => ({ 'buildx *': { err: `ERROR: ${err}\n`, code: 1 } });

/** Processes of the fake program that are still there. */
function running(machine: Machine): string[] {
  return machine.docker.calls().filter((call) => {
    try {
      process.kill(Number(call.split(' ')[0]), 0);
      return true;
    } catch {
      return false;
    }
  });
}

const argumentsOf = (machine: Machine): string[] => machine.docker.calls().map((call) => call.replace(/^\d+ +/, ''));

describe('a builder that cannot be used', () => {
  it.each<[string, string, string]>([
    [
      'Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?',
      'not-reachable',
      'No engine answers at unix://HERE/engine.sock (DOCKER_HOST). Start it',
    ],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///x.sock',
      'permission-denied',
      'No permission for unix://HERE/engine.sock (DOCKER_HOST). Add your user to the group',
    ],
    ['no builder "big" found', 'not-found', 'There is no builder "big". Choose another one with "docker buildx use"'],
    [
      'no nodes available: Error response from daemon: No such container: buildx_buildkit_big0',
      'not-reachable',
      'The builder "big" is not running. Start it with "docker buildx inspect --bootstrap big".',
    ],
  ])('says what is wrong and what to do: %s', async (words, code, message) => {
    const machine = new Machine({ big: fails(words) });
    await machine.engine();
    const source = machine.source({ builder: 'big' });
    const said = failure(await load(source)).replaceAll(machine.folder, 'HERE');
    expect(said).toContain(`${code}: ${message}`);
    // nobody is there: commands would not find more
    expect(argumentsOf(machine)).toEqual(['big buildx dial-stdio']);
    machine.docker.answer('big', byCommands(recording()));
    expect(told(await load(source), SHORT)[1]).toBe('WORKDIR /app: cached, same-as-build');
  });

  it('is one without a program', async () => {
    const machine = new Machine();
    const source = machine.source();
    rmSync(machine.docker.program);
    await machine.engine();
    expect(failure(await load(source))).toBe(
      `not-found: The program "${machine.docker.program}" was not found. ` +
        'Install Docker with buildx, or set layerInsight.engine.dockerPath.',
    );
  });

  it.each([
    ['docker: unknown command: docker buildx\n\nRun `docker --help` for more information\n'],
    [`docker: 'buildx' is not a docker command.\nSee 'docker --help'\n`],
    ['unknown flag: --builder\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n'],
  ])('is one without the plugin: %j', async (err) => {
    const machine = new Machine({ '': { 'buildx *': { err, code: 1 } } });
    await machine.engine();
    expect(failure(await load(machine.source()))).toBe(
      `not-found: Docker's buildx plugin was not found. Install it (docker-buildx-plugin).`,
    );
  });

  it('is one whose buildx is too old for a history', async () => {
    const old = { err: 'ERROR: unknown command: "history"\n', code: 1 };
    const answers = byCommands(recording(), { 'buildx history ls --format json --no-trunc': old });
    const machine = new Machine({ '': answers });
    await machine.engine();
    expect(failure(await load(machine.source()))).toBe(
      `unsupported: This buildx cannot tell of past builds. Update Docker's buildx plugin to 0.20 or newer.`,
    );
  });

  it('is one whose engine answers garbage', async () => {
    const machine = new Machine({ '': { 'buildx *': { out: GARBAGE } } });
    await machine.engine();
    const source = machine.source({ patience: PATIENCE });
    expect(failure(await load(source))).toMatch(
      /^not-reachable: The builder "default" at unix:\S+ \(DOCKER_HOST\) (?:could not be asked: .|does not answer)/,
    );
    machine.docker.answer('', byCommands(recording()));
    expect(failure(await load(source))).toBe('there is evidence');
  });

  it('is one that never answers, and nothing of it is left', async () => {
    const machine = new Machine({ '': { 'buildx *': { hangs: true } } });
    await machine.engine();
    const source = machine.source({ patience: PATIENCE });
    const started = performance.now();
    expect(failure(await load(source))).toMatch(
      /^not-reachable: The builder "default" at unix:\S+ \(DOCKER_HOST\) does not answer in time\. See whether/,
    );
    expect(performance.now() - started).toBeLessThan(15_000);
    await vi.waitFor(() => expect(running(machine)).toEqual([]), 3000);
    machine.docker.answer('', byCommands(recording()));
    expect(failure(await load(source))).toBe('there is evidence');
  });

  it('has several nodes, and only commands to ask them', async () => {
    const nodes = `${byCommands(recording())['buildx inspect']?.out ?? ''}\nName: two\nStatus: running\n`;
    const machine = new Machine({ '': byCommands(recording(), { 'buildx inspect': { out: nodes } }) });
    await machine.engine();
    expect(failure(await load(machine.source()))).toContain(
      'a builder of several nodes needs "docker buildx dial-stdio"',
    );
  });
});

describe('a connection that cannot be used', () => {
  it.each<[string, Answers]>([
    ['is not known', { 'buildx dial-stdio': { err: 'ERROR: unknown command: "dial-stdio"\n', code: 1 } }],
    ['speaks another language', { 'buildx dial-stdio': { out: GARBAGE } }],
    ['speaks and hangs', { 'buildx dial-stdio': { out: GARBAGE, hangs: true } }],
    ['hangs', { 'buildx dial-stdio': { hangs: true } }],
    ['ends at once', { 'buildx dial-stdio': {} }],
    ['fails without a word', { 'buildx dial-stdio': { code: 2 } }],
  ])('is replaced by commands when it %s', async (_, dialing) => {
    const machine = new Machine({ '': byCommands(recording(), dialing) });
    await machine.engine();
    const source = machine.source({ patience: PATIENCE });
    expect(told(await load(source), SHORT)[1]).toBe('WORKDIR /app: cached, same-as-build');
    expect(source.listens).toBe(false);
    await expect(source.listen(new AbortController().signal, () => undefined)).rejects.toThrow('does not tell');
  });

  it('is tried again after a while', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const machine = new Machine({ '': byCommands(recording()) });
    await machine.engine();
    const source = machine.source();
    const dialed = () => argumentsOf(machine).filter((call) => call === 'buildx dial-stdio').length;
    await load(source);
    await load(source);
    expect(dialed()).toBe(1);
    await machine.builder('', recording());
    vi.setSystemTime(Date.now() + 301_000);
    expect(failure(await load(source))).toBe('there is evidence');
    expect(dialed()).toBe(2);
    expect(source.listens).toBe(true);
  });

  it('is made again when the builder went away meanwhile', async () => {
    const machine = new Machine();
    await machine.engine();
    await machine.builder('', recording());
    const source = machine.source({ patience: 5000 });
    expect(failure(await load(source))).toBe('there is evidence');
    for (const call of running(machine)) process.kill(Number(call.split(' ')[0]), 'SIGKILL');
    await load(source);
    expect(failure(await load(source))).toBe('there is evidence');
  });

  it('tells of builds that end until it is closed', async () => {
    const machine = new Machine();
    await machine.engine();
    const builder = await machine.builder('', recording());
    const source = machine.source();
    await load(source);
    expect(source.listens).toBe(true);
    const finished = vi.fn();
    const listening = source.listen(new AbortController().signal, finished);
    await vi.waitFor(() => expect(finished).toHaveBeenCalledTimes(4));
    builder.finished();
    await vi.waitFor(() => expect(finished).toHaveBeenCalledTimes(5));
    source.close();
    await expect(listening).rejects.toThrow();
    await vi.waitFor(() => expect(running(machine)).toEqual([]), 3000);
  });
});

describe('closing', () => {
  it('ends what is under way', async () => {
    const answers = byCommands(recording(), { 'buildx du --format json': { hangs: true } });
    const machine = new Machine({ '': answers });
    await machine.engine();
    const source = machine.source();
    const loading = load(source);
    await vi.waitFor(() => expect(argumentsOf(machine)).toContain('buildx du --format json'), 5000);
    source.close();
    expect((await loading).kind).toBe('none');
    await vi.waitFor(() => expect(running(machine)).toEqual([]), 3000);
  });
});

it('needs no more than a configuration that is broken', async () => {
  const machine = new Machine({ '': byCommands(recording()) });
  put(machine.folder, {
    'config/config.json': '{',
    'config/buildx/current': '[]',
    'config/buildx/instances/default': '',
  });
  await machine.engine();
  expect(failure(await load(machine.source()))).toBe('there is evidence');
});
