import { fileURLToPath } from 'node:url';
import type { Connection } from 'vscode-languageserver';
import { ImageError } from '../../core/node/image/openImage';
import { bakeTargets } from '../../core/node/build/bakeTargets';
import { answering } from '../answering';
import type { Guard } from '../guard';
import { FileProfilesRequest } from '../protocol';
import type { DockerfileSettings } from '../settings';

/** What the answer is made from. */
export interface FileProfilesHost {
  readonly env: NodeJS.ProcessEnv;
  readonly settings: (uri: string) => Promise<DockerfileSettings>;
  readonly isTrusted: () => boolean;
  /** Paths of the workspace's folders. */
  readonly folders: () => readonly string[];
}

/** Answers how compose and bake files build a Dockerfile. */
export function registerFileProfiles(connection: Connection, guard: Guard, host: FileProfilesHost): void {
  answering(connection, guard)(FileProfilesRequest, async ({ uri }, signal) => {
    if (!host.isTrusted()) throw new ImageError('This workspace is not trusted: no program is run.');
    if (!uri.startsWith('file:')) return { profiles: [], problems: [] };
    const { dockerPath: program } = await host.settings(uri);
    const { env, folders } = host;
    return bakeTargets({ dockerfile: fileURLToPath(uri), folders: folders(), program, env, signal });
  });
}
