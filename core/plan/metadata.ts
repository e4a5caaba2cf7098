import { expandWord, expandWords, type ExpandOptions } from '../dockerfile/expand';
import type { MetadataInstruction } from '../dockerfile/instruction';

/**
 * Why the builder refuses the values of an instruction that only changes the image's configuration, once their
 * variables are expanded; undefined when it does not. Errors of the expansion itself are reported by the lowering.
 */
export function metadataFailure(
  { keyword, expanded }: MetadataInstruction,
  variables: ReadonlyMap<string, string>,
  options: ExpandOptions,
): string | undefined {
  switch (keyword) {
    case 'EXPOSE': {
      const ports = expanded.flatMap((word) => expandWords(word, variables, options).words ?? []);
      return firstError(ports, portError);
    }
    case 'STOPSIGNAL':
      return firstError(valuesOf(expanded, variables, options), signalError);
    case 'VOLUME': {
      const isEmpty = valuesOf(expanded, variables, options).includes('');
      return isEmpty ? 'VOLUME specified can not be an empty string' : undefined;
    }
    default:
      return undefined;
  }
}

function valuesOf(words: readonly string[], variables: ReadonlyMap<string, string>, options: ExpandOptions): string[] {
  return words
    .map((word) => expandWord(word, variables, options))
    .flatMap(({ value, error }) => (error === undefined ? [value] : []));
}

function firstError(values: readonly string[], check: (value: string) => string | undefined): string | undefined {
  return values.map(check).find((error) => error !== undefined);
}

/** A port as EXPOSE takes it: `[[address:]host-port:]port[-port][/protocol]` (dockerfile2llb/convert_expose.go). */
function portError(text: string): string | undefined {
  const parts = text.split(':');
  const [port = '', ...protocols] = (parts.at(-1) ?? '').split('/');
  const protocol = protocols.join('/').toLowerCase();
  if (port === '') return `invalid port "${text}": no port specified`;
  if (!['', 'tcp', 'udp', 'sctp'].includes(protocol)) {
    return `invalid port "${text}": the protocol must be tcp, udp or sctp, not ${protocol}`;
  }
  const address = parts.slice(0, -2).join(':');
  if (address !== '' && !isAddress(address)) return `invalid IP address: ${address}`;
  const range = parseRange(port);
  if (range === undefined)
    return `invalid port "${port}": ports are numbers from 0 to 65535, or a range like 8000-8010`;
  const hostPort = parts.at(-2) ?? '';
  if (hostPort === '') return undefined;
  const host = parseRange(hostPort);
  if (host === undefined) return `invalid host port: ${hostPort}`;
  // a range of host ports may stand for one port, not the other way round
  const length = range.end - range.start;
  return length !== 0 && length !== host.end - host.start
    ? `invalid ranges specified for container and host ports: ${port} and ${hostPort}`
    : undefined;
}

function parseRange(text: string): { start: number; end: number } | undefined {
  const dash = text.indexOf('-');
  const [first, last] = dash < 0 ? [text, text] : [text.slice(0, dash), text.slice(dash + 1)];
  const start = parsePort(first);
  const end = parsePort(last);
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^[+-]?\d+$/.test(text) && port >= 0 && port <= 65535 ? port : undefined;
}

/** Go's `net.ParseIP`; brackets around IPv6 are taken off before. */
function isAddress(text: string): boolean {
  const bracketed = /^\[([^[\]]*)\]$/.exec(text)?.[1];
  return text.startsWith('[') ? bracketed !== undefined && isIp(bracketed) : isIp(text);
}

function isIp(text: string): boolean {
  if (!text.includes(':')) return isIpv4(text);
  const tail = text.slice(text.lastIndexOf(':') + 1);
  const hex = tail.includes('.') ? `${text.slice(0, text.lastIndexOf(':') + 1)}0:0` : text;
  if (tail.includes('.') && !isIpv4(tail)) return false;
  const halves = hex.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const count = groups.flat().length;
  return (
    groups.flat().every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (halves.length === 2 ? count < 8 : count === 8)
  );
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Signals of Linux by name (github.com/moby/sys/signal); numbers other than 0 are taken as they are. */
const SIGNALS = new Set(
  [
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP',
    'SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ',
  ]
    .join(' ')
    .split(' '),
);

function signalError(text: string): string | undefined {
  const wrong = `invalid signal "${text}": write a name like SIGTERM or a number`;
  if (/^[+-]?\d+$/.test(text)) return Number(text) === 0 ? wrong : undefined;
  const name = text.toUpperCase().replace(/^SIG/, '');
  const [, realtime, offset = ''] = /^(RTMIN\+|RTMAX-)([1-9]\d?)$/.exec(name) ?? [];
  const known = realtime === undefined ? SIGNALS.has(name) : Number(offset) <= (realtime === 'RTMIN+' ? 15 : 14);
  return known ? undefined : wrong;
}
