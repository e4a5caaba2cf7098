import { parentPort } from 'node:worker_threads';
import { hashFile } from './hashFile';
import type { HashReply, HashTask } from './pool';

parentPort?.on('message', ({ id, path }: HashTask) => {
  const reply = (answer: HashReply): void => parentPort?.postMessage(answer);
  try {
    reply({ id, content: hashFile(path) });
  } catch {
    reply({ id, content: undefined }); // vanished or unreadable: the next look at it says so
  }
});
