import { parentPort } from 'node:worker_threads';
import { hashFile, type FileContent } from './hashFile';
import type { HashedFile, HashReply, HashTask } from './pool';

parentPort?.on('message', ({ id, files }: HashTask) => {
  parentPort?.postMessage({ id, contents: files.map(contentOf) } satisfies HashReply);
});

function contentOf({ path, header }: HashedFile): FileContent | undefined {
  try {
    return hashFile(path, header);
  } catch {
    return undefined; // vanished or unreadable: the next look at it says so
  }
}
