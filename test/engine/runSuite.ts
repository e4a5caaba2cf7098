import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiskAccess } from '../../core/node/disk/diskAccess.js';
import type { ContainerAccess } from '../../core/node/run/containerAccess.js';
import { shellOrder, type ContainerView, type RunOrder } from '../../core/model/index.js';
import { engineCommand } from '../judge/imageFiles.js';
import { asArray, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';

/** The engine that containers are run on. */
export interface RunningEngine {
  /** Name or path of docker or podman. */
  readonly program: string;
  readonly access: ContainerAccess;
  readonly disk: DiskAccess;
  /** A base image with a shell. */
  readonly base: () => Promise<string>;
  /** Bytes that the engine counts for a file of so many; default: those. */
  readonly counted?: (bytes: number) => number;
}

/** What a container writes in the textbook exercise. */
const WRITTEN = 123_456;
const { signal } = new AbortController();
/** Nobody types, and there is no terminal: attached to an input that has ended, docker may wait for good. */
const withoutTerminal = (args: readonly string[]): readonly string[] =>
  args.filter((arg) => arg !== '--tty' && arg !== '--interactive');

/** Build, run, write, look at the sizes, remove: by our own ways, beside what the engine itself prints. */
export function runSuite(name: string, engine: () => RunningEngine): void {
  describe(name, { timeout: 120_000 }, () => {
    const id = randomUUID().slice(0, 8);
    const image = `localhost/layer-insight-test/textbook-${id}:1`;
    const bare = `localhost/layer-insight-test/bare-${id}:1`;
    const made: string[] = [];
    let folder = '';
    const command = (...args: readonly string[]): Promise<string> => engineCommand(engine().program, args);
    const order = (some: Partial<RunOrder> = {}): RunOrder => ({
      ...{ image, name: '', ports: [], environment: {}, mounts: [], command: [], remove: false, detached: true },
      ...some,
    });
    const start = async (some: Partial<RunOrder> = {}): Promise<ContainerView> => {
      const container = await engine().access.run(order(some), signal);
      made.push(container.id);
      return container;
    };
    const end = async (container: ContainerView): Promise<void> => {
      await engine().access.stop(container.id, signal);
      await engine().access.remove(container.id, signal);
    };
    /** Bytes as the engine prints them: of the writable layer, and with the image. */
    const sizes = async (container: string): Promise<{ size: number; virtual: number }> => {
      const [json] = asArray(parseJson(await command('container', 'inspect', '--size', container)));
      return { size: Number(at(json, 'SizeRw') ?? 0), virtual: Number(at(json, 'SizeRootFs')) };
    };
    const inspectImage = async (): Promise<unknown> => asArray(parseJson(await command('image', 'inspect', image)))[0];

    beforeAll(async () => {
      folder = await mkdtemp('/tmp/li-textbook-');
      const base = await engine().base();
      await writeFile(join(folder, 'hello'), 'hello\n');
      // ends at once when it is asked to: a shell without children as the first process
      const waits = `trap 'exit 0' TERM; echo waiting $COLOR; while :; do sleep 1 & wait $!; done`;
      const lines = [
        ...[`FROM ${base}`, 'COPY hello /hello', 'EXPOSE 80 53/udp', 'ENV COLOR=red'],
        `ENTRYPOINT ["sh", "-c", ${JSON.stringify(waits)}]`,
      ];
      await writeFile(join(folder, 'Dockerfile'), lines.join('\n'));
      await writeFile(join(folder, 'Bare'), 'FROM scratch\nCOPY hello /hello\nCMD ["/hello"]\n');
      await command('build', '--tag', image, folder);
      await command('build', '--tag', bare, '--file', join(folder, 'Bare'), folder);
    });
    afterAll(async () => {
      for (const container of made) await command('rm', '--force', container).catch(() => undefined);
      for (const one of [image, bare]) await command('image', 'rm', one).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    });

    it('the textbook exercise: what a container writes is its own, to the byte that the engine counts, and goes with it', async () => {
      const { access, disk, counted = (bytes: number) => bytes } = engine();
      const before = await inspectImage();
      const container = await start();
      expect(container.state).toBe('running');
      const fresh = await sizes(container.id);
      await command('exec', container.id, 'sh', '-c', `head -c ${WRITTEN} /dev/urandom > /written`);
      const written = await sizes(container.id);
      expect(written.size - fresh.size).toBe(counted(WRITTEN));
      expect(written.virtual - fresh.virtual).toBe(counted(WRITTEN));
      expect(await access.writableBytes(container.id, signal)).toBe(written.size);
      // the panel shows the same
      const report = await disk.measure(signal, () => undefined);
      const shown = report.containers.find((one) => one.id === container.id);
      expect(shown).toMatchObject({ sizeBytes: written.size, virtualBytes: written.virtual });
      const changes = await disk.changes(container.id, signal);
      expect(changes?.changes.map(({ path, change }) => `${change} ${path}`)).toContain('added /written');
      await end(container);
      const left = await access.containers(undefined, signal);
      expect(left.map((one) => one.id)).not.toContain(container.id);
      expect(await inspectImage()).toEqual(before);
      const second = await start();
      const listed = await command('exec', second.id, 'sh', '-c', 'echo /*');
      expect(listed).toContain('/hello');
      expect(listed).not.toContain('written');
      await end(second);
    });

    it('an image says how it wants to be run', async () => {
      const defaults = await engine().access.defaults(image, signal);
      expect(defaults).toMatchObject({ ports: ['53/udp', '80/tcp'], volumes: [], command: [] });
      expect(defaults.environment).toContain('COLOR');
      expect(defaults.entrypoint.slice(0, 2)).toEqual(['sh', '-c']);
      await expect(engine().access.defaults('layer-insight-test/none:1', signal)).rejects.toThrow(/no image/);
    });

    it('a container gets name, variables and ports, is listed with its image, and has its log', async () => {
      const { access } = engine();
      const called = `layer-insight-${id}`;
      const container = await start({
        ...{ name: called, environment: { COLOR: 'blue and "green"' }, ports: ['127.0.0.1::80'] },
      });
      expect(container).toMatchObject({ name: called, state: 'running' });
      expect(container.ports.map(({ container: port, url }) => `${port} ${url}`).join()).toMatch(
        /^80\/tcp http:\/\/127\.0\.0\.1:\d+$/,
      );
      const ofImage = await access.containers(image, signal);
      expect(ofImage.map((one) => one.id)).toEqual([container.id]);
      expect(await access.containers(bare, signal)).toEqual([]);
      const { args } = access.command(container.id, 'logs');
      const log = await command(...args.filter((arg) => arg !== '--follow'));
      expect(log).toBe('waiting blue and "green"');
      const shell = withoutTerminal(access.command(container.id, 'shell').args);
      expect((await run(engine().program, shell)).code).toBe(0);
      await expect(access.remove(container.id, signal)).rejects.toThrow(/running|stop/i);
      await end(container);
    });

    it('one that cannot be started is not left behind, and the engine says why', async () => {
      const { access } = engine();
      const failing = {
        command: ['/there/is/nothing'],
        entrypoint: '/there/is/nothing',
        name: `layer-insight-x-${id}`,
      };
      const failed = access.run(order(failing), signal);
      await expect(failed).rejects.toThrow(/nothing.*(?:no such file|not found)|(?:no such file|not found)/is);
      const message = await failed.catch((error: unknown) => (error instanceof Error ? error.message : ''));
      expect(message).not.toMatch(/--pull|--help|cidfile/);
      const left = await access.containers(image, signal);
      expect(left).toEqual([]);
      await expect(access.run(order({ image: 'layer-insight-test/none:1' }), signal)).rejects.toThrow(/image/i);
    });

    it('a shell ends well whatever was done in it, and its absence is told by the exit code', async () => {
      const shell = (of: string): readonly string[] => withoutTerminal(engine().access.runCommand(shellOrder(of)).args);
      expect((await run(engine().program, shell(image))).code).toBe(0);
      expect([126, 127]).toContain((await run(engine().program, shell(bare))).code);
      expect(await engine().access.containers(bare, signal)).toEqual([]);
    });
  });
}
