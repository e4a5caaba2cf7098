import type { DockerEndpoint } from './endpoint';

/** Why an engine could not be used. */
export interface EngineFailure {
  readonly code: 'not-found' | 'not-reachable' | 'permission-denied' | 'unsupported';
  /** What was looked for and what to do, in one or two sentences. */
  readonly message: string;
}

/** What one failure is about. */
interface Rule extends EngineFailure {
  readonly pattern: RegExp;
}

/** The failures that have a remedy, by the words of docker, buildx and the system; the first that fits counts. */
function rules(endpoint: DockerEndpoint, program: string): Rule[] {
  const where = `${endpoint.host} (${endpoint.origin})`;
  const { builder } = endpoint;
  return [
    {
      pattern: /ENOENT.*spawn|spawn .*ENOENT/,
      code: 'not-found',
      message: `The program "${program}" was not found. Install Docker with buildx, or set layerInsight.engine.dockerPath.`,
    },
    {
      pattern: /spawn .*EACCES/,
      code: 'permission-denied',
      message: `The program "${program}" may not be executed. Make it executable, or set layerInsight.engine.dockerPath.`,
    },
    {
      pattern: /no builder .* found/,
      code: 'not-found',
      message: `There is no builder "${builder}". Choose another one with "docker buildx use" or layerInsight.engine.builder.`,
    },
    {
      pattern: /EACCES|permission denied/i,
      code: 'permission-denied',
      message: `No permission for ${where}. Add your user to the group that owns the socket, or use rootless Docker.`,
    },
    {
      // without the plugin docker takes the options for its own
      pattern: /unknown command: docker buildx\s*$|is not a docker command|unknown flag: --builder/m,
      code: 'not-found',
      message: `Docker's buildx plugin was not found. Install it (docker-buildx-plugin).`,
    },
    {
      pattern: /unknown command: "?history/,
      code: 'unsupported',
      message: `This buildx cannot tell of past builds. Update Docker's buildx plugin to 0.20 or newer.`,
    },
    {
      pattern: /builder is not running|No such container: buildx_buildkit|container .* is not running/i,
      code: 'not-reachable',
      message: `The builder "${builder}" is not running. Start it with "docker buildx inspect --bootstrap ${builder}".`,
    },
    {
      pattern: /ENOENT|ECONNREFUSED|Cannot connect|no such file|connection refused|failed to dial|socket hang up/i,
      code: 'not-reachable',
      message: `No engine answers at ${where}. Start it (Docker Desktop, or "sudo systemctl start docker").`,
    },
  ];
}

/** The failure that these words are known for; undefined when nobody knows. */
export function knownFailure(error: unknown, endpoint: DockerEndpoint, program: string): EngineFailure | undefined {
  const text = errorText(error);
  const rule = rules(endpoint, program).find(({ pattern }) => pattern.test(text));
  return rule === undefined ? undefined : { code: rule.code, message: rule.message };
}

/** Why the engine could not be asked, and what to do. */
export function explainFailure(error: unknown, endpoint: DockerEndpoint, program: string): EngineFailure {
  const known = knownFailure(error, endpoint, program);
  if (known !== undefined) return known;
  const where = `${endpoint.host} (${endpoint.origin})`;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError' || /deadline.exceeded|did not end within/.test(errorText(error))) {
    const message = `The builder "${endpoint.builder}" at ${where} does not answer in time. See whether "docker buildx inspect" does.`;
    return { code: 'not-reachable', message };
  }
  return {
    code: 'not-reachable',
    message: `The builder "${endpoint.builder}" at ${where} could not be asked: ${errorText(error)}`,
  };
}

/** Why Podman could not be asked, and what to do. */
export function podmanFailure(error: unknown): EngineFailure {
  const text = errorText(error);
  if (/spawn .*ENOENT|ENOENT.*spawn/.test(text)) {
    const message =
      'The program "podman" was not found. Install Podman, or choose another builder for this Dockerfile.';
    return { code: 'not-found', message };
  }
  if (/permission denied|EACCES/i.test(text)) {
    return { code: 'permission-denied', message: `Podman may not read its store: ${text}` };
  }
  return { code: 'not-reachable', message: `Podman could not be asked. See whether "podman images" works: ${text}` };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** How releases of Podman say that there is no image of a name, or that it can be the name of none. */
const UNKNOWN_IMAGE =
  /no such (?:image|object)|image not known|invalid reference|parsing reference|sha256:.*invalid format|unable to inspect|failed to find image/i;

/** Did Podman fail because it has no such image? */
export function isUnknownImage(error: unknown): boolean {
  return UNKNOWN_IMAGE.test(error instanceof Error ? error.message : String(error));
}
