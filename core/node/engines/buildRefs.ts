import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { asObject, asText } from '../../llb/decode';
import { buildxFolder } from './endpoint';

/**
 * The build context of each past build, as buildx notes it per build on this machine
 * (`<buildx>/refs/<builder>/<node>/<ref>`). Builds of other machines, users and clients are not there.
 */
export class BuildRefs {
  private readonly files = new Map<string, string>();
  private readonly notes = new Map<string, Note | undefined>();

  constructor(env: NodeJS.ProcessEnv) {
    const root = join(buildxFolder(env), 'refs');
    for (const builder of list(root)) {
      for (const node of list(join(root, builder))) {
        for (const ref of list(join(root, builder, node))) this.files.set(ref, join(root, builder, node, ref));
      }
    }
  }

  /** Absolute path of the context of a build; undefined when it is not known or was not a local folder. */
  contextPath(ref: string): string | undefined {
    return this.note(ref)?.context;
  }

  /** The Dockerfile of a build as it was named to buildx, absolute; undefined when it is not known or was no file. */
  dockerfilePath(ref: string): string | undefined {
    const path = this.note(ref)?.dockerfile;
    return path === undefined || !isAbsolute(path) ? undefined : path;
  }

  /** The context that a Dockerfile was last built with on this machine; undefined when it never was. */
  latestContext(dockerfile: string): string | undefined {
    const noted = [...this.files.values()].flatMap((file) => {
      const note = readNote(file);
      return note?.dockerfile === dockerfile && note.context !== undefined ? [note] : [];
    });
    noted.sort((a, b) => b.written - a.written);
    return noted[0]?.context;
  }

  private note(ref: string): Note | undefined {
    if (!this.notes.has(ref)) {
      const file = this.files.get(ref);
      this.notes.set(ref, file === undefined ? undefined : readNote(file));
    }
    return this.notes.get(ref);
  }
}

interface Note {
  readonly context: string | undefined;
  readonly dockerfile: string;
  /** Milliseconds since the epoch. */
  readonly written: number;
}

function readNote(file: string): Note | undefined {
  try {
    const note = asObject(JSON.parse(readFileSync(file, 'utf8')));
    const path = asText(note['LocalPath']);
    const local = path !== '' && path !== '-' && !path.includes('://');
    const context = local ? realPath(path) : undefined;
    const named = asText(note['DockerfilePath']);
    // without -f it is the usual one
    const dockerfile = named === '' && context !== undefined ? join(context, 'Dockerfile') : named;
    return { context, dockerfile, written: statSync(file).mtimeMs };
  } catch {
    // a broken note: such a build proves nothing about files
    return undefined;
  }
}

/** A folder that is gone is still known by its name. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
