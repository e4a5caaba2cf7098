import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../judge/run.js';
import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

const SSH = { options: ['--ssh', 'default'] };
const USE = 'RUN --mount=type=ssh test -S "$SSH_AUTH_SOCK"';

/** Is there an ssh agent to start? */
const installed = await run('ssh-agent', ['-h'], { timeoutMs: 5_000 }).then(
  () => true,
  () => false,
);

await describeTraps('an ssh agent', (shared) => {
  if (!installed) {
    // a developer's machine may be without; CI installs one
    if (process.env['LAYER_INSIGHT_REQUIRE_ENGINE'] === '1') throw new Error('no ssh-agent is installed');
    it.skip('no ssh-agent is installed');
    return;
  }
  let folder = '';
  const agents: string[] = [];

  /** Starts an agent with a new key, which is the one that docker asks from then on. */
  async function startAgent(): Promise<void> {
    const key = join(folder, `key${String(agents.length)}`);
    const socket = `${key}.socket`;
    const started = await run('ssh-agent', ['-s', '-a', socket], { timeoutMs: 5_000 });
    agents.push(/SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1] ?? '');
    vi.stubEnv('SSH_AUTH_SOCK', socket);
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], { timeoutMs: 10_000 });
    const added = await run('ssh-add', ['-q', key], { timeoutMs: 10_000 });
    expect(added.code, added.stderr).toBe(0);
  }

  beforeEach(async () => {
    folder = mkdtempSync('/tmp/li-ssh-');
    await startAgent();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const pid of agents.splice(0)) if (pid !== '') process.kill(Number(pid));
    rmSync(folder, { recursive: true, force: true });
  });

  trap(shared, 'P04: a step that asks it is not the one that does not', {
    first: ['RUN test -S "$SSH_AUTH_SOCK" || true'],
    second: [miss(USE)],
    asked: SSH,
  });
  trap(shared, 'another agent with another key', { second: [hit(USE)], asked: SSH, change: startAgent });
  trap(shared, 'a key that is not passed on any more', {
    second: [hit('RUN --mount=type=ssh true')],
    askedFirst: SSH,
  });
});
