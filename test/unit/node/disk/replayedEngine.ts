import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

type Answers = Readonly<Record<string, unknown>>;

/**
 * An engine that gives recorded answers by their paths; a number is an error status, `silence` no answer at all, and a
 * function is called for each answer.
 */
export interface ReplayedEngine {
  readonly env: NodeJS.ProcessEnv;
  /** Methods and paths with their queries, in the order in which they were asked. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export const SILENCE = 'silence';

/** @param answers by paths without a query, or with it where that counts */
export async function replayEngine(answers: Answers): Promise<ReplayedEngine> {
  const folder = mkdtempSync('/tmp/li-replay-');
  const socket = join(folder, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    asked.push(`${request.method ?? ''} ${url}`);
    const told = answers[url] ?? answers[url.split('?')[0] ?? ''];
    const answer = typeof told === 'function' ? (told as () => unknown)() : told;
    if (answer === SILENCE) return;
    const status = typeof answer === 'number' ? answer : answer === undefined ? 404 : 200;
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? answer : { message: `said with ${status}` }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    env: { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONTEXT: '' },
    asked,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          rmSync(folder, { recursive: true, force: true });
          resolve();
        });
      }),
  };
}

/** Recorded answers of an engine. */
export function recorded(name: string): Record<string, unknown> {
  const path = join(import.meta.dirname, '../../../fixtures/disk', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
