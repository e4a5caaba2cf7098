import { asArray, asObject, asText, type Json } from '../llb/decode';
import type { ContainerView, PublishedPort, RunDefaults } from '../model';

const texts = (value: unknown): string[] => asArray(value).map(asText);

/** A command as engines note it: a list of words, or in old releases of Podman one text. */
function words(value: unknown): readonly string[] {
  return typeof value === 'string' ? value.split(' ').filter((word) => word !== '') : texts(value);
}

/** How an image wants to be run, from what inspecting it says; Docker and Podman say it alike. */
export function readRunDefaults(image: Json): RunDefaults {
  const config = asObject(image['Config']);
  return {
    ports: Object.keys(asObject(config['ExposedPorts'])).sort(byNumber),
    volumes: Object.keys(asObject(config['Volumes'])).sort(),
    environment: texts(config['Env']).map((entry) => entry.replace(/=.*$/s, '')),
    entrypoint: words(config['Entrypoint']),
    command: words(config['Cmd']),
    user: asText(config['User']),
    workingDirectory: asText(config['WorkingDir']),
  };
}

function byNumber(one: string, other: string): number {
  return parseInt(one, 10) - parseInt(other, 10) || (one < other ? -1 : 1);
}

/**
 * Where the published ports of a container can be opened.
 *
 * @param engineHost `DOCKER_HOST` and the like: where the engine is, there are its ports
 */
export function publishedPorts(entries: readonly Binding[], engineHost: string): readonly PublishedPort[] {
  const ports = new Map<string, PublishedPort>();
  for (const { address, published, port, protocol } of entries) {
    if (protocol !== 'tcp' || published === 0) continue;
    const scheme = port === 443 || port === 8443 ? 'https' : 'http';
    const url = `${scheme}://${hostFor(address, engineHost)}:${published}`;
    // the same port by IPv4 and IPv6 is one
    ports.set(`${port} ${url}`, { container: `${port}/tcp`, url });
  }
  return [...ports.values()].sort((one, other) => byNumber(one.container, other.container));
}

/** One binding of a port. */
export interface Binding {
  /** Of the machine of the engine; empty or `0.0.0.0`: all. */
  readonly address: string;
  readonly published: number;
  readonly port: number;
  readonly protocol: string;
}

function hostFor(address: string, engineHost: string): string {
  const remote = /^(?:tcp|https?|ssh):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(engineHost)?.[1] ?? '';
  const isAny = ['', '0.0.0.0', '::', '*'].includes(address);
  if (isAny) return remote === '' || remote === '127.0.0.1' ? 'localhost' : remote;
  return address.includes(':') ? `[${address}]` : address;
}

/** A container as Docker lists it (`GET /containers/json`). */
export function readDockerListed(json: Json, engineHost: string): ContainerView & { readonly imageId: string } {
  const bindings = asArray(json['Ports'])
    .map(asObject)
    .map((port): Binding => ({
      ...{ address: asText(port['IP']), published: Number(port['PublicPort'] ?? 0) },
      ...{ port: Number(port['PrivatePort'] ?? 0), protocol: asText(port['Type']) },
    }));
  const [name = ''] = texts(json['Names']);
  return {
    id: asText(json['Id']),
    name: name.replace(/^\//, ''),
    image: asText(json['Image']),
    state: asText(json['State']),
    ports: publishedPorts(bindings, engineHost),
    imageId: asText(json['ImageID']),
  };
}

/** A container as `podman ps --format json` lists it; one entry may be a range of ports. */
export function readPodmanListed(json: Json, engineHost: string): ContainerView & { readonly imageId: string } {
  const bindings = asArray(json['Ports'])
    .map(asObject)
    .flatMap((port): Binding[] => {
      const range = Math.min(Math.max(1, Number(port['range'] ?? 1)), 1000);
      return Array.from({ length: range }, (_, at) => ({
        ...{ address: asText(port['host_ip']), published: Number(port['host_port'] ?? 0) + at },
        ...{ port: Number(port['container_port'] ?? 0) + at, protocol: asText(port['protocol']) || 'tcp' },
      }));
    });
  const [name = ''] = texts(json['Names']);
  return {
    id: asText(json['Id']),
    name,
    image: asText(json['Image']),
    state: asText(json['State']),
    ports: publishedPorts(bindings, engineHost),
    imageId: `sha256:${asText(json['ImageID']).replace(/^sha256:/, '')}`,
  };
}

/** Those that run first, then by name. */
export function runningFirst<T extends ContainerView>(containers: readonly T[]): T[] {
  const rank = ({ state }: ContainerView): number => (state === 'running' ? 0 : state === 'paused' ? 1 : 2);
  return [...containers].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
