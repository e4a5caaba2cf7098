/** An ordered environment: setting a name again moves it to the end (BuildKit client/llb/meta.go EnvList). */
export class Environment {
  private readonly values: Map<string, string>;

  constructor(from?: Environment) {
    this.values = new Map(from?.values);
  }

  set(name: string, value: string): void {
    this.values.delete(name);
    this.values.set(name, value);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  get map(): ReadonlyMap<string, string> {
    return this.values;
  }

  /** `NAME=value`, in order. */
  list(): string[] {
    return [...this.values].map(([name, value]) => `${name}=${value}`);
  }
}

/** Splits `NAME=value`; a missing `=` gives an empty value. */
export function splitVariable(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
