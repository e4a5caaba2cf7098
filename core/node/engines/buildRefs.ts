import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, asText } from '../../llb/decode';
import { buildxFolder } from './endpoint';

/**
 * The build context of each past build, as buildx notes it per build on this machine
 * (`<buildx>/refs/<builder>/<node>/<ref>`). Builds of other machines, users and clients are not there.
 */
export class BuildRefs {
  private readonly files = new Map<string, string>();
  private readonly paths = new Map<string, string | undefined>();

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
    if (!this.paths.has(ref)) this.paths.set(ref, this.read(ref));
    return this.paths.get(ref);
  }

  private read(ref: string): string | undefined {
    const file = this.files.get(ref);
    if (file === undefined) return undefined;
    try {
      const path = asText(asObject(JSON.parse(readFileSync(file, 'utf8')))['LocalPath']);
      return path === '' || path === '-' || path.includes('://') ? undefined : realpathSync(path);
    } catch {
      // the folder is gone or the note is broken: such a build proves nothing about files
      return undefined;
    }
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
