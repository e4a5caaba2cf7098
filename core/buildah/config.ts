/** The configuration of an image, as far as it decides what is built on it. */
export interface BuildahConfig {
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly workingDir: string;
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `port/protocol`. */
  readonly ports: readonly string[];
  readonly onbuild: readonly string[];
}

export const EMPTY_CONFIG: BuildahConfig = { env: [], workingDir: '', user: '', labels: {}, ports: [], onbuild: [] };
