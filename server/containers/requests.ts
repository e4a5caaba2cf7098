import type { Connection } from 'vscode-languageserver';
import { refusalOfRun } from '../../core/run/runArguments';
import type { RunOrder } from '../../core/model';
import { ImageError } from '../../core/node/image/openImage';
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
import { ContainerEngines, type ContainersHost } from './engines';

/** Registers the requests about containers. Changes of the engine are told to whoever lists its images and bytes. */
export function registerContainers(connection: Connection, guard: Guard, host: ContainersHost): void {
  const engines = new ContainerEngines(host);
  const answer = answering(connection, guard);
  answer(RunDefaultsRequest, async ({ image, engine }, signal) => (await engines.of(engine)).defaults(image, signal));
  answer(RunCommandRequest, async ({ engine, ...order }) => (await engines.toRun(engine)).runCommand(checked(order)));
  answer(ContainerRunRequest, async ({ engine, ...order }, signal) => {
    const access = await engines.toRun(engine);
    const container = await access.run(checked(order), signal);
    engines.made(container.id, engine);
    return container;
  });
  answer(ContainersRequest, ({ image }, signal) => engines.list(image, signal));
  answer(ContainerBytesRequest, async ({ id }, signal) => (await engines.ofContainer(id)).writableBytes(id, signal));
  answer(ContainerCommandRequest, async ({ id, act }) => (await engines.ofContainer(id)).command(id, act));
  answer(ContainerActRequest, async ({ id, act }, signal) => {
    const access = await engines.ofContainer(id);
    await (act === 'stop' ? access.stop(id, signal) : access.remove(id, signal));
    return null;
  });
}

function checked(order: RunOrder): RunOrder {
  const refusal = refusalOfRun(order);
  if (refusal !== '') throw new ImageError(refusal);
  return order;
}
