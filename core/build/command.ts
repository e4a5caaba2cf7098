import type { BuilderKind, BuildOrder, SecretSource } from '../model';

/** How buildx tells how far a build is: as data, from 0.13 on, or as text. */
export type BuildxProgress = 'rawjson' | 'plain';

/** Which builder is meant, and how it is reached. */
export interface BuilderChoice {
  readonly kind: Exclude<BuilderKind, 'none'>;
  /** Name or path of docker or podman. */
  readonly program: string;
  /** Name of a buildx builder; undefined: the current one. */
  readonly builder?: string | undefined;
  /** Driver of that builder, where it is known: only `docker` keeps what it builds where images are. */
  readonly driver?: string | undefined;
  /** What its buildx can; default: data. */
  readonly progress?: BuildxProgress;
  /** The environment that the builder gets. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A command line that builds. */
export interface BuilderCommand {
  readonly kind: BuilderChoice['kind'];
  readonly program: string;
  readonly args: readonly string[];
  /** Beside the environment of {@link BuilderChoice}. */
  readonly env: Readonly<Record<string, string>>;
  /** The command line to be read, with values hidden. */
  readonly shown: string;
}

/** What docker, buildx, podman or the programs that they start read from their environment. */
const READ_BY_BUILDERS =
  /^(?:PATH|HOME|USER|SHELL|LANG|TZ|TMPDIR|TMP|TEMP|PWD|SSH_.*|GIT_.*|GPG_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|BUILDAH_.*|COMPOSE_.*|CONTAINER.*|PODMAN_.*|STORAGE_.*|REGISTRY_.*|XDG_.*|OTEL_.*|LC_.*|LD_.*|DYLD_.*|GO.*|NO_COLOR|NO_PROXY|.*_PROXY|EXPERIMENTAL_.*|SOURCE_DATE_EPOCH|SystemRoot|APPDATA|USERPROFILE|ProgramData|ProgramFiles.*)$/i;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The command that carries out an order with the user's own builder. Nothing is added that was not asked for: no pull,
 * no push, no name. An image that was given a name is loaded to where images are, if the builder does not do so itself.
 *
 * @param dockerfile another file to build from, for a build up to a line
 */
export function buildCommand(order: BuildOrder, builder: BuilderChoice, dockerfile = order.dockerfile): BuilderCommand {
  const { kind, program } = builder;
  const env: Record<string, string> = kind === 'classic' ? { DOCKER_BUILDKIT: '0' } : {};
  const args: string[] = [];
  const shown: string[] = [];
  const add = (...words: string[]): void => {
    args.push(...words);
    shown.push(...words);
  };
  if (kind === 'buildkit') {
    add('buildx', 'build', `--progress=${builder.progress ?? 'rawjson'}`);
    if (builder.builder !== undefined) add('--builder', builder.builder);
    const isElsewhere = builder.driver !== undefined && builder.driver !== 'docker';
    if (order.tags.length > 0 && isElsewhere) add('--load');
  } else add('build');
  add('--file', dockerfile);
  if (order.target !== '') add('--target', order.target);
  if (order.platform !== '') add('--platform', order.platform);
  for (const tag of order.tags) add('--tag', tag);
  if (order.cache === 'none') add('--no-cache');
  else if (order.cache !== 'all') add('--no-cache-filter', order.cache.exceptStage);
  for (const [name, value] of Object.entries(order.buildArgs)) {
    shown.push('--build-arg', `${name}=…`);
    // by the environment, where others do not see it; what the builder reads there itself must not be changed
    if (NAME.test(name) && builder.env[name] === undefined && !READ_BY_BUILDERS.test(name)) {
      env[name] = value;
      args.push('--build-arg', name);
    } else args.push('--build-arg', `${name}=${value}`);
  }
  for (const secret of order.secrets) add('--secret', secretText(secret, kind));
  for (const ssh of order.ssh) add('--ssh', ssh);
  add(order.context);
  return { kind, program, args, env, shown: [program, ...shown].map(quoted).join(' ') };
}

/** Why a builder cannot carry out an order; undefined: it can. */
export function refusalOf(order: BuildOrder, { kind }: Pick<BuilderChoice, 'kind'>): string | undefined {
  if (kind === 'buildkit') return undefined;
  const name = kind === 'classic' ? 'The classic builder' : 'Podman';
  if (typeof order.cache === 'object')
    return `${name} cannot leave out the cache of one stage only: build without any.`;
  if (kind === 'classic' && order.secrets.length + order.ssh.length > 0) {
    return `${name} has no secrets and no ssh: choose BuildKit for this Dockerfile.`;
  }
  return undefined;
}

function secretText(secret: SecretSource, kind: BuilderChoice['kind']): string {
  const source = 'file' in secret ? `src=${secret.file}` : `env=${secret.variable}`;
  return [`id=${secret.id}`, source].map((field) => (kind === 'buildkit' ? csvField(field) : field)).join(',');
}

/** buildx reads the fields of a secret as a line of CSV: a path may have commas and quotes. */
function csvField(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
