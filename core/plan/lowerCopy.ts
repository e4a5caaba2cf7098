import { base, clean, join } from '../context/goPath';
import { compileIgnore } from '../context/ignoreMatcher';
import { expandHeredocBody, heredocBody } from '../dockerfile/heredoc';
import { expandWord } from '../dockerfile/expand';
import type { CopyInstruction } from '../dockerfile/instruction';
import { commitAnswer, gitKey } from '../evidence/remotes';
import { gitUrlSource } from '../llb/gitSource';
import type { CopyAction, OpaqueOp, RemoteOp } from '../llb/op';
import type { Lowered, LoweringScope } from './lower';
import { destinationPath } from './paths';
import type { StageState } from './stageState';
import type { ResolvedStage } from './stages';
import { unusualFlag } from './unusualFlags';
import { parseOwner, type CopySource, type State, type VertexStore } from './vertices';

const REMOTE = /^(?:https?|git|ssh):\/\/|^[\w.-]+@[\w.-]+:/i;

/** Lowers COPY and ADD (dockerfile2llb/convert.go dispatchCopy). */
export class CopyLowering {
  constructor(
    private readonly stage: ResolvedStage,
    private readonly state: StageState,
    private readonly store: VertexStore,
    private readonly scope: LoweringScope,
    private readonly ignoreCache: boolean,
  ) {}

  lower(instruction: CopyInstruction): Lowered {
    const words = [instruction.chown, instruction.chmod, instruction.destination, ...instruction.sources];
    const expanded = words.map((word) => this.expand(word));
    const error = expanded.find((one) => one.error !== undefined)?.error;
    if (error !== undefined) return { failure: error };
    const [chown = '', chmod = '', destination = '', ...sources] = expanded.map((one) => one.value);

    const mode = parseMode(chmod);
    if (mode === undefined) {
      return { failure: `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777` };
    }
    const source = this.sourceState(instruction);
    if (source.failure !== undefined) return { failure: source.failure };

    const options: ActionOptions = {
      destination: destinationPath(this.state.cwd, destination),
      owner: parseOwner(chown),
      ...mode,
      exclude: instruction.exclude,
      unpack: instruction.unpack ?? instruction.isAdd,
    };
    const copies: CopySource[] = [];
    const unusual = instruction.parents ? unusualFlag('parents', this.scope, [0, 26]) : {};
    if (unusual.failure !== undefined) return { failure: unusual.failure };
    let uncovered = this.uncovered(instruction) ?? unusual.uncovered;
    const given = this.expand(instruction.checksum);
    const checksum = given.error ?? checksumError(given.value, sources);
    if (checksum !== undefined) return { failure: checksum };
    const exclude = compileIgnore(instruction.exclude).error;
    if (exclude !== undefined) return { failure: `--exclude: ${exclude}` };
    for (const path of sources) {
      if (REMOTE.test(path)) {
        if (!instruction.isAdd) return { failure: `source can't be a URL or git ref for COPY: ${path}` };
        const isGit = isGitUrl(path);
        const remote = isGit
          ? gitUrlSource(path, instruction.keepGitDir === true, given.value)
          : remoteFile(path, given.value);
        if (remote.kind === 'opaque') uncovered ??= this.undecided(path, remote);
        const from = this.store.add(remote, []);
        const file = remote.kind === 'remote' && !isGit ? join('/', remote.filename) : '/';
        // a file from the network is unpacked only where that is asked for
        const unpack = !isGit && instruction.unpack === true;
        copies.push({ action: copyAction(file, { ...options, unpack }, 'remote'), from });
      } else {
        const from = instruction.from === '' ? contextVertex(this.store) : source.state;
        const { src, include } = instruction.parents ? withParents(path) : { src: path, include: [] };
        copies.push({ action: { ...copyAction(sourcePath(src), options, 'path'), include }, from });
      }
    }
    for (const document of instruction.documents) {
      const body: { value: string; error?: string } = document.expand
        ? expandHeredocBody(heredocBody(document), this.state.environment.map)
        : { value: heredocBody(document) };
      if (body.error !== undefined) return { failure: body.error };
      const path = join('/', document.name);
      const from = this.store.document({
        kind: 'mkfile',
        path,
        mode: 0o644,
        data: body.value,
        owner: undefined,
        timestamp: '-1',
      });
      copies.push({ action: copyAction(path, options, 'document'), from });
    }
    const extra = { ignoreCache: this.ignoreCache, ...(uncovered === undefined ? {} : { uncovered }) };
    // without an engine that merges, or with --chmod, a linked copy is an ordinary one (convert.go dispatchCopy)
    if (instruction.link && chmod === '' && this.scope.options.mergesLayers) {
      const vertex = this.store.copy(undefined, copies, extra);
      this.state.state = this.store.merge(this.state.state, vertex, extra);
      return { vertex };
    }
    const vertex = this.store.copy(this.state.state, copies, extra);
    this.state.state = vertex;
    return { vertex };
  }

  private expand(word: string) {
    return expandWord(word, this.state.environment.map, { escape: this.scope.file.escape });
  }

  private uncovered(instruction: CopyInstruction): string | undefined {
    if (this.state.uncovered !== undefined && !instruction.destination.startsWith('/')) return this.state.uncovered;
    return undefined;
  }

  /** Why nobody knows which commit a git source is, in words; undefined when it is known. */
  private undecided(path: string, source: OpaqueOp): string | undefined {
    const { options } = this.scope;
    if (gitKey(source, options) !== undefined) return undefined;
    const answer = commitAnswer(source, options.remotes);
    const why = answer !== undefined && 'failure' in answer ? ` (${answer.failure})` : '';
    return `which commit ${path} is only the network tells${why}`;
  }

  /** What `--from` names. */
  private sourceState(instruction: CopyInstruction): { state: State; failure?: string } {
    if (instruction.from === '') return { state: undefined };
    const plain = expandWord(instruction.from, new Map(), { escape: this.scope.file.escape });
    if (plain.value !== instruction.from) {
      return { state: undefined, failure: 'variable expansion is not supported for --from' };
    }
    const source = this.scope.graph.source(instruction.from, this.stage);
    switch (source.kind) {
      case 'invalid':
        return { state: undefined, failure: source.error };
      case 'scratch':
        return { state: undefined };
      case 'image':
        return { state: this.scope.imageState(source.reference) };
      case 'context':
        return { state: namedContextVertex(this.store, source.name) };
      case 'stage':
        return { state: this.scope.stageState(source.stage) };
    }
  }
}

/** The vertex of the build context. */
export function contextVertex(store: VertexStore): number {
  return store.add({ kind: 'local', name: 'context', exclude: [] }, []);
}

/** Is what ADD names a git repository, and no file on a web server (dfgitutil/git_ref.go ParseGitRef)? */
function isGitUrl(path: string): boolean {
  return !/^https?:\/\//i.test(path) || /\.git(?:[#?]|$)/.test(path);
}

function remoteFile(path: string, checksum: string): RemoteOp {
  return { kind: 'remote', url: path, filename: fileName(path), checksum };
}

/** The last element of a URL's path; what has none gets a name from the builder. */
function fileName(url: string): string {
  const [, path = ''] = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(url) ?? [];
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return '__unnamed__';
  }
  const name = base(decoded);
  return name === '.' || name === '/' || name === '' ? '__unnamed__' : name;
}

/** `--parents`: what follows `/./` is a pattern whose folders are kept (convert.go dispatchCopy). */
function withParents(path: string): { src: string; include: string[] } {
  const pivot = path.indexOf('/./');
  const [src, pattern] = pivot < 0 ? ['/', path] : [path.slice(0, pivot), path.slice(pivot + 3)];
  return { src, include: [sourcePath(pattern).slice(1)] };
}

/** The vertex of what `--build-context` gives a name. */
export function namedContextVertex(store: VertexStore, name: string): number {
  const uncovered = `what the build context "${name}" held at earlier builds is not recorded`;
  return store.add({ kind: 'opaque', text: `context ${name}` }, [], { uncovered });
}

interface ActionOptions {
  readonly destination: string;
  readonly owner: CopyAction['owner'];
  readonly mode: number;
  readonly modeText: string;
  readonly exclude: readonly string[];
  readonly unpack: boolean;
}

function copyAction(src: string, options: ActionOptions, kind: 'path' | 'remote' | 'document'): CopyAction {
  const isPath = kind === 'path';
  return {
    kind: 'copy',
    src,
    dest: options.destination,
    owner: options.owner,
    mode: options.mode,
    modeText: options.modeText,
    followSymlink: isPath,
    dirCopyContents: isPath,
    attemptUnpack: kind !== 'document' && options.unpack,
    createDestPath: true,
    allowWildcard: isPath,
    allowEmptyWildcard: isPath,
    timestamp: '-1',
    include: [],
    exclude: options.exclude,
  };
}

/** `--checksum` of ADD (convert.go dispatchCopy); that of a git source is a commit. */
function checksumError(checksum: string, sources: readonly string[]): string | undefined {
  if (checksum === '') return undefined;
  const [source = ''] = sources;
  if (sources.length !== 1) return "checksum can't be specified for multiple sources";
  if (!REMOTE.test(source)) return 'checksum requires HTTP(S) or Git sources';
  if (isGitUrl(source) || DIGEST.test(checksum)) return undefined;
  return `invalid checksum "${checksum}": write sha256: and 64 hexadecimal digits in lower case`;
}

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

function sourcePath(path: string): string {
  return clean(path.startsWith('/') ? path : join('/', path));
}

/** Changes like `u=rwx,go-w` (github.com/tonistiigi/dchapes-mode). */
const SYMBOLIC_MODE = /^[augo]*(?:[-+=][rstwXxugo]*)+(?:,[augo]*(?:[-+=][rstwXxugo]*)+)*$/;

/** `--chmod`: an octal number counts as its value, anything else as its text. */
function parseMode(text: string): { mode: number; modeText: string } | undefined {
  if (text === '') return { mode: -1, modeText: '' };
  if (/^[0-7]+$/.test(text)) {
    const mode = parseInt(text, 8);
    return mode > 0o7777 ? undefined : { mode, modeText: '' };
  }
  return SYMBOLIC_MODE.test(text) ? { mode: 0, modeText: text } : undefined;
}
