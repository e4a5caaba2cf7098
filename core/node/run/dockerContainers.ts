import { asArray, asObject, asText } from '../../llb/decode';
import type { ContainerView, RunDefaults, RunOrder, TerminalCommand } from '../../model';
import { readDockerListed, readRunDefaults, runningFirst } from '../../run/answers';
import { logOfContainer, runArguments, shellInContainer } from '../../run/runArguments';
import { ApiError } from '../engines/apiRequest';
import type { EngineChoice } from '../engines/connection';
import { DockerEngine } from '../engines/docker';
import { findEndpoint, type DockerEndpoint } from '../engines/endpoint';
import { explainFailure } from '../engines/failure';
import { ImageError } from '../image/openImage';
import { ACT_PATIENCE, STOP_GRACE, type ContainerAccess } from './containerAccess';
import { requireId } from './containerId';
import { runDetached } from './runDetached';

/** Milliseconds that a question may take. */
const PATIENCE = 20_000;
/** Milliseconds that the engine may walk through the files of a container. */
const SIZE_PATIENCE = 120_000;
/** What leads docker to an engine. */
const LEADING = /^DOCKER_(?:HOST|CONTEXT|CONFIG|TLS|TLS_VERIFY|CERT_PATH|API_VERSION)$/;

type Ask = (method: 'GET' | 'POST' | 'DELETE', path: string, patience?: number) => Promise<unknown>;

/** The containers of a Docker engine. */
export class DockerContainers implements ContainerAccess {
  private readonly endpoint: DockerEndpoint;

  constructor(private readonly choice: EngineChoice) {
    this.endpoint = findEndpoint(choice.env, choice.builder);
  }

  async defaults(image: string): Promise<RunDefaults> {
    return this.with(async (engine) => {
      const json = await engine.imageJson(image);
      if (json === undefined) throw new ImageError(`The engine has no image ${image}.`);
      return readRunDefaults(json);
    });
  }

  async run(order: RunOrder, signal: AbortSignal): Promise<ContainerView> {
    const id = await runDetached(order, {
      ...{ program: this.choice.program, env: this.env, signal },
      discard: (made) => this.remove(made, signal),
    });
    const [view] = await this.listed(`{"id":["${id}"]}`, signal);
    // one that ends at once may be gone with `--rm`
    return view ?? { id, name: order.name, image: order.image, state: 'removed', ports: [] };
  }

  runCommand(order: RunOrder): TerminalCommand {
    const { args, env } = runArguments({ ...order, detached: false });
    return this.terminal(args, env);
  }

  async containers(image: string | undefined, signal: AbortSignal): Promise<readonly ContainerView[]> {
    if (image === undefined) return this.listed('{}', signal);
    const id = await this.with((engine) => engine.imageId(image));
    if (id === undefined) throw new ImageError(`The engine has no image ${image}.`);
    return this.listed('{}', signal, id);
  }

  async stop(id: string, signal: AbortSignal): Promise<void> {
    requireId(id);
    await this.asking(signal, (ask) => ask('POST', `/containers/${id}/stop?t=${STOP_GRACE}`, ACT_PATIENCE));
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    requireId(id);
    await this.asking(signal, (ask) => ask('DELETE', `/containers/${id}?v=0&force=0`, ACT_PATIENCE));
  }

  async writableBytes(id: string, signal: AbortSignal): Promise<number | null> {
    requireId(id);
    const json = asObject(
      await this.asking(signal, (ask) => ask('GET', `/containers/${id}/json?size=1`, SIZE_PATIENCE)),
    );
    const bytes = json['SizeRw'];
    return typeof bytes === 'number' ? bytes : null;
  }

  command(id: string, act: 'logs' | 'shell'): TerminalCommand {
    requireId(id);
    return this.terminal(act === 'logs' ? logOfContainer(id) : shellInContainer(id), {});
  }

  private async listed(filters: string, signal: AbortSignal, image?: string): Promise<readonly ContainerView[]> {
    const path = `/containers/json?all=1&filters=${encodeURIComponent(filters)}`;
    const json = await this.asking(signal, (ask) => ask('GET', path));
    const found = asArray(json).map((one) => readDockerListed(asObject(one), this.endpoint.host));
    const wanted = image === undefined ? found : found.filter(({ imageId }) => imageId === image);
    return runningFirst(wanted.map(({ id, name, image: of, state, ports }) => ({ id, name, image: of, state, ports })));
  }

  private get env(): NodeJS.ProcessEnv {
    return { ...this.choice.env, ...this.endpoint.variables };
  }

  private terminal(args: readonly string[], values: Readonly<Record<string, string>>): TerminalCommand {
    const leading = Object.entries(this.env).flatMap(([name, value]): [string, string][] =>
      // an empty one is none to docker
      LEADING.test(name) ? [[name, asText(value)]] : [],
    );
    return { program: this.choice.program, args, env: { ...Object.fromEntries(leading), ...values } };
  }

  private asking<T>(signal: AbortSignal, work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.with((engine) =>
      work((method, path, patience = PATIENCE) => engine.ask({ method, path, signal, patience })),
    );
  }

  private async with<T>(work: (engine: DockerEngine) => Promise<T>): Promise<T> {
    const { endpoint, choice } = this;
    try {
      const engine = await DockerEngine.connect(endpoint, choice.program, this.env, { timeout: 0 });
      try {
        return await work(engine);
      } finally {
        engine.close();
      }
    } catch (error) {
      if (error instanceof ImageError || (error instanceof Error && error.name === 'AbortError')) throw error;
      if (error instanceof ApiError) throw new ImageError(error.message);
      throw new ImageError(explainFailure(error, endpoint, choice.program).message);
    }
  }
}
