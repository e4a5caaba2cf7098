import { byteOrder } from '../classic/goFormat';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
const BUILT_IN = /^(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)$/;

/** What a build was given and what stands before the first FROM. */
export interface GivenArgs {
  /** `--build-arg`. */
  readonly user: ReadonlyMap<string, string>;
  /** Those of the platform. */
  readonly builtIn: ReadonlyMap<string, string>;
}

/** Build arguments as Buildah keeps them for one stage (openshift/imagebuilder builder.go, dispatchers.go arg). */
export class StageArgs {
  private readonly values: Map<string, string>;
  private readonly allowed = new Set(PROXIES);
  /** Names that a line `ARG name` of the file declares. */
  private readonly declared = new Set<string>();

  constructor(
    private readonly given: GivenArgs,
    /** Values of what stands before the first FROM. */
    private readonly heading: ReadonlyMap<string, string>,
  ) {
    this.values = new Map(given.user);
  }

  /** Arguments before the first FROM know those of the platform without declaring them. */
  allowBuiltIn(): void {
    for (const [name, value] of this.given.builtIn) {
      this.allowed.add(name);
      if (!this.values.has(name)) this.values.set(name, value);
    }
  }

  /** Declares `NAME` or `NAME=value`, expanded. */
  declare(word: string): void {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    this.allowed.add(name);
    const { user, builtIn } = this.given;
    if (BUILT_IN.test(name)) {
      if (!user.has(name)) this.values.set(name, builtIn.get(name) ?? '');
      return;
    }
    const value = equals < 0 ? this.heading.get(name) : word.slice(equals + 1);
    if (value !== undefined && !user.has(name)) this.values.set(name, value);
  }

  /** Notes the words of an ARG line as they are written: a proxy variable among them is no secret any more. */
  noteWritten(words: readonly string[]): void {
    for (const word of words) if (word !== 'ARG') this.declared.add(word);
  }

  /** What instructions can name. */
  get visible(): ReadonlyMap<string, string> {
    return new Map([...this.values].filter(([name]) => this.allowed.has(name)));
  }

  /** The names in the text of an ARG (stage_executor.go getBuildArgsKey). */
  get names(): string {
    return [...this.visible.keys()].sort(byteOrder).join(' ');
  }

  /**
   * What a RUN puts before its command: `|n NAME=value … `; n counts blanks (stage_executor.go
   * getBuildArgsResolvedForRun). @param env what ENV of this stage set
   */
  prefix(env: ReadonlyMap<string, string>): string {
    const listed = this.listed(env).map(([name, value]) => `${name}=${value}`);
    const text = listed.sort(byteOrder).join(' ');
    return text === '' ? '' : `|${text.split(' ').length} ${text} `;
  }

  /** The arguments that a RUN puts before its command, with their values. */
  listed(env: ReadonlyMap<string, string>): (readonly [name: string, value: string])[] {
    const listed: (readonly [string, string])[] = [];
    for (const [name, value] of this.visible) {
      const own = env.get(name);
      if (own === undefined && PROXIES.includes(name) && !this.declared.has(name)) continue;
      listed.push([name, own ?? value]);
    }
    return listed;
  }
}
