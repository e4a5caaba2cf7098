import { parseArgs, type ParseArgsConfig } from 'node:util';
import { valuesToHide } from '../../build/hiddenValues';
import type { SecretSource } from '../../model';
import { parseSize } from '../../plan/mounts';

/** What `layer-insight predict` was asked. */
export interface PredictArguments {
  readonly context: string;
  readonly file: string | undefined;
  readonly target: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly platforms: readonly string[];
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  readonly network: string;
  readonly addHosts: readonly string[];
  /** `name=soft:hard`, sorted by name. */
  readonly ulimits: readonly string[];
  /** Bytes; 0 when not given. */
  readonly shmSize: number;
  readonly cgroupParent: string;
  readonly pull: boolean;
  readonly buildContexts: ReadonlyMap<string, string>;
  readonly cacheFrom: readonly string[];
  /** The network may be asked what the build would ask it. */
  readonly askNetwork: boolean;
  readonly builder: string | undefined;
  readonly engine: 'auto' | 'docker' | 'podman' | 'none';
  /** Options that Podman would follow and we do not. */
  readonly uncoveredOptions: readonly string[];
  readonly baseline: string;
  readonly exitCode: boolean;
  readonly json: boolean;
}

/** A usage error: its message goes to the error stream, exit code 2. */
export class UsageError extends Error {}

const ENGINES = ['auto', 'docker', 'podman', 'none'] as const;

/**
 * Options of `docker build` that say where the result goes, what is written beside it, or what is allowed: which steps
 * are executed does not depend on them, so that a build command can be repeated as it is.
 */
const WITHOUT_EFFECT = {
  allow: { type: 'string', multiple: true },
  annotation: { type: 'string', multiple: true },
  attest: { type: 'string', multiple: true },
  'cache-to': { type: 'string', multiple: true },
  iidfile: { type: 'string' },
  label: { type: 'string', multiple: true },
  load: { type: 'boolean' },
  'metadata-file': { type: 'string' },
  output: { type: 'string', short: 'o', multiple: true },
  progress: { type: 'string' },
  provenance: { type: 'string' },
  push: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  sbom: { type: 'string' },
  tag: { type: 'string', short: 't', multiple: true },
} as const;

/** Options of `podman build` alone that may decide what is cached; what they do is not predicted. */
const PODMAN_ONLY = {
  'cache-ttl': { type: 'string' },
  env: { type: 'string', multiple: true },
  format: { type: 'string' },
  layers: { type: 'string' },
  'rewrite-timestamp': { type: 'boolean' },
  'source-date-epoch': { type: 'string' },
  squash: { type: 'boolean' },
  'squash-all': { type: 'boolean' },
  timestamp: { type: 'string' },
  unsetenv: { type: 'string', multiple: true },
  unsetlabel: { type: 'string', multiple: true },
} as const;

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  target: { type: 'string' },
  'build-arg': { type: 'string', multiple: true },
  platform: { type: 'string', multiple: true },
  'no-cache': { type: 'boolean' },
  'no-cache-filter': { type: 'string', multiple: true },
  pull: { type: 'boolean' },
  'build-context': { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  ssh: { type: 'string', multiple: true },
  network: { type: 'string' },
  'add-host': { type: 'string', multiple: true },
  ulimit: { type: 'string', multiple: true },
  'shm-size': { type: 'string' },
  'cgroup-parent': { type: 'string' },
  'cache-from': { type: 'string', multiple: true },
  'ask-network': { type: 'boolean' },
  builder: { type: 'string' },
  engine: { type: 'string' },
  baseline: { type: 'string' },
  'exit-code': { type: 'boolean' },
  json: { type: 'boolean' },
  ...WITHOUT_EFFECT,
  ...PODMAN_ONLY,
} as const;

/** Reads the arguments of `predict`; `env` gives the value of `--build-arg NAME` without one, as docker does. */
export function parsePredictArguments(argv: readonly string[], env: NodeJS.ProcessEnv): PredictArguments {
  const { values, positionals } = parse(argv, OPTIONS);
  if (positionals.length > 1) throw new UsageError(`predict takes one build context, got ${positionals.length}`);
  return requestArguments(values, positionals[0] ?? '.', env);
}

/** What the options of a build and its context say. */
function requestArguments(
  values: ReturnType<typeof parse<typeof OPTIONS>>['values'],
  context: string,
  env: NodeJS.ProcessEnv,
): PredictArguments {
  if (/^(?:https?|git|ssh):\/\/|^-$/.test(context)) {
    throw new UsageError(`${context}: only a local folder can be predicted as a build context`);
  }
  const engine = ENGINES.find((one) => one === (values.engine ?? 'auto'));
  if (engine === undefined) throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  const baseline = values.baseline ?? 'engine';
  if (baseline !== 'engine' && baseline !== 'none' && !/^git:./.test(baseline)) {
    throw new UsageError(`--baseline ${baseline} is not known: use engine, none or git:REF`);
  }
  const buildArgs = new Map<string, string>();
  for (const text of values['build-arg'] ?? []) {
    const [name, given] = nameAndValue(text);
    const value = given ?? env[name];
    if (value !== undefined) buildArgs.set(name, value);
  }
  // buildx forwards this variable of the client (docs: reproducible builds)
  const epoch = env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && epoch !== '' && !buildArgs.has('SOURCE_DATE_EPOCH')) {
    buildArgs.set('SOURCE_DATE_EPOCH', epoch);
  }
  return {
    context,
    file: values.file,
    target: values.target ?? '',
    buildArgs,
    platforms: (values.platform ?? []).flatMap((one) => one.split(',')),
    noCache: values['no-cache'] ?? false,
    noCacheFilter: (values['no-cache-filter'] ?? []).flatMap((one) => one.split(',')),
    network: values.network ?? 'default',
    addHosts: (values['add-host'] ?? []).map((host) => host.split(/[:=]/, 1)[0] ?? host),
    ulimits: parseUlimits(values.ulimit ?? []),
    shmSize: parseShmSize(values['shm-size']),
    cgroupParent: values['cgroup-parent'] ?? '',
    pull: values.pull ?? false,
    buildContexts: new Map((values['build-context'] ?? []).map(parseBuildContext)),
    cacheFrom: values['cache-from'] ?? [],
    askNetwork: values['ask-network'] ?? false,
    builder: values.builder,
    engine,
    uncoveredOptions: podmanOptions(values, engine),
    baseline,
    exitCode: values['exit-code'] ?? false,
    json: values.json ?? false,
  };
}

/** What `layer-insight build` was asked. */
export interface BuildArguments {
  /** What is predicted before. */
  readonly request: PredictArguments;
  /** For the builder, as the user gave them. */
  readonly passed: readonly string[];
  /** Only the id of the image is printed. */
  readonly quiet: boolean;
  /** Values that are printed nowhere. */
  readonly hidden: readonly string[];
}

/** Options of ours that builders do not know, with whether a value follows. */
const OUR_OPTIONS: Readonly<Record<string, boolean>> = {
  '--engine': true,
  '--baseline': true,
  '--exit-code': false,
  '--ask-network': false,
  '--json': false,
  // how the builder tells how far it is must be known to us
  '--progress': true,
  '--quiet': false,
  '-q': false,
};

/** Reads the arguments of `build`: those of `predict`, and whatever else the builder takes. */
export function parseBuildArguments(argv: readonly string[], env: NodeJS.ProcessEnv): BuildArguments {
  const { values, positionals } = parse(argv, OPTIONS);
  if (positionals.length > 1) throw new UsageError(`build takes one build context, got ${positionals.length}`);
  const request = requestArguments(values, positionals[0] ?? '.', env);
  if (request.engine === 'none' || request.baseline.startsWith('git:') || request.exitCode) {
    throw new UsageError(
      '--engine none, --baseline git:REF and --exit-code belong to predict: a build needs an engine',
    );
  }
  if ((values.output ?? []).some((output) => output === '-' || /(?:^|,)dest=-(?:,|$)/.test(output))) {
    throw new UsageError('-o -: what was predicted and done is printed there. Write the result to a file');
  }
  const passed: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const takesValue = OUR_OPTIONS[word.split('=', 1)[0] ?? ''];
    if (takesValue === undefined) passed.push(word);
    else if (takesValue && !word.includes('=')) at++;
  }
  if (positionals.length === 0) passed.push('.');
  const secrets = (values.secret ?? []).flatMap(secretInEnvironment);
  return { request, passed, quiet: values.quiet ?? false, hidden: valuesToHide(request.buildArgs, secrets, env) };
}

/** The secret of `--secret`, if it may come from the environment (buildx util/buildflags/secrets.go). */
function secretInEnvironment(text: string): readonly SecretSource[] {
  const fields = new Map(
    text.split(',').map((field): [string, string] => {
      const [name, value = ''] = nameAndValue(field);
      return [name, value];
    }),
  );
  const id = fields.get('id') ?? '';
  const source = fields.get('src') ?? fields.get('source');
  // the variable of its name, where nothing says where it is
  const variable = fields.get('env') ?? (fields.get('type') === 'file' ? undefined : (source ?? id));
  return variable === undefined ? [] : [{ id, variable }];
}

/** `NAME=VALUE`, or a name alone. */
function nameAndValue(text: string): readonly [name: string, value: string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** What `layer-insight history` was asked. */
export interface HistoryArguments {
  /** Context and options, for what would be built now. */
  readonly request: PredictArguments;
  readonly question:
    | { readonly kind: 'list' | 'accuracy' }
    | { readonly kind: 'explain'; readonly before: string; readonly after: string }
    | { readonly kind: 'reproduction'; readonly ref: string; readonly output: string | undefined };
}

const HISTORY_OPTIONS = {
  ...OPTIONS,
  accuracy: { type: 'boolean' },
  // the file that is written, not the image
  output: { type: 'string', short: 'o' },
} as const;

/** Reads the arguments of `history`. Its first word may say what is wanted: `explain A B`, `reproduction REF`. */
export function parseHistoryArguments(argv: readonly string[], env: NodeJS.ProcessEnv): HistoryArguments {
  const { values, positionals } = parse(argv, HISTORY_OPTIONS);
  const { accuracy = false, output, ...rest } = values;
  const [word, ...others] = positionals;
  const wants = word === 'explain' || word === 'reproduction' ? word : undefined;
  const named = wants === 'explain' ? 2 : wants === 'reproduction' ? 1 : 0;
  const own = wants === undefined ? positionals : others;
  if (own.length < named) {
    throw new UsageError(
      wants === 'explain'
        ? 'history explain takes two builds, or a build and now'
        : 'history reproduction takes a build',
    );
  }
  if (own.length > named + 1) throw new UsageError(`history takes one build context, got ${own.length - named}`);
  if (output !== undefined && wants !== 'reproduction') throw new UsageError('-o belongs to history reproduction');
  if (accuracy && wants !== undefined) throw new UsageError(`--accuracy does not go with history ${wants}`);
  const request = requestArguments(rest, own[named] ?? '.', env);
  const [before = '', after = ''] = own;
  if (wants === 'explain') return { request, question: { kind: 'explain', before, after } };
  if (wants === 'reproduction') return { request, question: { kind: 'reproduction', ref: before, output } };
  return { request, question: { kind: accuracy ? 'accuracy' : 'list' } };
}

function podmanOptions(values: Readonly<Record<string, unknown>>, engine: PredictArguments['engine']): string[] {
  const given = Object.keys(PODMAN_ONLY).filter((name) => values[name] !== undefined);
  const [first] = given;
  if (engine !== 'podman') {
    if (first !== undefined) throw new UsageError(`--${first} is an option of Podman: add --engine podman`);
    return [];
  }
  const plain = values['format'] === 'oci' ? given.filter((name) => name !== 'format') : given;
  return [...plain, ...(values['annotation'] === undefined ? [] : ['annotation'])].map((name) => `--${name}`);
}

const ULIMIT = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/;

/** The last one of a name counts; the builder gets them in the order of their names (docker/cli opts/ulimit.go). */
function parseUlimits(texts: readonly string[]): string[] {
  const limits = new Map<string, string>();
  for (const text of texts) {
    const [, name, soft, hard = soft] = ULIMIT.exec(text) ?? [];
    if (name === undefined || soft === undefined) throw new UsageError(`--ulimit ${text}: want NAME=SOFT[:HARD]`);
    limits.set(name, `${name}=${Number(soft)}:${Number(hard)}`);
  }
  return [...limits].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, limit]) => limit);
}

function parseShmSize(text: string | undefined): number {
  if (text === undefined) return 0;
  const bytes = parseSize(text);
  if (bytes === undefined) throw new UsageError(`--shm-size ${text}: want a number with a unit, as 64m`);
  return bytes;
}

function parseBuildContext(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new UsageError(`--build-context ${text}: want NAME=VALUE`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
