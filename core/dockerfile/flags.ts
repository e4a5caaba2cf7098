/** What kind of value a flag takes. */
export type FlagKind = 'string' | 'strings' | 'boolean';

/** The flags of one instruction, read by its declaration. */
export interface FlagValues {
  readonly strings: Readonly<Record<string, string>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly booleans: Readonly<Record<string, boolean>>;
  readonly error?: string;
}

/** Reads flags against the ones an instruction knows (BuildKit frontend/dockerfile/instructions/bflag.go Parse). */
export function readFlags(flags: readonly string[], known: Readonly<Record<string, FlagKind>>): FlagValues {
  const strings: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const booleans: Record<string, boolean> = {};
  const used = new Set<string>();
  const fail = (error: string): FlagValues => ({ strings, lists, booleans, error });

  for (const flag of flags) {
    const equals = flag.indexOf('=');
    const shown = equals < 0 ? flag : flag.slice(0, equals);
    const name = shown.slice(2);
    const value = equals < 0 ? undefined : flag.slice(equals + 1);
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) return fail(`unknown flag: ${shown}`);
    if (used.has(name) && kind !== 'strings') return fail(`duplicate flag specified: ${shown}`);
    used.add(name);
    if (kind === 'boolean') {
      if (value === '') return fail(`missing a value on flag: ${shown}`);
      const lower = (value ?? 'true').toLowerCase();
      if (lower !== 'true' && lower !== 'false') {
        return fail(`expecting boolean value for flag ${shown}, not: ${value ?? ''}`);
      }
      booleans[name] = lower === 'true';
    } else if (value === undefined) {
      return fail(`missing a value on flag: ${shown}`);
    } else if (kind === 'strings') {
      (lists[name] ??= []).push(value);
    } else {
      strings[name] = value;
    }
  }
  return { strings, lists, booleans };
}
