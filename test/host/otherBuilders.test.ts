import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ContainerView } from '../../core/model';
import { accepting, BuildFolder, newestBuild, processes, shownBuilds } from './buildSupport';
import { eventually, hintOn, prediction } from './editor';
import { logText } from './logText';
import { hasEngine, hasPodman } from './mode';

const execute = promisify(execFile);
const run = vscode.commands.executeCommand;

/** A builder that is chosen for a Dockerfile, and the program that knows its images and containers. */
interface OtherBuilder {
  readonly kind: 'classic' | 'buildah';
  readonly name: string;
  readonly program: 'docker' | 'podman';
  readonly base: string;
  readonly isThere: boolean;
  /** Lists ids of all containers, also of those that a build works in. */
  readonly containers: readonly string[];
}

const CLASSIC: OtherBuilder = {
  ...{ kind: 'classic', name: 'The classic builder', program: 'docker', base: 'busybox:1', isThere: hasEngine },
  containers: ['ps', '--all', '--quiet', '--no-trunc'],
};
const PODMAN: OtherBuilder = {
  ...{ kind: 'buildah', name: 'Podman', program: 'podman', base: 'localhost/busybox:1', isThere: hasPodman },
  containers: ['ps', '--all', '--external', '--quiet', '--no-trunc'],
};

for (const builder of [CLASSIC, PODMAN]) {
  describe(`builds from the editor with ${builder.name}`, () => testBuilder(builder));
}

function testBuilder({ kind, name, program, base, isThere, containers }: OtherBuilder): void {
  const folder = new BuildFolder(`${kind}-${randomUUID().slice(0, 8)}`);
  const tag = `localhost/li-host-${folder.name}:latest`;
  const label = `li-host=${folder.name}`;
  /** Seconds that nothing else on this machine sleeps, and longer than any test. */
  const seconds = 3000 + randomInt(1_000_000);
  const text = [
    ...[
      `FROM ${base} AS first`,
      `LABEL ${label}`,
      'WORKDIR /app',
      'COPY a.txt ./',
      'RUN cat a.txt; echo Error: no more >&2',
    ],
    ...['FROM first AS second', 'RUN echo two', 'FROM second', 'RUN echo three', ''],
  ].join('\n');
  const slow = text.replace('echo two', `echo two; sleep ${seconds}`);

  const engine = async (...args: readonly string[]) =>
    (await execute(program, args, { timeout: 60_000 })).stdout.trim();
  const ids = async (...args: readonly string[]) => (await engine(...args)).split('\n').filter((id) => id !== '');
  /** Containers that were not there before. */
  const newContainers = async (before: readonly string[]) =>
    (await ids(...containers)).filter((id) => !before.includes(id)).join('\n');
  const commands = () => processes(new RegExp(`sleep ${seconds}`));
  const behind = (instruction: string, of?: vscode.TextDocument) => folder.behind(instruction, of);
  const stateOf = (instruction: string) => folder.stateOf(instruction);
  const save = async (next: string) => {
    await folder.replace(next);
    await folder.document.save();
  };

  before(async function () {
    if (!isThere) this.skip();
    await folder.write('Dockerfile', text);
    await folder.write('a.txt', `${randomUUID()}${'-'.repeat(randomInt(10_000))}\n`);
    const document = await folder.open();
    await run('layerInsight.choices.set', { uri: folder.uri.toString(), builder: kind });
    await eventually(async () => (await prediction(document)).builder.kind, new RegExp(`^${kind}$`));
    await eventually(() => hintOn(document, 'COPY a.txt'), /rebuild/);
    // a first build asks for a name otherwise
    await accepting(run('layerInsight.profile.save', kind));
  });
  after(async () => {
    if (!isThere) return;
    await folder.remove();
    await removeAll();
    assert.deepEqual(await ids('image', 'ls', '--all', '--quiet', '--filter', `label=${label}`), []);
  });

  /** What docker or Podman keep of failed builds is removed as well: both do so by design. */
  async function removeAll(): Promise<void> {
    for (const id of await ids('ps', '--all', '--quiet', '--filter', `label=${label}`)) await engine('rm', '-f', id);
    await engine('rmi', '--force', tag).catch(() => undefined);
    // an image goes with the images below it that nothing else needs
    for (const id of await ids('image', 'ls', '--all', '--quiet', '--no-trunc', '--filter', `label=${label}`))
      await engine('rmi', '--force', id).catch(() => undefined);
  }

  it('say line by line what was done, and that it was as predicted', async () => {
    await run('layerInsight.build', folder.uri, [tag]);
    const { live, tags } = await newestBuild();
    assert.deepEqual([live.state, live.exitCode, live.builder], ['succeeded', 0, kind], live.error ?? '');
    assert.deepEqual(tags, [tag]);
    const built = await engine('image', 'inspect', '--format', '{{.Id}}', tag);
    assert.ok(built.includes(live.image ?? 'no id was told'), `${built} is not ${String(live.image)}`);
    for (const instruction of ['LABEL', 'COPY a.txt', 'RUN cat', 'RUN echo two', 'RUN echo three'])
      await eventually(() => behind(instruction), /^done .* · as predicted$/);
  });

  it('find in the cache what was built before, as predicted', async () => {
    await eventually(() => hintOn(folder.document, 'COPY a.txt'), /cached/);
    await run('layerInsight.build', folder.uri, [tag]);
    for (const instruction of ['LABEL', 'COPY a.txt', 'RUN cat', 'RUN echo two', 'RUN echo three'])
      await eventually(() => behind(instruction), /^cached · as predicted$/);
  });

  it('run as containers, which are stopped and removed', async () => {
    // on the engine that built the image, whatever that of the settings is
    const command = ['sh', '-c', "trap 'exit 0' TERM; cat a.txt; while :; do sleep 1 & wait $!; done"];
    const container = await run<ContainerView | undefined>('layerInsight.image.run', tag, { command, detached: true });
    assert.equal(container?.state, 'running');
    assert.ok((await ids(...containers)).includes(container.id));
    await eventually(() => engine('logs', container.id), /-$/);
    await run('layerInsight.container.stop', container.id);
    assert.equal(await engine('container', 'inspect', '--format', '{{.State.Status}}', container.id), 'exited');
    await run('layerInsight.container.remove', container.id, true);
    assert.ok(!(await ids(...containers)).includes(container.id));
  });

  it('end at a stage', async () => {
    await run('layerInsight.build.stage', folder.uri, 'first');
    const { live, tags } = await newestBuild();
    assert.equal(live.state, 'succeeded', live.error ?? '');
    assert.deepEqual(tags, []);
    assert.equal(await stateOf('RUN cat'), 'cached');
    assert.match(await stateOf('RUN echo two'), /^(unused|not-reached)$/);
  });

  it('end at a line, under no name', async () => {
    await run('layerInsight.build.line', folder.uri, folder.line('RUN echo two'));
    const { live, tags } = await newestBuild();
    assert.equal(live.state, 'succeeded', live.error ?? '');
    assert.deepEqual(tags, []);
    assert.equal(await stateOf('RUN echo two'), 'cached');
    assert.equal(await stateOf('RUN echo three'), 'none');
  });

  it('execute all of it again without the cache', async () => {
    await run('layerInsight.build.withoutCache', folder.uri, '');
    assert.equal((await newestBuild()).live.state, 'succeeded');
    for (const instruction of ['COPY a.txt', 'RUN cat', 'RUN echo two', 'RUN echo three'])
      await eventually(() => behind(instruction), /^done /);
  });

  it('are not begun without the cache of one stage, in a sentence that says why', async () => {
    const before = (await newestBuild()).id;
    await run('layerInsight.build.withoutCache', folder.uri, 'second');
    await eventually(logText, new RegExp(`${name} cannot leave out the cache of one stage only: build without any\\.`));
    assert.equal((await newestBuild()).id, before);
    assert.equal(await folder.builders(), '');
  });

  it('mark what failed, with the code and the words of the command', async () => {
    await folder.replace(text.replace('echo two', 'echo boom >&2; exit 3'));
    await run('layerInsight.build', folder.uri, []);
    const { live } = await newestBuild();
    assert.deepEqual([live.state, live.exitCode], ['failed', 3]);
    assert.equal(await behind('RUN echo boom'), 'failed · exit code: 3 · boom');
    assert.equal(await behind('RUN echo three'), 'not reached');
    // the whole of its words: the colours of a terminal are none
    const problem = new RegExp(`^${folder.line('RUN echo boom')}: .*3.*\\nboom$`);
    await eventually(() => folder.errors(), problem);
    await save(text);
    await run('layerInsight.build', folder.uri, []);
    await eventually(() => folder.errors(), /^$/);
  });

  it('are stopped, and leave neither a builder nor a command nor a container behind', async () => {
    await save(slow);
    const before = await ids(...containers);
    const building = run('layerInsight.build', folder.uri, []);
    await eventually(() => behind('RUN echo two'), /^running \d+ s$/);
    await eventually(commands, /sleep/);
    await run('layerInsight.build.stop');
    await building;
    assert.equal((await newestBuild()).live.state, 'canceled');
    assert.equal(await behind('RUN echo two'), 'stopped');
    assert.equal(await behind('RUN echo three'), 'not reached');
    await eventually(() => folder.builders(), /^$/);
    await eventually(commands, /^$/);
    await eventually(() => newContainers(before), /^$/);
  });

  it('run side by side, and one goes on when the other is stopped', async () => {
    await folder.write('Other.Dockerfile', `FROM ${base}\nLABEL ${label}\nRUN echo other; sleep 8\nRUN echo last\n`);
    const other = await folder.open('Other.Dockerfile');
    await run('layerInsight.choices.set', { uri: other.uri.toString(), builder: kind });
    const buildingOther = run('layerInsight.build', other.uri, []);
    const building = run('layerInsight.build', folder.uri, []);
    const running = async () => {
      const { builds } = await shownBuilds();
      return builds.filter(({ live }) => live.state === 'running' && live.builder === kind);
    };
    await eventually(async () => String((await running()).length), /^2$/);
    await eventually(() => behind('RUN echo two'), /^running/);
    await eventually(() => behind('RUN echo other', other), /^running/);
    const slowOne = (await running()).find(({ uri }) => uri === folder.uri.toString());
    assert.ok(slowOne);
    await run('layerInsight.build.stop', slowOne.id);
    await building;
    assert.equal(await behind('RUN echo two'), 'stopped');
    await buildingOther;
    const ended = (await shownBuilds()).builds.find(({ uri }) => uri === other.uri.toString());
    assert.equal(ended?.live.state, 'succeeded', ended?.live.error ?? '');
    assert.match(await behind('RUN echo last', other), /^done /);
    await eventually(commands, /^$/);
  });
}
