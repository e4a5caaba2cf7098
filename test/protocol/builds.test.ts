import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuildOrder } from '../../core/model';
import {
  BuildChangedNotification,
  BuildLogRequest,
  BuildOutputNotification,
  BuildProposalRequest,
  BuildReportRequest,
  BuildStartRequest,
  BuildStopRequest,
  BuildViewsRequest,
  type BuildView,
} from '../../server/protocol';
import { Client } from './client';
import { FakeDocker, isAlive } from './fakeDocker';

/** What the transcripts are of. */
const CACHED = `# syntax-less
FROM layer-insight-test/busybox:1 AS build
WORKDIR /w
COPY src/ ./src/
RUN echo one && sleep 1 && echo two >&2
RUN <<EOT
echo heredoc
sleep 0.2
EOT
FROM layer-insight-test/busybox:1
COPY --from=build /w /w
COPY package.json /
RUN cat /w/src/a.txt`;
const FAILING = `${CACHED} && exit 3\n`;
const failed = { transcript: 'buildkitFailed.txt', code: 1 };

let client: Client;
let docker: FakeDocker;
let views: BuildView[];
let texts: Map<string, string>;

async function start(options: { trusted?: boolean; settings?: unknown; text?: string } = {}): Promise<void> {
  views = [];
  texts = new Map();
  ({ client } = await Client.start({ trusted: options.trusted ?? true, env: docker.env }));
  client.settings = options.settings ?? docker.settings;
  client.on(BuildChangedNotification, (view) => void views.push(view));
  client.on(BuildOutputNotification, ({ id, text }) => void texts.set(id, (texts.get(id) ?? '') + text));
  const text = options.text ?? CACHED;
  writeFileSync(join(client.folder, 'Dockerfile'), text);
  await client.open('Dockerfile', text);
}

async function propose(line?: number) {
  const params = { uri: client.uri(), ...(line === undefined ? {} : { line }) };
  const proposal = await client.ask(BuildProposalRequest, params);
  if (proposal === null) throw new Error('the Dockerfile is not open');
  return proposal;
}

/** Begins a build; its id. */
async function build(otherwise: Partial<BuildOrder> = {}, line?: number): Promise<string> {
  const { order } = await propose(line);
  return (await client.ask(BuildStartRequest, { uri: client.uri(), order: { ...order, ...otherwise } })).id;
}

const of = (id: string): BuildView[] => views.filter((view) => view.id === id);
const last = (id: string): BuildView | undefined => of(id).at(-1);
async function ended(id: string): Promise<BuildView> {
  await expect.poll(() => last(id)?.live.durationMs ?? null).not.toBeNull();
  const view = last(id);
  if (view === undefined) throw new Error('no view');
  return view;
}
const failures = () => client.problems().filter(({ code }) => code === 'build-failed');

beforeEach(() => {
  docker = new FakeDocker();
});
afterEach(async () => {
  await client.stop();
  docker.dispose();
});

describe('a build', () => {
  it('is proposed as it is chosen', async () => {
    await start();
    await client.choose({ target: 'build', buildArgs: { A: '1' }, platform: 'linux/riscv64' });
    const { order, builder, summary, refusal } = await propose();
    expect(order).toEqual({
      ...{ dockerfile: join(client.folder, 'Dockerfile'), context: client.folder, target: 'build' },
      ...{ buildArgs: { A: '1' }, platform: 'linux/riscv64', tags: [], cache: 'all', secrets: [], ssh: [] },
    });
    expect(builder).toBe('BuildKit 0.25.2, builder far');
    expect(summary).toMatch(/^\d of \d steps rebuild|not predicted$/);
    expect(refusal).toBe('');
    expect(await client.prediction()).toMatchObject({ platform: 'linux/riscv64', target: 'build' });
    await client.choose({ context: join(client.folder, 'src') });
    await expect.poll(async () => (await propose()).order.context).toBe(join(client.folder, 'src'));
  });

  it('tells its steps in the order in which they come, and what came of the prediction', async () => {
    await start();
    docker.next({ transcript: 'buildkitCached.txt', code: 0, pause: 20 });
    const id = await build({ tags: ['shop:1'] });
    const view = await ended(id);
    expect(view).toMatchObject({ uri: client.uri(), title: 'shop:1', tags: ['shop:1'], live: { state: 'succeeded' } });
    expect(view.live.steps.map(({ state }) => state)).toEqual(Array<string>(9).fill('cached'));
    expect(view.summary).toContain('7 cached, 0 executed in');
    const states = of(id).map(({ live }) => live.state);
    expect([...new Set(states)]).toEqual(['running', 'succeeded']);
    // a step never goes back
    const waiting = of(id).map(({ live }) => live.steps.filter(({ state }) => state === 'waiting').length);
    expect(waiting).toEqual([...waiting].sort((one, other) => other - one));
    expect(docker.calls()[0]?.args).toEqual([
      ...['--progress=rawjson', '--builder', 'far', '--load'],
      ...['--file', join(client.folder, 'Dockerfile'), '--tag', 'shop:1', client.folder],
    ]);
    expect(texts.get(id)).toMatch(/^\S+docker buildx build .*\r\n/);
    expect(await client.ask(BuildLogRequest, { id })).toContain('RUN cat /w/src/a.txt');
    expect(await client.ask(BuildReportRequest, { id })).toMatch(/predicted +actual/);
    expect((await client.ask(BuildViewsRequest, undefined)).map((one) => one.id)).toEqual([id]);
  });

  it('tells of itself at most ten times a second', async () => {
    await start();
    docker.next({ transcript: 'buildkitCached.txt', code: 0, pause: 40 });
    const id = await build();
    const { durationMs } = (await ended(id)).live;
    // the states at the end, and with the sizes, come beside
    expect(of(id).length).toBeLessThanOrEqual((durationMs ?? 0) / 100 + 3);
    expect(of(id).length).toBeGreaterThan(4);
  });

  it('that fails is a problem on its line until the next one begins', async () => {
    await start({ text: FAILING });
    docker.next(failed);
    const view = await ended(await build());
    expect(view.live.state).toBe('failed');
    await expect.poll(failures).toHaveLength(1);
    expect(failures()[0]).toMatchObject({
      ...{ source: 'Layer Insight', severity: 1 },
      range: { start: { line: 12, character: 0 }, end: { line: 12 } },
      message: expect.stringContaining('exit code: 3') as string,
    });
    expect(await client.ask(BuildLogRequest, { id: view.id, line: 5 })).toBe('one\ntwo\n');
    docker.next({ ...failed, hangs: true });
    const next = await build();
    await expect.poll(failures).toHaveLength(0);
    await client.ask(BuildStopRequest, { id: next });
    expect((await ended(next)).live.state).toBe('canceled');
    expect(failures()).toHaveLength(0);
  });

  it('that failed is a problem of its instruction, wherever that is now, as long as it is the same', async () => {
    await start({ text: FAILING });
    docker.next(failed);
    await ended(await build());
    await expect.poll(failures).toHaveLength(1);
    await client.change(`# a comment\n# another one\n${FAILING}`);
    await expect.poll(() => failures()[0]?.range.start.line).toBe(14);
    await client.change(FAILING.replace('exit 3', 'exit 0'));
    await expect.poll(failures).toHaveLength(0);
  });

  it('can be stopped, and nothing of it is left', async () => {
    await start();
    docker.next({ transcript: 'buildkitFailed.txt', code: 0, hangs: true });
    const id = await build();
    await expect.poll(() => docker.calls()).toHaveLength(1);
    const pid = docker.calls()[0]?.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    await client.ask(BuildStopRequest, { id });
    expect(isAlive(pid)).toBe(false);
    expect((await ended(id)).live).toMatchObject({ state: 'canceled', exitCode: null });
    // once more is no error, and of one that nobody knows neither
    expect(await client.ask(BuildStopRequest, { id })).toBeNull();
    expect(await client.ask(BuildStopRequest, { id: 'another' })).toBeNull();
  });

  it('runs beside another one', async () => {
    await start();
    docker.next({ transcript: 'buildkitFailed.txt', code: 1, hangs: true });
    const first = await build({ tags: ['a'] });
    await expect.poll(() => docker.calls()).toHaveLength(1);
    docker.next({ transcript: 'buildkitCached.txt', code: 0 });
    const second = await build({ tags: ['b'] });
    expect((await ended(second)).live.state).toBe('succeeded');
    expect(last(first)?.live.state).toBe('running');
    const known = await client.ask(BuildViewsRequest, undefined);
    expect(known.map(({ title }) => title)).toEqual(['b', 'a']);
    await client.ask(BuildStopRequest, { id: first });
    expect((await ended(first)).live.state).toBe('canceled');
  });

  it('up to a line is one of a file that ends there', async () => {
    await start();
    const id = await build({}, 5);
    const view = await ended(id);
    const [call] = docker.calls();
    expect(call?.dockerfile).toBe(CACHED.split('\n').slice(0, 5).join('\n') + '\n');
    expect(call?.args).not.toContain('--target');
    expect(view.live.steps.map(({ line }) => line.start)).toEqual([2, 3, 4, 5]);
    expect(view.title).toBe('Dockerfile:5');
    expect((await propose(1)).refusal).not.toBe('');
  });

  it('is one with an engine also where a commit counts as the last build', async () => {
    await start();
    execFileSync('git', ['init', '-q'], { cwd: client.folder });
    await client.choose({ commit: 'HEAD' });
    await expect.poll(async () => (await client.prediction()).baseline).toBe('git:HEAD');
    expect(await propose()).toMatchObject({ refusal: '', builder: 'BuildKit 0.25.2, builder far' });
    expect((await ended(await build())).live.state).toBe('succeeded');
    expect((await client.prediction()).baseline).toBe('git:HEAD');
  });

  it('ends with the server', async () => {
    await start();
    docker.next({ transcript: 'buildkitFailed.txt', code: 1, hangs: true });
    await build();
    await expect.poll(() => docker.calls()).toHaveLength(1);
    await client.shutdown();
    expect(isAlive(docker.calls()[0]?.pid ?? 0)).toBe(false);
  });

  it('ends with a server that nobody told to end', async () => {
    await start();
    docker.next({ transcript: 'buildkitFailed.txt', code: 1, hangs: true });
    await build();
    await expect.poll(() => docker.calls()).toHaveLength(1);
    client.hangUp();
    await expect.poll(() => isAlive(docker.calls()[0]?.pid ?? 0)).toBe(false);
  });
});

describe('values of arguments', () => {
  it('are told to the builder and nobody else', async () => {
    await start({ text: FAILING });
    await client.choose({ buildArgs: { SOME_TOKEN: 'exit code: 3', NUMBER: 'n-48151623' } });
    docker.next(failed);
    const { order } = await propose();
    const begun = await client.ask(BuildStartRequest, { uri: client.uri(), order });
    expect(begun.command).toContain('--build-arg SOME_TOKEN=…');
    const view = await ended(begun.id);
    await expect.poll(failures).toHaveLength(1);
    const report = await client.ask(BuildReportRequest, begun);
    const log = await client.ask(BuildLogRequest, begun);
    const all = [begun.command, JSON.stringify(view), report, log, client.notifications()].join('\n');
    expect(docker.calls()[0]?.args).toContain('SOME_TOKEN');
    expect(client.notifications()).toContain('layerInsight/buildOutput');
    expect(client.notifications()).toContain('window/logMessage');
    expect(all).toContain('did not complete successfully');
    // here the token is what the failure says
    expect(all).not.toContain('exit code: 3');
    expect(all).not.toContain('48151623');
  });
});

describe('a build is refused', () => {
  const refusalOf = async (): Promise<string> => {
    const { order, refusal } = await propose();
    await expect(client.ask(BuildStartRequest, { uri: client.uri(), order })).rejects.toThrow(refusal);
    expect(docker.calls()).toEqual([]);
    return refusal;
  };

  it('in a workspace that is not trusted', async () => {
    await start({ trusted: false });
    expect(await refusalOf()).toContain('not trusted');
  });

  it('where no engine is wanted', async () => {
    await start({ settings: { engine: { ...docker.settings.engine, kind: 'none' } } });
    expect(await refusalOf()).toContain('layerInsight.engine.kind');
  });

  it('where no engine is', async () => {
    await start({ settings: { engine: { dockerPath: join(docker.folder, 'nothing') } } });
    expect(await refusalOf()).toContain('nothing');
  });

  it('of a document that is not open', async () => {
    await start();
    const { order } = await propose();
    const uri = client.uri('Dockerfile.slow');
    expect(await client.ask(BuildProposalRequest, { uri })).toBeNull();
    await expect(client.ask(BuildStartRequest, { uri, order })).rejects.toThrow('not open');
    await client.open('Dockerfile.slow');
    await expect(client.ask(BuildStartRequest, { uri, order })).rejects.toThrow('another Dockerfile');
  });

  it('where its folder is not there', async () => {
    await start();
    await expect(build({ context: join(client.folder, 'gone') })).rejects.toThrow(/gone is not there/);
    expect(await client.ask(BuildViewsRequest, undefined)).toEqual([]);
  });
});
