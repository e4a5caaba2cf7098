import { clean, join } from '../context/goPath';
import { expandWord, expandWords } from '../dockerfile/expand';
import { readHealthcheck } from '../dockerfile/healthcheck';
import type {
  ArgInstruction,
  CopyInstruction,
  MetadataInstruction,
  RunInstruction,
  StageInstruction,
  WorkdirInstruction,
} from '../dockerfile/instruction';
import { parseJsonForm, parseNameValues } from '../dockerfile/words';
import { metadataFailure } from '../plan/metadata';
import type { BuildArgs } from './buildArgs';
import { byteOrder, goList, goQuoteList } from './goFormat';
import type { ClassicProbe, CopySource } from './probe';
import { DEFAULT_SHELL, flagsOfStage, type StepConfig } from './stepConfig';

/** What an instruction becomes. */
export type Dispatched =
  | { readonly kind: 'step'; readonly probe: ClassicProbe }
  | { readonly kind: 'failure'; readonly message: string }
  | { readonly kind: 'open'; readonly message: string };

export interface DispatchScope {
  readonly escape: string;
  readonly engine: readonly [major: number, minor: number] | undefined;
  readonly source: (name: string) => CopySource | { readonly failure: string };
}

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NEEDS_BUILDKIT = 'requires BuildKit: build with DOCKER_BUILDKIT=1, or leave the flag away';

/** Ends a dispatch inside this file only. */
class Refused extends Error {}

/** Changes a stage's configuration instruction by instruction (moby builder/dockerfile/dispatchers.go). */
export class StageDispatch {
  config: StepConfig;

  constructor(
    base: StepConfig,
    private readonly args: BuildArgs,
    private readonly scope: DispatchScope,
  ) {
    // evaluator.go beginStage, setDefaultPath; triggers of the base are run, not inherited
    const hasPath = base.env.some((one) => one.startsWith('PATH='));
    const env = hasPath ? base.env : [...base.env, DEFAULT_PATH];
    this.config = { ...base, onbuild: [], env, flags: flagsOfStage(base.flags) };
  }

  dispatch(instruction: StageInstruction): Dispatched {
    try {
      return this.step(instruction);
    } catch (error) {
      if (error instanceof Refused) return { kind: 'failure', message: error.message };
      throw error;
    }
  }

  private step(instruction: StageInstruction): Dispatched {
    switch (instruction.kind) {
      case 'run':
        return this.run(instruction);
      case 'copy':
        return this.copy(instruction);
      case 'workdir':
        return this.workdir(instruction);
      case 'env': {
        const pairs = instruction.pairs.map(({ name, value }) => [this.expand(name), this.expand(value)] as const);
        const texts = pairs.map(([name, value]) => `${name}=${value}`);
        for (const [index, [name]] of pairs.entries()) this.setVariable(name, texts[index] ?? '');
        return this.comment(['ENV', ...texts].join(' '));
      }
      case 'arg':
        return this.arg(instruction);
      case 'user': {
        const user = this.expand(instruction.user);
        this.config = { ...this.config, user };
        return this.comment(`USER ${user}`);
      }
      case 'shell':
        // the array before the comment is the new one already
        this.config = { ...this.config, shell: instruction.shell };
        return this.comment(`SHELL ${goList(instruction.shell)}`);
      case 'onbuild':
        this.config = { ...this.config, onbuild: [...this.config.onbuild, instruction.trigger] };
        return this.comment(`ONBUILD ${instruction.trigger}`);
      case 'metadata':
        return this.metadata(instruction);
      case 'invalid':
        throw new Refused(instruction.error);
    }
  }

  /** ENV and visible ARG, as every expansion sees them. */
  private get variables(): ReadonlyMap<string, string> {
    const variables = new Map(this.args.visible(this.config.env));
    for (const one of this.config.env) {
      const equals = one.indexOf('=');
      if (equals >= 0) variables.set(one.slice(0, equals), one.slice(equals + 1));
    }
    return variables;
  }

  private expand(word: string): string {
    const { value, error } = expandWord(word, this.variables, { escape: this.scope.escape });
    if (error !== undefined) throw new Refused(error);
    return value;
  }

  private get shell(): readonly string[] {
    return this.config.shell.length === 0 ? DEFAULT_SHELL : this.config.shell;
  }

  /** Most instructions: an image with a comment of two words (internals.go withCmdComment). */
  private comment(text: string): Extract<Dispatched, { kind: 'step' }> {
    return { kind: 'step', probe: { config: this.config, command: [...this.shell, '#(nop) ', text] } };
  }

  private setVariable(name: string, text: string): void {
    const { env } = this.config;
    const index = env.findIndex((one) => one.split('=', 1)[0] === name);
    this.config = { ...this.config, env: index < 0 ? [...env, text] : env.with(index, text) };
  }

  private run(instruction: RunInstruction): Dispatched {
    const [flag] = instruction.flags;
    if (flag !== undefined) throw new Refused(`the ${flag.split('=', 1)[0] ?? ''} option ${NEEDS_BUILDKIT}`);
    const command = instruction.exec ?? [...this.shell, instruction.shell];
    const prefix = this.args.prefix(this.config.env);
    const documents = instruction.heredocs.map(({ content }) => content);
    const ignored = documents.length > 0 ? ({ ignoresDocument: true, document: documents.join('\n') } as const) : {};
    return { kind: 'step', probe: { config: this.config, command: [...prefix, ...command], ...ignored } };
  }

  private copy(instruction: CopyInstruction): Dispatched {
    const chown = this.expand(instruction.chown);
    const chmod = this.expand(instruction.chmod);
    if (instruction.isAdd) this.expand(instruction.checksum);
    const sources = instruction.sources.map((source) => this.expand(source));
    const destination = this.expand(instruction.destination);
    for (const document of instruction.documents) if (document.expand) this.expand(document.content);
    if (chmod !== '') throw new Refused(`the --chmod option ${NEEDS_BUILDKIT}`);
    const from: CopySource | { failure: string } =
      instruction.from === '' ? { kind: 'context' } : this.scope.source(instruction.from);
    if ('failure' in from) throw new Refused(from.failure);
    // here-documents are read, but none of them is copied
    if (sources.length === 0) throw new Refused(`${instruction.keyword} failed: no source files were specified`);
    const head = `${instruction.isAdd ? 'ADD' : 'COPY'} ${chown === '' ? '' : `--chown=${chown} `}`;
    const copy = { isAdd: instruction.isAdd, sources, destination, from, head };
    return { kind: 'step', probe: { config: this.config, command: this.shell, copy } };
  }

  private workdir(instruction: WorkdirInstruction): Dispatched {
    const requested = this.expand(instruction.path);
    if (requested === '') throw new Refused('cannot normalize nothing');
    const isAbsolute = requested.startsWith('/');
    const workingDir = isAbsolute ? clean(requested) : join('/', this.config.workingDir, requested);
    const isChanged = isAbsolute && workingDir !== requested;
    this.config = { ...this.config, workingDir };
    // 20.10 keeps an absolute path as it is written, 28 does not; nobody looked at those between
    const [major] = this.scope.engine ?? [];
    if (isChanged && (major === undefined || major < 28)) {
      return { kind: 'open', message: `whether this engine shortens ${requested} is not known` };
    }
    const command = [...this.shell, `#(nop) WORKDIR ${workingDir}`];
    return { kind: 'step', probe: { config: this.config, command } };
  }

  private arg({ declarations }: ArgInstruction): Dispatched {
    // all of them are expanded before the first one is declared
    const expanded = declarations.map(({ name, value }) => ({
      name: this.expand(name),
      value: value === undefined ? undefined : this.expand(value),
    }));
    for (const { name, value } of expanded) this.args.add(name, value);
    const texts = expanded.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
    const step = this.comment(`ARG ${texts.join(' ')}`);
    return { ...step, probe: { ...step.probe, declares: expanded.map(({ name, value }) => [name, value]) } };
  }

  private metadata(instruction: MetadataInstruction): Dispatched {
    const { keyword, rest, flags, expanded } = instruction;
    const { escape } = this.scope;
    switch (keyword) {
      case 'LABEL': {
        const pairs = parseNameValues(rest, keyword, escape).pairs.map(
          ({ name, value }) => [this.expand(name), this.expand(value)] as const,
        );
        this.config = { ...this.config, labels: { ...this.config.labels, ...Object.fromEntries(pairs) } };
        return this.comment(['LABEL', ...pairs.map(([name, value]) => `${name}=${value}`)].join(' '));
      }
      case 'CMD':
      case 'ENTRYPOINT':
        return this.comment(`${keyword} ${goQuoteList(this.commandLine(rest))}`);
      case 'EXPOSE': {
        const words = [...expanded].sort(byteOrder).flatMap((word) => this.words(word));
        this.refuseIf(metadataFailure(instruction, this.variables, { escape }));
        return this.comment(`EXPOSE ${words.join(' ')}`);
      }
      case 'VOLUME': {
        const volumes = expanded.map((word) => this.expand(word));
        if (volumes.includes('')) throw new Refused('VOLUME specified can not be an empty string');
        this.config = { ...this.config, volumes: [...new Set([...this.config.volumes, ...volumes])] };
        return this.comment(`VOLUME ${goList(volumes)}`);
      }
      case 'STOPSIGNAL': {
        const signal = this.expand(rest);
        this.refuseIf(metadataFailure(instruction, this.variables, { escape }));
        return this.comment(`STOPSIGNAL ${signal}`);
      }
      case 'HEALTHCHECK': {
        this.config = { ...this.config, healthcheck: readHealthcheck(rest, flags) };
        const command = [...this.shell, '#(nop) ', 'HEALTHCHECK '];
        return { kind: 'step', probe: { config: this.config, command, isHealthcheck: true } };
      }
      default:
        return this.comment(`${keyword} ${rest}`);
    }
  }

  private commandLine(rest: string): readonly string[] {
    const { strings } = parseJsonForm(rest);
    return strings ?? [...this.shell, ...(rest === '' ? [] : [rest])];
  }

  private words(word: string): readonly string[] {
    const { words, error } = expandWords(word, this.variables, { escape: this.scope.escape });
    if (error !== undefined) throw new Refused(error);
    return words ?? [];
  }

  private refuseIf(failure: string | undefined): void {
    if (failure !== undefined) throw new Refused(failure);
  }
}
