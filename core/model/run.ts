/** What an image says of how it wants to be run. */
export interface RunDefaults {
  /** As EXPOSE says: `80/tcp`. */
  readonly ports: readonly string[];
  /** Paths as VOLUME says. */
  readonly volumes: readonly string[];
  /** Names only. */
  readonly environment: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly workingDirectory: string;
}

/** How a container is to be run. */
export interface RunOrder {
  readonly image: string;
  /** Empty: the engine makes one up. */
  readonly name: string;
  /** As `--publish` takes them: `8080:80`, `127.0.0.1::80/tcp`. */
  readonly ports: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** As `--volume` takes them: `/host:/container:ro`, `name:/data`. */
  readonly mounts: readonly string[];
  /** Instead of the image's own; empty: the image's own. */
  readonly command: readonly string[];
  /** Instead of the image's own; undefined: the image's own. */
  readonly entrypoint?: string;
  /** The container is removed when it ends. */
  readonly remove: boolean;
  /** In the background; otherwise in a terminal. */
  readonly detached: boolean;
}

/** A program for a terminal: run by the client as it is, never through a shell. */
export interface TerminalCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Beside the editor's own environment: the engine that is meant, values that are nobody's business. */
  readonly env: Readonly<Record<string, string>>;
}

/** A port of a container that can be opened. */
export interface PublishedPort {
  /** `80/tcp`. */
  readonly container: string;
  readonly url: string;
}

/** One container. */
export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `created`, `paused` and so on, as the engine says. */
  readonly state: string;
  /** Published ports: where they can be opened. */
  readonly ports: readonly PublishedPort[];
}

/** Ports below this one are the system's: nobody may listen on them without rights. */
const FIRST_FREE_PORT = 1024;
const MOVED_BY = 8000;

/**
 * Where the exposed ports of an image would be published on this machine only: under their own number, those of the
 * system 8000 higher (80 under 8080). Only what a browser or another program can connect to: tcp.
 */
export function proposedPorts({ ports }: Pick<RunDefaults, 'ports'>): string[] {
  return ports.flatMap((exposed) => {
    const [number = '', protocol = 'tcp'] = exposed.split('/');
    const port = Number(number);
    if (protocol !== 'tcp' || !Number.isInteger(port) || port <= 0) return [];
    return [`127.0.0.1:${port < FIRST_FREE_PORT ? port + MOVED_BY : port}:${port}`];
  });
}

/** The order in which nothing was chosen: a service in the background, anything else in a terminal and gone afterwards. */
export function proposedRun(image: string, defaults: RunDefaults): RunOrder {
  const ports = proposedPorts(defaults);
  const detached = ports.length > 0;
  return { image, name: '', ports, environment: {}, mounts: [], command: [], remove: !detached, detached };
}

/** What a shell is started with where there is one: the better one, and no exit code but that of a missing shell. */
export const BEST_SHELL = 'if [ -x /bin/bash ]; then /bin/bash; else /bin/sh; fi; exit 0';

/** How an image is looked into: nothing but a shell runs, and what it leaves goes with the container. */
export function shellOrder(image: string): RunOrder {
  return {
    ...{ image, name: '', ports: [], environment: {}, mounts: [], command: ['-c', BEST_SHELL] },
    ...{ entrypoint: '/bin/sh', remove: true, detached: false },
  };
}

/** The words of a command line as people type it: by spaces, with quotes and backslashes as shells have them. */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\$`]/.test(line[at + 1] ?? ''))
        word = `${word ?? ''}${line[++at] ?? ''}`;
      else word = `${word ?? ''}${char}`;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\' && at + 1 < line.length) word = `${word ?? ''}${line[++at] ?? ''}`;
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ''}${char}`;
  }
  return word === undefined ? words : [...words, word];
}

/** A command line that {@link wordsOf} reads as these words. */
export function lineOfWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
