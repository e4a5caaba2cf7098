import type { CacheRecord } from '../../evidence/pastBuild';
import { asArray, asObject, asText, type Json } from '../../llb/decode';
import type { BuildkitInfo, HistoryRecord } from './connection';
import type { VertexUpdate } from './vertexStates';

/** Thrown when a command's answer has another form than is known: nothing is guessed. */
export class UnknownForm extends Error {
  constructor(what: string) {
    super(`docker buildx ${what} answers in a form that is not known: update Docker's buildx plugin`);
  }
}

/** Version and platform, as `buildx inspect` prints them. */
export function parseInspect(text: string): BuildkitInfo {
  const lines = text.split('\n').map((line) => /^([A-Z][A-Za-z ]*):\s*(.*)$/.exec(line.trimEnd()));
  const all = (name: string) => lines.flatMap((match) => (match?.[1] === name ? [match[2] ?? ''] : []));
  const [error] = all('Error');
  if (error !== undefined) throw new Error(error);
  const states = all('Status');
  const [status] = states;
  if (status === undefined) throw new UnknownForm('inspect');
  if (status !== 'running') throw new Error(`the builder is not running (${status})`);
  if (states.length > 1) {
    throw new Error('a builder of several nodes needs "docker buildx dial-stdio": update Docker\'s buildx plugin');
  }
  const platform = (all('Platforms')[0] ?? '').split(',')[0] ?? '';
  return {
    version: (all('BuildKit version')[0] ?? '').replace(/^v/, ''),
    // a star marks what the user said, a number in brackets how many variants follow
    platform: platform.replace(/\*|\s*\(.*$/g, '').trim(),
    workerId: '',
  };
}

/** The builds of `buildx history ls --format json --no-trunc`. */
export function parseHistory(text: string): HistoryRecord[] {
  return jsonLines(text, 'history ls').map((record) => {
    const ref = asText(record['ref']).replace(/^.*\//, '');
    const createdAt = timeMs(asText(record['created_at']));
    const completed = asText(record['completed_at']);
    if (ref === '' || createdAt === undefined) throw new UnknownForm('history ls');
    return { ref, createdAt, completedAt: timeMs(completed), provenanceDigests: [] };
  });
}

/** The vertices of one line of `buildx history logs --progress rawjson`. */
export function parseLogLine(line: string): VertexUpdate[] {
  // the output of steps comes in lines of the same form, and there may be much of it
  if (!line.includes('"vertexes"')) return [];
  return asArray(parseJson(line, 'history logs')['vertexes'])
    .map(asObject)
    .map((vertex) => ({
      digest: asText(vertex['digest']),
      name: asText(vertex['name']),
      cached: vertex['cached'] === true,
      error: asText(vertex['error']),
      started: timeMs(asText(vertex['started'])),
      completed: timeMs(asText(vertex['completed'])),
    }));
}

/** The records of `buildx du --format json` (buildx 0.28 and newer). */
export function parseDiskUsage(text: string): CacheRecord[] {
  return jsonLines(text, 'du').map((record) =>
    cacheRecord({
      id: asText(record['ID']),
      parents: asArray(record['Parents']).map(asText),
      type: asText(record['Type']),
      description: asText(record['Description']),
      size: asText(record['Size']),
      created: asText(record['CreatedAt']),
      mutable: record['Mutable'] === true,
    }),
  );
}

/** Keys of a record in the order in which they are printed; after a description, which may have any text, come others. */
const AFTER_DESCRIPTION = /\nUsage count:\s+\d+(?:\nLast used:[^\n]*)?(?:\nType:\s+(\S+))?\n*$/;

/** The records of `buildx du --verbose` before buildx 0.28: aligned text. */
export function parseVerboseDiskUsage(text: string): CacheRecord[] {
  const records: CacheRecord[] = [];
  // the sums at the end begin with one of these
  const body = text.replace(
    /\n(?:Shared|Reclaimable):\s[^\n]*\n(?:Private:[^\n]*\nReclaimable:[^\n]*\n)?Total:[^\n]*\n*$/,
    '\n',
  );
  for (const block of body.split(/\n\n(?=ID:\s)|^(?=ID:\s)/)) {
    if (block.trim() === '') continue;
    const head = block.split(/\nDescription:/)[0] ?? '';
    const value = (key: string) => new RegExp(`^${key}:[ \\t]+(.*)$`, 'm').exec(head)?.[1] ?? '';
    const tail = AFTER_DESCRIPTION.exec(block);
    if (tail === null || value('ID') === '') throw new UnknownForm('du');
    const from = block.indexOf('\nDescription:');
    const description = from < 0 ? '' : block.slice(from + 1, tail.index).replace(/^Description:[ \t]+/, '');
    const parents = [...head.matchAll(/^ - (\S+)$/gm)].map((match) => match[1] ?? '');
    const type = tail[1] ?? '';
    // tabs align the columns here: how many a text had is lost
    if ((type === '' || type === 'regular') && description.includes('\t')) throw new UnknownForm('du --verbose');
    records.push(
      cacheRecord({
        id: value('ID'),
        parents:
          parents.length > 0
            ? parents
            : value('Parents?')
                .split(',')
                .filter((one) => one !== ''),
        type,
        description,
        size: value('Size'),
        created: value('Created at'),
        mutable: value('Mutable') === 'true',
      }),
    );
  }
  return records;
}

interface PrintedRecord extends Pick<CacheRecord, 'id' | 'parents' | 'type' | 'description' | 'mutable'> {
  readonly size: string;
  readonly created: string;
}

function cacheRecord({ size, created, ...rest }: PrintedRecord): CacheRecord {
  if (rest.id === '') throw new UnknownForm('du');
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d)(\d\d)\b/.exec(created);
  const text = match === null ? '' : `${match[1] ?? ''}T${match[2] ?? ''}${match[3] ?? ''}:${match[4] ?? ''}`;
  const createdAt = timeMs(text);
  return {
    ...rest,
    type: rest.type === '' ? 'regular' : rest.type,
    size: exactBytes(size),
    createdAt: createdAt ?? 0,
    precision: createdAt === undefined ? Infinity : precisionMs(text),
  };
}

/** Bytes where four digits tell them all, else -1: a rounded size must not be compared. */
function exactBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB)$/.exec(text);
  const number = Number(match?.[1]);
  if (match === null || Number.isNaN(number)) return -1;
  if (match[2] === 'B') return Number.isInteger(number) ? number : -1;
  return number < 10 ? Math.round(number * 1000) : -1;
}

/** Milliseconds since the epoch, with their fraction; undefined for what is no time. */
export function timeMs(text: string): number | undefined {
  const match = /^(.*T\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const seconds = Date.parse(`${match?.[1] ?? ''}${match?.[3] ?? ''}`);
  return match === null || Number.isNaN(seconds) ? undefined : seconds + Number(`0${match[2] ?? ''}`) * 1000;
}

/** Milliseconds of the last digit that is printed. Zeros at the end are left out: seldom, more is known than this. */
function precisionMs(time: string): number {
  const digits = /\.(\d+)/.exec(time)?.[1]?.length ?? 0;
  return 1000 / 10 ** digits;
}

function jsonLines(text: string, what: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseJson(line, what));
}

function parseJson(line: string, what: string): Json {
  try {
    return asObject(JSON.parse(line));
  } catch {
    throw new UnknownForm(what);
  }
}
