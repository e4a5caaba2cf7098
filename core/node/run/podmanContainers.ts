import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../../model';
import { readPodmanListed, readRunDefaults, runningFirst } from '../../run/answers';
import { logOfContainer, runArguments, shellInContainer } from '../../run/runArguments';
import { runCommand } from '../engines/command';
import { isUnknownImage, podmanFailure } from '../engines/failure';
import { ImageError } from '../image/openImage';
import { ACT_PATIENCE, STOP_GRACE, type ContainerAccess } from './containerAccess';
import { requireId } from './containerId';
import { runDetached } from './runDetached';

const PROGRAM = 'podman';
/** Milliseconds that a question may take. */
const PATIENCE = 20_000;
/** Milliseconds that Podman may walk through the files of a container. */
const SIZE_PATIENCE = 120_000;
/** What leads podman to a store or a service. */
const LEADING = /^(?:CONTAINER_\w+|CONTAINERS_\w+|STORAGE_\w+|PODMAN_\w+)$/;

/** The containers of Podman, asked by commands: they go wherever the user's own Podman goes. */
export class PodmanContainers implements ContainerAccess {
  constructor(private readonly env: NodeJS.ProcessEnv) {}

  async defaults(image: string, signal: AbortSignal): Promise<RunDefaults> {
    return readRunDefaults(await this.image(image, signal));
  }

  async run(order: RunOrder, signal: AbortSignal): Promise<ContainerView> {
    const id = await runDetached(order, {
      ...{ program: PROGRAM, env: this.env, signal },
      discard: (made) => this.remove(made, signal),
    });
    const view = (await this.listed(signal)).find((one) => one.id === id);
    // one that ends at once may be gone with `--rm`
    return view === undefined ? { id, name: order.name, image: order.image, state: 'removed', ports: [] } : plain(view);
  }

  runCommand(order: RunOrder): TerminalCommand {
    const { args, env } = runArguments({ ...order, detached: false });
    return this.terminal(args, env);
  }

  async containers(image: string | undefined, signal: AbortSignal): Promise<readonly ContainerView[]> {
    const listed = await this.listed(signal);
    if (image === undefined) return runningFirst(listed.map(plain));
    const id = `sha256:${asText((await this.image(image, signal))['Id']).replace(/^sha256:/, '')}`;
    return runningFirst(listed.filter(({ imageId }) => imageId === id).map(plain));
  }

  async stop(id: string, signal: AbortSignal): Promise<void> {
    requireId(id);
    await this.asked(['stop', '--time', String(STOP_GRACE), id], signal, ACT_PATIENCE);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    requireId(id);
    // anonymous volumes stay: volumes are never removed beside something else
    await this.asked(['rm', '--volumes=false', id], signal, ACT_PATIENCE);
  }

  async writableBytes(id: string, signal: AbortSignal): Promise<number | null> {
    requireId(id);
    const [json] = await this.json(['container', 'inspect', '--size', id], signal, SIZE_PATIENCE);
    const bytes = json?.['SizeRw'];
    return typeof bytes === 'number' ? bytes : null;
  }

  command(id: string, act: 'logs' | 'shell'): TerminalCommand {
    requireId(id);
    return this.terminal(act === 'logs' ? logOfContainer(id) : shellInContainer(id), {});
  }

  private async image(name: string, signal: AbortSignal): Promise<Json> {
    try {
      const printed = await this.call(['image', 'inspect', '--', name], signal, PATIENCE);
      const [json] = asArray(JSON.parse(printed)).map(asObject);
      if (json !== undefined) return json;
    } catch (error) {
      signal.throwIfAborted();
      if (!isUnknownImage(error)) throw new ImageError(podmanFailure(error).message);
    }
    throw new ImageError(`Podman has no image ${name}.`);
  }

  private async listed(signal: AbortSignal) {
    const listed = await this.json(['ps', '--all', '--no-trunc', '--format', 'json'], signal, PATIENCE);
    return listed.map((one) => readPodmanListed(one, this.env['CONTAINER_HOST'] ?? ''));
  }

  private terminal(args: readonly string[], values: Readonly<Record<string, string>>): TerminalCommand {
    const leading = Object.entries(this.env).flatMap(([name, value]): [string, string][] =>
      LEADING.test(name) ? [[name, asText(value)]] : [],
    );
    return { program: PROGRAM, args, env: { ...Object.fromEntries(leading), ...values } };
  }

  private async json(args: readonly string[], signal: AbortSignal, patience: number): Promise<readonly Json[]> {
    return asArray(JSON.parse(await this.asked(args, signal, patience))).map(asObject);
  }

  private async asked(args: readonly string[], signal: AbortSignal, patience: number): Promise<string> {
    try {
      return await this.call(args, signal, patience);
    } catch (error) {
      signal.throwIfAborted();
      const text = error instanceof Error ? error.message : String(error);
      // what Podman says of a container is clear enough; what keeps it from being asked is not
      const said = /^Error: (.*)$/s.exec(text)?.[1]?.trim();
      throw new ImageError(said ?? podmanFailure(error).message);
    }
  }

  private call(args: readonly string[], signal: AbortSignal, patience: number): Promise<string> {
    return runCommand({ program: PROGRAM, args, env: this.env, signal, patience });
  }
}

function plain({ id, name, image, state, ports }: ContainerView): ContainerView {
  return { id, name, image, state, ports };
}
