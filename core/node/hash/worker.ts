import { parentPort } from 'node:worker_threads';
import { hashFile, type FileContent } from './hashFile';
import type { HashReply, HashTask } from './pool';

parentPort?.on('message', ({ id, paths }: HashTask) => {
  parentPort?.postMessage({ id, contents: paths.map(contentOf) } satisfies HashReply);
});

function contentOf(path: string): FileContent | undefined {
  try {
    return hashFile(path);
  } catch {
    return undefined; // vanished or unreadable: the next look at it says so
  }
}
