import { byteOrder } from './goFormat';

/** Arguments that need no ARG (builder/dockerfile/buildargs.go builtinAllowedBuildArgs). */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

type Declared = Map<string, string | undefined>;

/** Build arguments as the classic builder keeps them (builder/dockerfile/buildargs.go BuildArgs). */
export class BuildArgs {
  private readonly allowed: Declared = new Map();
  private meta: Declared = new Map();

  constructor(private readonly given: ReadonlyMap<string, string>) {}

  /** Those of a new stage: only what stands before the first FROM is known in it. */
  forStage(): BuildArgs {
    const stage = new BuildArgs(this.given);
    stage.meta = new Map(this.meta);
    return stage;
  }

  /** An ARG before the first FROM. */
  addMeta(name: string, value: string | undefined): void {
    this.meta.set(name, value);
    this.allowed.set(name, value);
  }

  add(name: string, value: string | undefined): void {
    this.allowed.set(name, value);
  }

  /** What FROM can name. */
  metaValues(): ReadonlyMap<string, string> {
    return this.values(this.meta);
  }

  /** What all other instructions can name, as far as no ENV hides it. */
  visible(env: readonly string[]): ReadonlyMap<string, string> {
    const names = new Set(env.map((one) => one.split('=', 1)[0]));
    return new Map([...this.values(this.allowed)].filter(([name]) => !names.has(name)));
  }

  /**
   * What a RUN puts before its command in the image: `|n` and the declared arguments, sorted; nothing without any
   * (builder/dockerfile/dispatchers.go prependEnvOnCmd).
   */
  prefix(env: readonly string[]): readonly string[] {
    const visible = this.visible(env);
    if (visible.size === 0) return [];
    const listed = [...visible]
      .filter(([name]) => this.allowed.has(name) || !PROXIES.includes(name))
      .map(([name, value]) => `${name}=${value}`)
      .sort(byteOrder);
    return [`|${listed.length}`, ...listed];
  }

  private values(declared: Declared): Map<string, string> {
    const values = new Map<string, string>();
    for (const name of [...declared.keys(), ...PROXIES]) {
      const value = this.given.get(name) ?? declared.get(name) ?? this.meta.get(name);
      if (value !== undefined) values.set(name, value);
    }
    return values;
  }
}
