import { join } from 'node:path';
import { asArray } from '../../llb/decode';
import type { PastBuild } from '../../evidence/pastBuild';
import type { HistoryStore } from '../engines/history';
import { sha256 } from '../sha256';
import { JsonFile } from './jsonFile';

/** Rises with every change of what is derived from a build: older notes are then read from the engine again. */
const VERSION = 9;

/** Remembers past builds in files of the state folder, one per builder. */
export class FileHistoryStore implements HistoryStore {
  private readonly files = new Map<string, JsonFile>();

  constructor(private readonly folder: string) {}

  async load(builderId: string): Promise<readonly PastBuild[]> {
    return readBuilds(await this.file(builderId).read());
  }

  async save(builderId: string, builds: readonly PastBuild[]): Promise<void> {
    await this.file(builderId).write((theirs) => {
      const merged = new Map(readBuilds(theirs).map((build) => [build.ref, build]));
      for (const build of builds) merged.set(build.ref, build);
      return [...merged.values()];
    });
  }

  private file(builderId: string): JsonFile {
    let file = this.files.get(builderId);
    if (file === undefined) {
      file = new JsonFile(join(this.folder, 'history', `${sha256(builderId).slice(0, 16)}.json`), VERSION);
      this.files.set(builderId, file);
    }
    return file;
  }
}

/** Our own file of our own version has the shape that was written. */
function readBuilds(value: unknown): readonly PastBuild[] {
  return asArray(value) as readonly PastBuild[];
}
