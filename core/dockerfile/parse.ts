import { DockerfileParser } from 'dockerfile-ast';
import { readFlags, type FlagKind } from './flags';
import { healthcheckError } from './healthcheck';
import { parseHeredocStart, type Heredoc } from './heredoc';
import type { ArgumentDeclaration, Instruction, InstructionBase } from './instruction';
import type { RawInstruction } from './lines';
import { mountSyntaxError } from './mountSyntax';
import { nameValueError, parseJsonForm, parseNameValues, parseWords, splitBlanks, splitCommand } from './words';

/** The words of one instruction after its keyword. */
interface Parsed extends InstructionBase {
  readonly flags: readonly string[];
  readonly rest: string;
  readonly heredocs: readonly Heredoc[];
  readonly escape: string;
}

const COPY_FLAGS: Readonly<Record<string, FlagKind>> = {
  chown: 'string',
  chmod: 'string',
  link: 'boolean',
  exclude: 'strings',
};
const RUN_FLAGS: Readonly<Record<string, FlagKind>> = {
  mount: 'strings',
  network: 'string',
  security: 'string',
  device: 'strings',
};
const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;
const NETWORKS = ['default', 'none', 'host'];

/** What the library said of a first word: files have thousands of instructions with the same few. */
const keywords = new Map<string, string>();
const KEYWORDS_KEPT = 200;

/** Instructions that were parsed, by escape character and text: between two keys of somebody typing one of them changes. */
const parsedBefore = new Map<string, Instruction>();
const INSTRUCTIONS_KEPT = 4000;
/** Characters of the longest text that is kept. */
const LONGEST_KEPT = 2000;

/** Turns one split line into a typed instruction (BuildKit frontend/dockerfile/instructions/parse.go). */
export function parseInstruction(raw: RawInstruction, escape: string): Instruction {
  if (raw.heredocs.length > 0 || raw.text.length > LONGEST_KEPT) return parseAnew(raw, escape);
  const key = escape + raw.text;
  const known = parsedBefore.get(key);
  if (known?.line.start === raw.line.start && known.line.end === raw.line.end) return known;
  const parsed = known === undefined ? parseAnew(raw, escape) : { ...known, line: raw.line };
  if (parsedBefore.size >= INSTRUCTIONS_KEPT) parsedBefore.clear();
  parsedBefore.set(key, parsed);
  return parsed;
}

function parseAnew(raw: RawInstruction, escape: string): Instruction {
  const { keyword: word, flags, rest } = splitCommand(raw.text, escape);
  const keyword = keywordOf(word);
  const parsed: Parsed = {
    line: raw.line,
    keyword,
    text: raw.text.trim(),
    flags,
    rest,
    heredocs: raw.heredocs,
    escape,
  };
  switch (keyword) {
    case 'FROM':
      return parseFrom(parsed);
    case 'RUN':
      return parseRun(parsed);
    case 'COPY':
    case 'ADD':
      return parseCopy(parsed);
    case 'ENV':
      return parseEnv(parsed);
    case 'ARG':
      return parseArg(parsed);
    case 'WORKDIR':
      return oneArgument(parsed) ?? { ...base(parsed), kind: 'workdir', path: rest };
    case 'USER':
      return oneArgument(parsed) ?? { ...base(parsed), kind: 'user', user: rest };
    case 'SHELL':
      return parseShell(parsed);
    case 'ONBUILD':
      return parseOnbuild(parsed);
    default:
      return parseMetadata(parsed);
  }
}

/**
 * The keyword, upper case, as dockerfile-ast finds it in the builder's first word: what follows may hold what the
 * library would take for a second instruction, and to the builder a no-break space is a part of the word.
 */
function keywordOf(word: string): string {
  // the library takes a byte order mark off; the builder does so at the start of the file only
  if (word.startsWith('\uFEFF')) return word;
  let keyword = keywords.get(word);
  if (keyword === undefined) {
    keyword = DockerfileParser.parse(word).getInstructions()[0]?.getKeyword() ?? '';
    if (keywords.size < KEYWORDS_KEPT) keywords.set(word, keyword);
  }
  return keyword;
}

function base(parsed: Parsed): InstructionBase {
  return { line: parsed.line, keyword: parsed.keyword, text: parsed.text };
}

function invalid(parsed: Parsed, error: string): Instruction {
  return { ...base(parsed), kind: 'invalid', error };
}

function noFlags(parsed: Parsed): Instruction | undefined {
  const error = readFlags(parsed.flags, {}).error;
  return error === undefined ? undefined : invalid(parsed, error);
}

function oneArgument(parsed: Parsed): Instruction | undefined {
  if (parsed.rest === '') return invalid(parsed, `${parsed.keyword} requires exactly one argument`);
  return noFlags(parsed);
}

function parseFrom(parsed: Parsed): Instruction {
  const { strings, error } = readFlags(parsed.flags, { platform: 'string' });
  const words = splitBlanks(parsed.rest);
  const [image, as, name] = words;
  const named = words.length === 3 && as?.toLowerCase() === 'as';
  if (image === undefined || (words.length !== 1 && !named)) {
    return invalid(parsed, 'FROM requires either one or three arguments');
  }
  const stageName = (name ?? '').toLowerCase();
  if (named && !STAGE_NAME.test(stageName)) {
    return invalid(
      parsed,
      `invalid name for build stage: "${name ?? ''}", name can't start with a number or contain symbols`,
    );
  }
  if (error !== undefined) return invalid(parsed, error);
  return { ...base(parsed), kind: 'from', base: image, name: stageName, platform: strings['platform'] ?? '' };
}

function parseRun(parsed: Parsed): Instruction {
  const { strings, lists, error } = readFlags(parsed.flags, RUN_FLAGS);
  if (error !== undefined) return invalid(parsed, error);
  const json = parseJsonForm(parsed.rest);
  if (json.error !== undefined) return invalid(parsed, json.error);
  const mounts = lists['mount'] ?? [];
  const mount = mounts.map(mountSyntaxError).find((one) => one !== undefined);
  if (mount !== undefined) return invalid(parsed, mount);
  const network = strings['network'] ?? 'default';
  if (!NETWORKS.includes(network)) return invalid(parsed, `invalid network mode "${network}"`);
  return {
    ...base(parsed),
    kind: 'run',
    flags: parsed.flags,
    exec: json.strings,
    shell: json.strings === undefined ? parsed.rest : '',
    heredocs: parsed.heredocs,
    mounts,
    network,
    security: strings['security'] ?? '',
    devices: lists['device'] ?? [],
  };
}

function parseCopy(parsed: Parsed): Instruction {
  const isAdd = parsed.keyword === 'ADD';
  const own: Readonly<Record<string, FlagKind>> = isAdd
    ? { 'keep-git-dir': 'boolean', checksum: 'string', unpack: 'boolean' }
    : { from: 'string', parents: 'boolean' };
  const { strings, lists, booleans, error } = readFlags(parsed.flags, { ...COPY_FLAGS, ...own });
  const json = parseJsonForm(parsed.rest);
  if (json.error !== undefined) return invalid(parsed, json.error);
  const words = json.strings ?? splitBlanks(parsed.rest);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    return invalid(parsed, `${parsed.keyword} requires at least two arguments, but only ${words.length} was provided`);
  }
  if (error !== undefined) return invalid(parsed, error);
  if (parseHeredocStart(destination) !== undefined) {
    return invalid(parsed, `${parsed.keyword} cannot accept a heredoc as a destination`);
  }
  const bodies = new Map(parsed.heredocs.map((heredoc) => [heredoc.name, heredoc]));
  const sources: string[] = [];
  const documents: Heredoc[] = [];
  for (const word of words.slice(0, -1)) {
    const start = parseHeredocStart(word);
    if (start === undefined) sources.push(word);
    else documents.push({ ...start, content: bodies.get(start.name)?.content ?? '' });
  }
  return {
    ...base(parsed),
    kind: 'copy',
    isAdd,
    sources,
    documents,
    destination,
    from: strings['from'] ?? '',
    chown: strings['chown'] ?? '',
    chmod: strings['chmod'] ?? '',
    link: booleans['link'] ?? false,
    parents: booleans['parents'] ?? false,
    exclude: lists['exclude'] ?? [],
    checksum: strings['checksum'] ?? '',
    keepGitDir: booleans['keep-git-dir'],
    unpack: booleans['unpack'],
  };
}

function parseEnv(parsed: Parsed): Instruction {
  const { pairs, error } = parseNameValues(parsed.rest, parsed.keyword, parsed.escape);
  if (error !== undefined) return invalid(parsed, error);
  return noFlags(parsed) ?? { ...base(parsed), kind: 'env', pairs };
}

function parseArg(parsed: Parsed): Instruction {
  const words = parseWords(parsed.rest, parsed.escape);
  if (words.length === 0) return invalid(parsed, 'ARG requires at least one argument');
  const declarations: ArgumentDeclaration[] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals === 0) return invalid(parsed, 'ARG names can not be blank');
    declarations.push(
      equals < 0 ? { name: word, value: undefined } : { name: word.slice(0, equals), value: word.slice(equals + 1) },
    );
  }
  return { ...base(parsed), kind: 'arg', declarations };
}

function parseShell(parsed: Parsed): Instruction {
  const json = parseJsonForm(parsed.rest);
  if (json.error !== undefined) return invalid(parsed, json.error);
  if (json.strings === undefined || json.strings.length === 0) {
    return invalid(parsed, 'SHELL requires the arguments to be in JSON form');
  }
  return noFlags(parsed) ?? { ...base(parsed), kind: 'shell', shell: json.strings };
}

function parseOnbuild(parsed: Parsed): Instruction {
  const { keyword: inner, rest } = splitCommand(parsed.rest, parsed.escape);
  if (inner === '') return invalid(parsed, 'ONBUILD requires at least one argument');
  if (inner === 'ONBUILD') return invalid(parsed, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (inner === 'MAINTAINER' || inner === 'FROM') {
    return invalid(parsed, `${inner} isn't allowed as an ONBUILD trigger`);
  }
  const wrong = lineError(inner, rest, parsed.escape);
  if (wrong !== undefined) return invalid(parsed, wrong);
  const bodies = parsed.heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('');
  const trigger = parsed.text.replace(/^\s*ONBUILD\s*/i, '') + bodies;
  return noFlags(parsed) ?? { ...base(parsed), kind: 'onbuild', trigger };
}

function parseMetadata(parsed: Parsed): Instruction {
  const { keyword, rest, flags } = parsed;
  const metadata = (expanded: readonly string[]): Instruction => ({
    ...base(parsed),
    ...{ kind: 'metadata', rest, flags, expanded },
  });
  const json = parseJsonForm(rest);
  switch (keyword) {
    case 'CMD':
    case 'ENTRYPOINT':
      return json.error === undefined ? (noFlags(parsed) ?? metadata([])) : invalid(parsed, json.error);
    case 'VOLUME':
      if (json.error !== undefined) return invalid(parsed, json.error);
      return parseVolume(parsed, json.strings ?? splitBlanks(rest));
    case 'LABEL': {
      const { pairs, error } = parseNameValues(rest, keyword, parsed.escape);
      if (error !== undefined) return invalid(parsed, error);
      return noFlags(parsed) ?? metadata(pairs.flatMap((pair) => [pair.name, pair.value]));
    }
    case 'EXPOSE':
      if (rest === '') return invalid(parsed, 'EXPOSE requires at least one argument');
      return noFlags(parsed) ?? metadata(splitBlanks(rest));
    case 'STOPSIGNAL':
      // its flags are not looked at
      return rest === '' ? invalid(parsed, 'STOPSIGNAL requires exactly one argument') : metadata([rest]);
    case 'MAINTAINER':
      return oneArgument(parsed) ?? metadata([]);
    case 'HEALTHCHECK': {
      const error = healthcheckError(rest, parsed.flags);
      return error === undefined ? metadata([]) : invalid(parsed, error);
    }
    default:
      return invalid(parsed, `unknown instruction: ${keyword}`);
  }
}

function parseVolume(parsed: Parsed, volumes: readonly string[]): Instruction {
  if (volumes.length === 0) return invalid(parsed, 'VOLUME requires at least one argument');
  if (volumes.some((volume) => volume.trim() === '')) {
    return invalid(parsed, 'VOLUME specified can not be an empty string');
  }
  const { rest, flags } = parsed;
  return noFlags(parsed) ?? { ...base(parsed), kind: 'metadata', rest, flags, expanded: volumes };
}

/** Instructions that may be written as a JSON array. */
const JSON_KEYWORDS = ['ADD', 'CMD', 'COPY', 'ENTRYPOINT', 'RUN', 'SHELL', 'VOLUME'];

/**
 * What is refused in an ONBUILD at once: what splits the line into words. Everything else of a trigger is looked at only
 * where a needed stage is built on it (BuildKit frontend/dockerfile/parser/parser.go newNodeFromLine).
 */
function lineError(keyword: string, rest: string, escape: string): string | undefined {
  if (keyword === 'ENV' || keyword === 'LABEL') return nameValueError(rest, keyword, escape);
  if (JSON_KEYWORDS.includes(keyword)) return parseJsonForm(rest).error;
  const [type = ''] = splitBlanks(rest);
  return keyword === 'HEALTHCHECK' ? parseJsonForm(rest.slice(type.length)).error : undefined;
}
