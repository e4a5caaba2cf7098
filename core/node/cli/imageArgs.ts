import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './args';

/** Which images are meant. */
export interface ImageArguments {
  readonly images: readonly string[];
  /** `registry`: the network is asked, no engine. */
  readonly engine: 'auto' | 'docker' | 'podman' | 'registry';
  readonly platform: string | undefined;
  /** Name of the image in an archive that has several. */
  readonly image: string | undefined;
  readonly json: boolean;
}

/** What `layer-insight layers` was asked. */
export interface LayersArguments extends ImageArguments {
  readonly files: boolean;
  /** Check dive's rules; undefined: do not. */
  readonly ci:
    | {
        readonly config: string;
        readonly rules: Readonly<Record<string, string>>;
      }
    | undefined;
}

/** What `layer-insight diff` was asked. */
export type DiffArguments = ImageArguments;

const ENGINES = ['auto', 'docker', 'podman', 'registry'] as const;
const IMAGE_OPTIONS = {
  engine: { type: 'string' },
  platform: { type: 'string' },
  image: { type: 'string' },
  json: { type: 'boolean' },
} as const;
const RULES = ['lowestEfficiency', 'highestWastedBytes', 'highestUserWastedPercent'] as const;
const LAYERS_OPTIONS = {
  ...IMAGE_OPTIONS,
  files: { type: 'boolean' },
  ci: { type: 'boolean' },
  'ci-config': { type: 'string' },
  lowestEfficiency: { type: 'string' },
  highestWastedBytes: { type: 'string' },
  highestUserWastedPercent: { type: 'string' },
} as const;

/** Reads the arguments of `layers`. */
export function parseLayersArguments(argv: readonly string[]): LayersArguments {
  const { values, positionals } = parse(argv, LAYERS_OPTIONS);
  if (positionals.length !== 1) throw new UsageError(`layers takes one image, got ${positionals.length}`);
  const rules: Record<string, string> = {};
  for (const rule of RULES) {
    const value = values[rule];
    if (value !== undefined) rules[rule] = value;
  }
  const config = values['ci-config'];
  const wantsCi = values.ci ?? false;
  if (!wantsCi && (config !== undefined || Object.keys(rules).length > 0)) {
    throw new UsageError('rules are checked with --ci only');
  }
  return {
    ...imageArguments(values, positionals),
    files: values.files ?? false,
    ci: wantsCi ? { config: config ?? '.dive-ci', rules } : undefined,
  };
}

/** Reads the arguments of `diff`. */
export function parseDiffArguments(argv: readonly string[]): DiffArguments {
  const { values, positionals } = parse(argv, IMAGE_OPTIONS);
  if (positionals.length !== 2) throw new UsageError(`diff takes two images, got ${positionals.length}`);
  return imageArguments(values, positionals);
}

interface ImageValues {
  readonly engine?: string;
  readonly platform?: string;
  readonly image?: string;
  readonly json?: boolean;
}

function imageArguments(values: ImageValues, images: readonly string[]): ImageArguments {
  const engine = ENGINES.find((one) => one === (values.engine ?? 'auto'));
  if (engine === undefined) throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  return { images, engine, platform: values.platform, image: values.image, json: values.json ?? false };
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
