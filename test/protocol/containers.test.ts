import { afterEach, describe, expect, it } from 'vitest';
import { ImageError } from '../../core/node/image/openImage';
import type { ContainerAccess } from '../../core/node/run/containerAccess';
import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../../core/model';
import {
  ContainerActRequest,
  ContainerBytesRequest,
  ContainerCommandRequest,
  ContainerRunRequest,
  ContainersRequest,
  FileProfilesRequest,
  RunCommandRequest,
  RunDefaultsRequest,
} from '../../server/protocol';
import { InProcess } from './inProcess';

const ID = 'a'.repeat(64);
const VIEW: ContainerView = { id: ID, name: 'web', image: 'shop:1', state: 'running', ports: [] };
const ORDER: RunOrder = {
  ...{ image: 'shop:1', name: '', ports: [], environment: { TOKEN: 's3cret' }, mounts: [], command: [] },
  ...{ remove: false, detached: true },
};
const DEFAULTS: RunDefaults = {
  ...{ ports: ['80/tcp'], volumes: [], environment: ['PATH'], entrypoint: [], command: ['app'], user: '' },
  workingDirectory: '/',
};

/** An engine on paper that notes what it is asked. */
class PaperContainers implements ContainerAccess {
  readonly asked: string[] = [];
  readonly orders: RunOrder[] = [];
  readonly view: ContainerView;
  isGone = false;

  constructor(id = ID) {
    this.view = { ...VIEW, id };
  }

  defaults(image: string): Promise<RunDefaults> {
    return image === 'shop:1'
      ? Promise.resolve(DEFAULTS)
      : Promise.reject(new ImageError('The engine has no image x.'));
  }
  run(order: RunOrder): Promise<ContainerView> {
    this.orders.push(order);
    return Promise.resolve(this.view);
  }
  runCommand(): TerminalCommand {
    return { program: 'docker', args: ['run'], env: { TOKEN: 's3cret' } };
  }
  containers(image: string | undefined): Promise<readonly ContainerView[]> {
    this.asked.push(`list ${image ?? 'all'}`);
    return this.isGone ? Promise.reject(new ImageError('no engine')) : Promise.resolve([this.view]);
  }
  stop(id: string): Promise<void> {
    this.asked.push(`stop ${id}`);
    return Promise.resolve();
  }
  remove(id: string): Promise<void> {
    return Promise.reject(new ImageError(`${id} is running`));
  }
  writableBytes(): Promise<number | null> {
    return Promise.resolve(4711);
  }
  command(id: string, act: 'logs' | 'shell'): TerminalCommand {
    return { program: 'docker', args: [act, id], env: {} };
  }
}

describe('containers', () => {
  let server: InProcess | undefined;
  let opened: unknown[] = [];
  const start = async (engine: ContainerAccess, options: { trusted?: boolean; settings?: unknown } = {}) => {
    opened = [];
    const openContainers = (how: unknown) => {
      opened.push(how);
      return Promise.resolve(engine);
    };
    server = await InProcess.start({ env: {}, hashWorker: '', openContainers }, options);
    return server;
  };
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('are run, listed, stopped and looked into by the engine of the settings', async () => {
    const engine = new PaperContainers();
    const client = await start(engine, { settings: { engine: { kind: 'podman' } } });
    expect(await client.ask(RunDefaultsRequest, { image: 'shop:1' })).toEqual(DEFAULTS);
    expect(await client.ask(ContainerRunRequest, ORDER)).toEqual(VIEW);
    expect(engine.orders).toEqual([ORDER]);
    expect(await client.ask(RunCommandRequest, ORDER)).toMatchObject({ program: 'docker', env: { TOKEN: 's3cret' } });
    expect(await client.ask(ContainersRequest, {})).toEqual([VIEW]);
    expect(await client.ask(ContainersRequest, { image: 'shop:1' })).toEqual([VIEW]);
    expect(await client.ask(ContainerBytesRequest, { id: ID })).toBe(4711);
    expect(await client.ask(ContainerCommandRequest, { id: ID, act: 'logs' })).toMatchObject({ args: ['logs', ID] });
    expect(await client.ask(ContainerActRequest, { id: ID, act: 'stop' })).toBeNull();
    expect(engine.asked).toEqual(['list all', 'list shop:1', `stop ${ID}`]);
    expect(opened[0]).toMatchObject({ wanted: 'podman', program: 'docker' });
  });

  it('are run on the engine that built their image, and found there as well as on that of the settings', async () => {
    const [docker, podman] = [new PaperContainers(), new PaperContainers('b'.repeat(64))];
    const engines = { auto: docker, podman } as const;
    const openContainers = ({ wanted }: { wanted: string }) =>
      Promise.resolve(wanted === 'podman' ? engines.podman : engines.auto);
    server = await InProcess.start({ env: {}, hashWorker: '', openContainers });
    expect(await server.ask(ContainersRequest, {})).toEqual([docker.view]);
    expect(await server.ask(ContainerRunRequest, { ...ORDER, engine: 'podman' })).toEqual(podman.view);
    expect([docker.orders, podman.orders]).toEqual([[], [ORDER]]);
    expect(await server.ask(ContainersRequest, {})).toEqual([podman.view, docker.view]);
    for (const id of [docker.view.id, podman.view.id]) await server.ask(ContainerActRequest, { id, act: 'stop' });
    expect(docker.asked.filter((asked) => asked.startsWith('stop'))).toEqual([`stop ${docker.view.id}`]);
    expect(podman.asked.filter((asked) => asked.startsWith('stop'))).toEqual([`stop ${podman.view.id}`]);
    // the engine of the settings may not be there at all
    docker.isGone = true;
    expect(await server.ask(ContainersRequest, {})).toEqual([podman.view]);
  });

  it('fail with the words of the engine as they are', async () => {
    const client = await start(new PaperContainers());
    await expect(client.ask(RunDefaultsRequest, { image: 'x' })).rejects.toThrow(/^The engine has no image x\.$/);
    await expect(client.ask(ContainerActRequest, { id: ID, act: 'remove' })).rejects.toThrow(`${ID} is running`);
  });

  it('are not run from what would be options', async () => {
    const engine = new PaperContainers();
    const client = await start(engine);
    const order = { ...ORDER, image: '--privileged' };
    await expect(client.ask(ContainerRunRequest, order)).rejects.toThrow(/is no name of an image/);
    await expect(client.ask(RunCommandRequest, order)).rejects.toThrow(/is no name of an image/);
    expect(engine.orders).toEqual([]);
  });

  it.each([
    ['without the trust of the workspace', { trusted: false }, /not trusted/],
    ['where no engine is asked', { settings: { engine: { kind: 'none' } } }, /No engine is asked/],
  ])('are left alone %s', async (_, options, words) => {
    const client = await start(new PaperContainers(), options);
    const refused = [
      client.ask(RunDefaultsRequest, { image: 'shop:1' }),
      client.ask(ContainerRunRequest, ORDER),
      client.ask(RunCommandRequest, ORDER),
      client.ask(ContainersRequest, {}),
      client.ask(ContainerBytesRequest, { id: ID }),
      client.ask(ContainerCommandRequest, { id: ID, act: 'shell' }),
      client.ask(ContainerActRequest, { id: ID, act: 'stop' }),
    ].map((asked) => expect(asked).rejects.toThrow(words));
    await Promise.all(refused);
    expect(opened).toEqual([]);
  });

  it('and files of bake and compose are not read without trust either', async () => {
    const client = await start(new PaperContainers(), { trusted: false });
    await expect(client.ask(FileProfilesRequest, { uri: 'file:///x/Dockerfile' })).rejects.toThrow(/not trusted/);
  });
});
