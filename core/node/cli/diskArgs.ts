import { parseArgs } from 'node:util';
import { UsageError } from './args';

/** What `layer-insight disk` was asked. */
export interface DiskArguments {
  readonly engine: 'auto' | 'docker' | 'podman';
  readonly json: boolean;
  /** Name or id of the container whose changes are wanted; undefined: the whole engine is. */
  readonly changes: string | undefined;
  /** Where the engine's data root is on this machine; undefined: it is looked for. */
  readonly dataRoot: string | undefined;
}

const ENGINES = ['auto', 'docker', 'podman'] as const;
const OPTIONS = {
  engine: { type: 'string' },
  json: { type: 'boolean' },
  changes: { type: 'string' },
  'data-root': { type: 'string' },
} as const;

/** Reads the arguments of `disk`. */
export function parseDiskArguments(argv: readonly string[]): DiskArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (positionals.length > 0) throw new UsageError(`disk takes no ${positionals[0] ?? ''}: it shows the whole engine`);
  const engine = ENGINES.find((one) => one === (values.engine ?? 'auto'));
  if (engine === undefined) throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  if (values.changes === '') throw new UsageError('--changes takes the name of a container');
  return { engine, json: values.json ?? false, changes: values.changes, dataRoot: values['data-root'] };
}
