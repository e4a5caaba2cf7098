import { BEST_SHELL, type RunOrder } from '../model';
import { canBeInherited } from './environment';

/** Arguments of a program, and the values that it gets by its environment. */
export interface RunArguments {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Whether an order can be carried out; a text says why not. */
export function refusalOfRun({ image, name, environment }: RunOrder): string {
  // what begins with a dash would be an option
  if (image === '' || image.startsWith('-')) return `"${image}" is no name of an image.`;
  if (name !== '' && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    return `"${name}" is no name for a container: letters, digits, "_", "." and "-", the first a letter or a digit.`;
  }
  const odd = Object.keys(environment).find((variable) => variable === '' || /[=\0\n]/.test(variable));
  return odd === undefined ? '' : `"${odd}" is no name of a variable.`;
}

/**
 * The arguments of `docker run` or `podman run`. Nothing is fetched that is not there. A value of the environment is not
 * among them where it can be avoided: `--env NAME` takes it from the environment of the program.
 *
 * @param options further options of the program
 */
export function runArguments(order: RunOrder, options: readonly string[] = []): RunArguments {
  const env: Record<string, string> = {};
  const variables = Object.entries(order.environment).flatMap(([name, value]) => {
    if (!canBeInherited(name)) return ['--env', `${name}=${value}`];
    env[name] = value;
    return ['--env', name];
  });
  const args = [
    ...['run', '--pull=never', ...options],
    ...(order.detached ? ['--detach'] : ['--interactive', '--tty']),
    ...(order.remove ? ['--rm'] : []),
    ...(order.name === '' ? [] : ['--name', order.name]),
    ...order.ports.flatMap((port) => ['--publish', port]),
    ...variables,
    ...order.mounts.flatMap((mount) => ['--volume', mount]),
    ...(order.entrypoint === undefined ? [] : ['--entrypoint', order.entrypoint]),
    ...[order.image, ...order.command],
  ];
  return { args, env };
}

/** Arguments for a shell in a running container. */
export function shellInContainer(id: string): readonly string[] {
  return ['exec', '--interactive', '--tty', id, '/bin/sh', '-c', BEST_SHELL];
}

/** Lines of a log that are shown of what was before. */
const LAST_LINES = 5000;

/** Arguments for the log of a container, and what comes. */
export function logOfContainer(id: string): readonly string[] {
  return ['logs', '--follow', '--tail', String(LAST_LINES), id];
}
