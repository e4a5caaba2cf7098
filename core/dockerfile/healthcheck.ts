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

/** What a HEALTHCHECK asks for; times are nanoseconds, 0 is the engine's own choice. */
export interface HealthcheckValues {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

/** Reads a HEALTHCHECK that {@link healthcheckError} has nothing against. */
export function readHealthcheck(rest: string, flags: readonly string[]): HealthcheckValues {
  const [type = ''] = splitBlanks(rest);
  const none = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };
  if (type.toUpperCase() === 'NONE') return { test: ['NONE'], ...none };
  const command = trimSpaceLeft(rest.slice(type.length));
  const { strings } = parseJsonForm(command);
  const values = readFlags(flags, FLAGS).strings;
  return {
    test: strings === undefined ? ['CMD-SHELL', command] : ['CMD', ...strings],
    interval: nanosecondsOf(values['interval'] ?? ''),
    timeout: nanosecondsOf(values['timeout'] ?? ''),
    startPeriod: nanosecondsOf(values['start-period'] ?? ''),
    startInterval: nanosecondsOf(values['start-interval'] ?? ''),
    retries: Number(values['retries'] ?? 0),
  };
}

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
  const nanoseconds = nanosecondsOf(text);
  if (nanoseconds >= LONGEST) return wrong;
  const isTooShort = nanoseconds >= 1 && (text.startsWith('-') || nanoseconds < 1e6);
  return isTooShort ? `--${name} cannot be less than 1ms (${text})` : undefined;
}

function nanosecondsOf(text: string): number {
  let nanoseconds = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([\d.]+)(ns|us|ms|s|m|h)/g)) {
    const length = NANOSECONDS[unit] ?? 0;
    const [whole = '', fraction = ''] = number.split('.');
    // as Go does it, apart: 8.2 times a billion is no whole number here
    nanoseconds += Number(whole) * length + Math.trunc(Number(fraction) * (length / 10 ** fraction.length));
  }
  return nanoseconds;
}
