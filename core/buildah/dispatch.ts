import { base, join } from '../context/goPath';
import { expandWord } from '../dockerfile/expand';
import type { Heredoc } from '../dockerfile/heredoc';
import type {
  CopyInstruction,
  MetadataInstruction,
  RunInstruction,
  StageInstruction,
  WorkdirInstruction,
} from '../dockerfile/instruction';
import { trimSpace } from '../dockerfile/text';
import { parseNameValues, splitBlanks } from '../dockerfile/words';
import type { CopyRule } from './contentDigest';
import { expandBuildah } from './expand';
import { readMount } from './mount';
import type { BuildahConfig } from './config';
import type { BuildahMount, BuildahProbe, BuildahSource } from './probe';
import type { StageArgs } from './stageArgs';

/** What an instruction becomes. */
export type Dispatched =
  | { readonly kind: 'step'; readonly probe: BuildahProbe }
  | { readonly kind: 'failure'; readonly message: string }
  | { readonly kind: 'open'; readonly message: string };

export interface DispatchScope {
  readonly escape: string;
  readonly source: (name: string) => BuildahSource;
  /** The line as Buildah keeps it: continuations joined, nothing expanded. */
  readonly original: (instruction: StageInstruction) => string | undefined;
}

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NOP = '/bin/sh -c #(nop) ';
/** Behind the text of a copy stand the names of what changes the image, all empty (stage_executor.go buildMetadata). */
const COPY_METADATA = '     ';

/** Ends a dispatch inside this file only. */
class Stopped extends Error {
  constructor(
    readonly kind: 'failure' | 'open',
    message: string,
  ) {
    super(message);
  }
}

/** Changes a stage's state instruction by instruction, and says what is looked for (stage_executor.go getCreatedBy). */
export class BuildahDispatch {
  config: BuildahConfig;
  /** What ENV of this stage set. */
  private readonly own = new Map<string, string>();
  /** PATH is the one that an image without it gets: here-documents do not know it. */
  private hasDefaultPath: boolean;

  constructor(
    base: BuildahConfig,
    private readonly args: StageArgs,
    private readonly scope: DispatchScope,
  ) {
    const hasPath = base.env.some((one) => one.startsWith('PATH='));
    this.config = { ...base, onbuild: [], env: hasPath ? base.env : [...base.env, DEFAULT_PATH] };
    this.hasDefaultPath = !hasPath;
    if (!hasPath) this.own.set('PATH', DEFAULT_PATH.slice('PATH='.length));
  }

  dispatch(instruction: StageInstruction): Dispatched {
    try {
      return this.step(instruction);
    } catch (error) {
      if (error instanceof Stopped) return { kind: error.kind, message: error.message };
      throw error;
    }
  }

  private step(instruction: StageInstruction): Dispatched {
    switch (instruction.kind) {
      case 'run':
        return this.run(instruction);
      case 'copy':
        return this.copy(instruction);
      case 'arg': {
        const words = instruction.declarations.map(({ name, value }) =>
          this.expand(value === undefined ? name : `${name}=${value}`),
        );
        for (const word of words) this.args.declare(word);
        this.args.noteWritten(splitBlanks(this.original(instruction)));
        const step = plain(`${NOP}ARG ${this.args.names}`);
        return { ...step, probe: { ...step.probe, names: [...this.args.visible.keys()] } };
      }
      case 'env': {
        const pairs = instruction.pairs.map(({ name, value }) => [this.expand(name), this.expand(value)] as const);
        for (const [name, value] of pairs) this.setVariable(name, value);
        return this.line(instruction, true);
      }
      case 'workdir':
        this.workdir(instruction);
        return this.line(instruction, true);
      case 'onbuild':
        this.config = { ...this.config, onbuild: [...this.config.onbuild, instruction.trigger] };
        return this.line(instruction);
      case 'invalid':
        throw new Stopped('open', `BuildKit refuses this (${instruction.error}): what Buildah does is not predicted`);
      case 'user':
        this.config = { ...this.config, user: this.expand(instruction.user) };
        return this.line(instruction, true);
      case 'shell':
        return this.line(instruction);
      case 'metadata':
        if (instruction.keyword === 'LABEL') this.label(instruction);
        else if (instruction.keyword === 'EXPOSE') this.expose(instruction);
        else return this.line(instruction);
        return this.line(instruction, true);
    }
  }

  private original(instruction: StageInstruction): string {
    return this.scope.original(instruction) ?? instruction.text;
  }

  /** Most instructions: the line as it is written, whatever it comes to. */
  private line(instruction: StageInstruction, isConfigured = false): Dispatched {
    const step = plain(NOP + this.original(instruction));
    return isConfigured ? { ...step, probe: { ...step.probe, makes: this.config } } : step;
  }

  private expose({ expanded }: MetadataInstruction): void {
    const words = expanded.flatMap((word) => splitBlanks(this.expand(word)));
    const ports = words.map((word) => (word.includes('/') ? word : `${word}/tcp`));
    this.config = { ...this.config, ports: [...new Set([...this.config.ports, ...ports])] };
  }

  private label({ rest }: MetadataInstruction): void {
    const { pairs } = parseNameValues(rest, 'LABEL', this.scope.escape);
    const labels = pairs.map(({ name, value }) => [this.expand(name), this.expand(value)] as const);
    this.config = { ...this.config, labels: { ...this.config.labels, ...Object.fromEntries(labels) } };
  }

  private get variables(): ReadonlyMap<string, string> {
    const variables = new Map(this.args.visible);
    for (const one of this.config.env) {
      const equals = one.indexOf('=');
      if (equals >= 0) variables.set(one.slice(0, equals), one.slice(equals + 1));
    }
    return variables;
  }

  private expand(word: string): string {
    return this.expandWith(word, this.variables);
  }

  private expandWith(word: string, variables: ReadonlyMap<string, string>): string {
    const { value, error, open } = expandBuildah(word, variables);
    if (error !== undefined) throw new Stopped('failure', error);
    if (open !== undefined) throw new Stopped('open', open);
    return value;
  }

  private setVariable(name: string, value: string): void {
    const { env } = this.config;
    const text = `${name}=${value}`;
    const index = env.findIndex((one) => one.split('=', 1)[0] === name);
    this.config = { ...this.config, env: index < 0 ? [...env, text] : env.with(index, text) };
    this.own.set(name, value);
    if (name === 'PATH') this.hasDefaultPath = false;
  }

  private workdir(instruction: WorkdirInstruction): void {
    const path = this.expand(instruction.path);
    const whole = path.startsWith('/') ? path : join('/', this.config.workingDir, path);
    this.config = { ...this.config, workingDir: whole === '/' ? whole : whole.replace(/\/$/, '') };
  }

  private run(instruction: RunInstruction): Dispatched {
    const mounts: BuildahMount[] = [];
    const stages: number[] = [];
    const blind: string[] = [];
    for (const flag of instruction.flags) {
      const [, value] = /^--mount=(.*)$/s.exec(flag) ?? [];
      if (value === undefined) {
        if (!flag.startsWith('--network='))
          throw new Stopped('failure', 'RUN only supports the --mount and --network flag');
        continue;
      }
      const { type, source, from } = readMount(value);
      if (from !== '') {
        const given = this.scope.source(from);
        if (given.kind === 'stage') stages.push(given.index);
        else if (type === 'bind') mounts.push({ kind: 'image', name: from });
      } else if (type === 'bind') {
        // only build arguments are known there (getCreatedBy: Builder.Arguments)
        const path = this.expandWith(source, this.args.visible);
        mounts.push({ kind: 'context', path: path === '' ? '.' : path });
      } else if (type === '') {
        blind.push(source === '' ? '.' : source);
      }
    }
    const documents = instruction.heredocs.map(({ content }) => `\n${trimSpace(content)}`).join('');
    const command = this.original(instruction).slice(4);
    const text = `${this.args.prefix(this.own)}/bin/sh -c ${command}${documents}`;
    const run = { args: this.args.listed(this.own), flags: instruction.flags, command: command + documents };
    return {
      kind: 'step',
      probe: { text, hasLayer: true, mounts, stages, blindMounts: blind, run },
    };
  }

  private copy(instruction: CopyInstruction): Dispatched {
    const { isAdd, keyword } = instruction;
    const sources = instruction.sources.map((source) => this.expand(source));
    const written = this.expand(instruction.destination);
    const chown = this.expand(instruction.chown);
    const chmod = this.expand(instruction.chmod);
    const excludes = instruction.exclude.map((pattern) => this.expand(pattern));
    if (instruction.unpack !== undefined) throw new Stopped('failure', `${keyword} knows no --unpack here`);
    if (instruction.keepGitDir === true) throw new Stopped('failure', `${keyword} --keep-git-dir is not supported`);
    if (chmod !== '' && !/^[0-7]+$/.test(chmod)) {
      throw new Stopped('failure', `--chmod=${chmod}: Buildah takes octal numbers only`);
    }
    const { workingDir } = this.config;
    const isFolder = written === '.' || written === '' || /\/\.?$/.test(written);
    const whole = written.startsWith('/') ? written : join('/', workingDir, written) + (isFolder ? '/' : '');
    const from: BuildahSource = instruction.from === '' ? { kind: 'context' } : this.scope.source(instruction.from);
    const owner = ownerOf(chown);
    const rule: CopyRule = {
      from: from.kind === 'context' ? 'context' : 'stage',
      ...(owner === 'unknown' ? {} : { owner }),
      ...(chmod === '' ? {} : { chmod: parseInt(chmod, 8) }),
    };
    const documents = instruction.documents.map((one) => ({ name: base(one.name), text: this.documentText(one) }));
    const open = this.openCopy(instruction, sources, owner);
    const link = instruction.link ? ' --link' : '';
    return {
      kind: 'step',
      probe: {
        ...{ text: `${NOP}${keyword}${link} `, hasLayer: true, mounts: [], stages: [] },
        copy: {
          ...{ isAdd, sources, documents, workingDir: workingDir === '' ? '/' : workingDir, from, rule, excludes },
          ...{ destination: whole, ...(chown === '' ? {} : { chown }) },
          after: ` in ${lastWord(this.original(instruction), instruction)} ${COPY_METADATA}`,
          ...(open === undefined ? {} : { open }),
          ...(/^\d+$/.test(chown) ? { user: Number(chown) } : {}),
        },
      },
    };
  }

  /** What Buildah writes for a here-document (openshift/imagebuilder dispatchers.go processHereDocs, performCopy). */
  private documentText({ content, chomp, expand }: Heredoc): string {
    const lines = content.replaceAll('\r\n', '\n');
    const text = chomp ? lines.replace(/^\t+/gm, '') : lines;
    if (!expand) return text === '' ? '\n' : text;
    const known = new Map(this.variables);
    // variables of arguments, of the image and of ENV, not what is added for running (imagebuilder builder.go Run)
    if (this.hasDefaultPath) known.delete('PATH');
    const argument = this.args.visible.get('PATH');
    if (this.hasDefaultPath && argument !== undefined) known.set('PATH', argument);
    const { value, error } = expandWord(text, known, { escape: '\\', rawQuotes: true, rawEscapes: true });
    if (error !== undefined) throw new Stopped('failure', error);
    return value === '' ? '\n' : value;
  }

  private openCopy(
    { documents, parents, checksum, from }: CopyInstruction,
    sources: readonly string[],
    owner: ReturnType<typeof ownerOf>,
  ): string | undefined {
    if (documents.length > 0 && from !== '') return 'here-documents with --from are not followed for Buildah';
    if (parents) return '--parents is not followed for Buildah';
    if (checksum !== '') return '--checksum is not followed for Buildah';
    if (owner === 'unknown') return 'which numbers the names of --chown have is known in the image only';
    const url = sources.find((source) => /^(?:https?|git):\/\/|\.git(?:#|$)/.test(source));
    return url === undefined ? undefined : `what ${url} holds is asked at the build`;
  }
}

function plain(text: string): Extract<Dispatched, { kind: 'step' }> {
  return { kind: 'step', probe: { text, hasLayer: false, mounts: [], stages: [] } };
}

/** The numbers of `--chown`; names, and numbers without a group, are looked up in the image. */
function ownerOf(chown: string): { readonly uid: number; readonly gid: number } | undefined | 'unknown' {
  if (chown === '') return undefined;
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(chown) ?? [];
  return uid === undefined || gid === undefined ? 'unknown' : { uid: Number(uid), gid: Number(gid) };
}

/** The destination as it is written. */
function lastWord(original: string, { destination }: CopyInstruction): string {
  return original.includes(destination) ? destination : (splitBlanks(original).at(-1) ?? destination);
}
