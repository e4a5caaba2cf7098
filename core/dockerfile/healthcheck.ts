import { readFlags, type FlagKind } from './flags';
import { trimSpaceLeft } from './text';
import { parseJsonForm, splitBlanks } from './words';

const FLAGS: Readonly<Record<string, FlagKind>> = {
  interval: 'string',
  timeout: 'string',
  'start-period': 'string',
  'start-interval': 'string',
  retries: 'string',
};

/** Why the builder refuses a HEALTHCHECK, if it does (BuildKit frontend/dockerfile/instructions/parse.go parseHealthcheck). */
export function healthcheckError(rest: string, flags: readonly string[]): string | undefined {
  const [type = ''] = splitBlanks(rest);
  const kind = type.toUpperCase();
  if (kind === '') return 'HEALTHCHECK requires at least one argument';
  // the type is taken off before the rest is looked at for JSON (parser/line_parsers.go parseHealthConfig)
  const command = trimSpaceLeft(rest.slice(type.length));
  const json = parseJsonForm(command);
  if (json.error !== undefined) return json.error;
  const isEmpty = json.strings === undefined ? command === '' : json.strings.length === 0;
  // its flags are not looked at
  if (kind === 'NONE') return isEmpty ? undefined : 'HEALTHCHECK NONE takes no arguments';
  const { strings, error } = readFlags(flags, FLAGS);
  if (error !== undefined) return error;
  if (kind !== 'CMD') return `Unknown type "${type}" in HEALTHCHECK (try CMD)`;
  if (isEmpty) return 'Missing command after HEALTHCHECK CMD';
  const { retries = '', ...durations } = strings;
  for (const [name, value] of Object.entries(durations)) {
    const wrong = durationError(name, value);
    if (wrong !== undefined) return wrong;
  }
  return retriesError(retries);
}

function retriesError(text: string): string | undefined {
  if (text === '') return undefined;
  const number = Number(text);
  if (!/^[+-]?\d+$/.test(text) || number > 0x7fffffff) return `--retries: "${text}" is not a number of retries`;
  return number < 0 ? `--retries cannot be negative (${text})` : undefined;
}

const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|ms|s|m|h))+)$/;
const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
/** Go counts in 64 bits. */
const LONGEST = 2 ** 63;

/** Zero and nothing are the engine's own choice; anything else must be a millisecond at least (parseOptInterval). */
function durationError(name: string, text: string): string | undefined {
  if (text === '') return undefined;
  const wrong = `--${name}: "${text}" is not a duration: write 30s, 1m30s or 500ms`;
  // before its parts are looked for, which takes long where there are none
  if (!DURATION.test(text)) return wrong;
  let nanoseconds = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|ms|s|m|h)/g)) {
    nanoseconds += Number(number) * (NANOSECONDS[unit] ?? 0);
  }
  if (nanoseconds >= LONGEST) return wrong;
  const isTooShort = nanoseconds >= 1 && (text.startsWith('-') || nanoseconds < 1e6);
  return isTooShort ? `--${name} cannot be less than 1ms (${text})` : undefined;
}
