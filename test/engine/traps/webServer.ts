import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoopback, type LoopbackServer } from '../network/loopback.js';

/** A web server that the builder of an engine on this machine reaches by 127.0.0.1. */
export interface WebServer extends LoopbackServer {
  /** Offers a file; undefined takes it away. */
  offer(name: string, content: string | undefined, etag?: string): void;
  /** Gives a file a time of its last change. */
  touch(name: string, time: Date): void;
}

/** @throws when it does not start. */
export async function startWebServer(): Promise<WebServer> {
  const folder = mkdtempSync(join(tmpdir(), 'li-web-'));
  try {
    const { port, stop } = await startLoopback(join(import.meta.dirname, 'server.mjs'), folder);
    return {
      port,
      offer: (name, content, etag) => offer(join(folder, name), content, etag),
      touch(name, time) {
        const path = join(folder, `${name}.dated`);
        writeFileSync(path, '');
        utimesSync(path, time, time);
      },
      stop() {
        stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function offer(path: string, content: string | undefined, etag: string | undefined): void {
  for (const [file, text] of [
    [path, content],
    [`${path}.etag`, etag],
  ] as const) {
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }
}
