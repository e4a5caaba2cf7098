import type { Connection } from 'vscode-languageserver';
import { refusalOfRun } from '../../core/run/runArguments';
import type { RunOrder } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
import type { ContainerAccess } from '../../core/node/run/containerAccess';
import { engineContainers, type EngineContainersOptions } from '../../core/node/run/engineContainers';
import { answering } from '../answering';
import type { Guard } from '../guard';
import {
  ContainerActRequest,
  ContainerBytesRequest,
  ContainerCommandRequest,
  ContainerRunRequest,
  ContainersRequest,
  RunCommandRequest,
  RunDefaultsRequest,
} from '../protocol';
import type { DockerfileSettings } from '../settings';

/** Opens the engine that the settings mean. */
export type OpenContainers = (options: EngineContainersOptions) => Promise<ContainerAccess>;

/** What answers about containers are made from. */
export interface ContainersHost {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: () => Promise<DockerfileSettings>;
  readonly isTrusted: () => boolean;
  readonly open?: OpenContainers | undefined;
}

/** Registers the requests about containers. Changes of the engine are told to whoever lists its images and bytes. */
export function registerContainers(connection: Connection, guard: Guard, host: ContainersHost): void {
  const engine = async (): Promise<ContainerAccess> => {
    const { engineKind, dockerPath } = await allowed(host);
    return (host.open ?? engineContainers)({ wanted: engineKind, program: dockerPath, env: host.env });
  };
  const answer = answering(connection, guard);
  answer(RunDefaultsRequest, async ({ image }, signal) => (await engine()).defaults(image, signal));
  answer(RunCommandRequest, async (order) => (await engine()).runCommand(checked(order)));
  answer(ContainerRunRequest, async (order, signal) => (await engine()).run(checked(order), signal));
  answer(ContainersRequest, async ({ image }, signal) => (await engine()).containers(image, signal));
  answer(ContainerBytesRequest, async ({ id }, signal) => (await engine()).writableBytes(id, signal));
  answer(ContainerCommandRequest, async ({ id, act }) => (await engine()).command(id, act));
  answer(ContainerActRequest, async ({ id, act }, signal) => {
    const access = await engine();
    await (act === 'stop' ? access.stop(id, signal) : access.remove(id, signal));
    return null;
  });
}

async function allowed(host: ContainersHost): Promise<DockerfileSettings> {
  if (!host.isTrusted()) throw new ImageError('This workspace is not trusted: no engine is asked.');
  const settings = await host.settings();
  if (settings.engineKind === 'none') throw new ImageError('No engine is asked (layerInsight.engine.kind).');
  return settings;
}

function checked(order: RunOrder): RunOrder {
  const refusal = refusalOfRun(order);
  if (refusal !== '') throw new ImageError(refusal);
  return order;
}
