/** A Dockerfile that may be broken; the builder decides whether it is. `BASE` is the name of the base image. */
export interface BadInput {
  readonly name: string;
  /** Text, or bytes where they are no UTF-8. */
  readonly dockerfile: string | Buffer;
  /** Further options of the build. */
  readonly args?: readonly string[];
  /** The line to mend, where the builder names another one or none. */
  readonly line?: number;
  /** Why the builder refuses it although nothing is predicted of that. */
  readonly open?: string;
}

export function file(name: string, ...lines: readonly string[]): BadInput {
  return { name, dockerfile: `${lines.join('\n')}\n` };
}

/** A Dockerfile of one stage. */
export function on(name: string, ...lines: readonly string[]): BadInput {
  return file(name, 'FROM BASE', ...lines);
}

/** An instruction with each of several values; the name is the instruction. */
export function each(instruction: string, values: readonly string[]): BadInput[] {
  return values.map((value) => on(`${instruction} ${value}`.trim(), `${instruction} ${value}`.trim()));
}

/** Cases of which the builder refuses more than can be told before. */
export function open(why: string, ...cases: readonly BadInput[]): BadInput[] {
  return cases.map((one) => ({ ...one, open: why }));
}
