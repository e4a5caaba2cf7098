/** The instruction that gave a variable its value. */
export interface VariableOrigin {
  readonly kind: 'argument' | 'variable';
  /** 1-based. */
  readonly line: number;
}

/**
 * An ordered environment: setting a name again moves it to the end (BuildKit client/llb/meta.go EnvList). What it hands
 * out is made once for all the steps between two changes: long files have hundreds of steps with hundreds of variables.
 */
export class Environment {
  private readonly values: Map<string, string>;
  private readonly origins: Map<string, VariableOrigin>;
  private listed: readonly string[] | undefined;
  private originsNow: ReadonlyMap<string, VariableOrigin> | undefined;

  constructor(from?: Environment) {
    this.values = new Map(from?.values);
    this.origins = new Map(from?.origins);
  }

  /** Without an origin, that of before is kept: a stage sets the variables of its base again. */
  set(name: string, value: string, origin?: VariableOrigin): void {
    this.values.delete(name);
    this.values.set(name, value);
    if (origin !== undefined) this.origins.set(name, origin);
    this.listed = undefined;
    this.originsNow = undefined;
  }

  /** Where each variable got its value, as far as an instruction gave it. */
  get originMap(): ReadonlyMap<string, VariableOrigin> {
    return (this.originsNow ??= new Map(this.origins));
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  get map(): ReadonlyMap<string, string> {
    return this.values;
  }

  /** `NAME=value`, in order; the same array until something is set. */
  list(): readonly string[] {
    return (this.listed ??= Array.from(this.values, ([name, value]) => `${name}=${value}`));
  }
}

/** Splits `NAME=value`; a missing `=` gives an empty value. */
export function splitVariable(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
