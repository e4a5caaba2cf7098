import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asArray, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const SECRET = 'not-to-be-seen';
const TIMEOUT_MS = 180_000;

/** The builder that `layer-insight build` is to use. */
export interface BuildUnderTest {
  readonly name: string;
  readonly base: () => Promise<string>;
  /** Options of ours that choose the builder. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** It builds in a service, which goes on with the command of a RUN when nobody waits any more. */
  readonly isService?: boolean;
  /** The builder itself, for its exit code. */
  readonly program: readonly string[];
}

/** Builds by the command line, beside what the builder itself does. */
export function buildSuite({ name, base, args, env, program, isService = false }: BuildUnderTest): void {
  describe(name, { timeout: TIMEOUT_MS }, () => {
    // below /tmp: the builders of the test hosts see no other folder
    const folder = mkdtempSync('/tmp/li-build-');
    const id = randomUUID();
    const ownEnv = { ...env, XDG_STATE_HOME: join(folder, 'state'), XDG_CACHE_HOME: join(folder, 'cache') };
    const context = join(folder, 'context');
    const ours = (verb: string, ...more: readonly string[]) =>
      run(process.execPath, [CLI, verb, ...args, ...more, context], { env: ownEnv, timeoutMs: TIMEOUT_MS });
    const dockerfile = (...lines: readonly string[]): void =>
      writeFileSync(join(context, 'Dockerfile'), lines.join('\n'));
    let from = '';

    beforeAll(async () => {
      await run('mkdir', [context]);
      from = `FROM ${await base()}`;
      writeFileSync(join(context, 'a.txt'), id);
      writeFileSync(join(context, '.dockerignore'), 'Dockerfile\n');
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('predicts, builds, compares and keeps the score', async () => {
      dockerfile(from, 'ARG TOKEN', 'COPY a.txt /a.txt', `RUN echo built-${id} && cat /a.txt && echo "is $TOKEN."`);
      const first = await ours('build', '--build-arg', `TOKEN=${SECRET}`, '--json');
      expect(first.code, first.stderr).toBe(0);
      const document = parseJson(first.stdout);
      expect(document).toMatchObject({ schemaVersion: 1, state: 'succeeded', exitCode: 0 });
      const rows = asArray(at(document, 'steps')).filter((step) => /COPY|RUN/.test(String(at(step, 'instruction'))));
      expect(rows.map((step) => [at(step, 'actual'), at(step, 'verdict')])).toEqual([
        ['executed', expect.not.stringContaining('wrong')],
        ['executed', expect.not.stringContaining('wrong')],
      ]);
      expect(first.stderr).toContain(`built-${id}`);
      // whatever the command prints of it
      expect(first.stderr).toContain('is ….');
      expect(`${first.stdout}${first.stderr}`).not.toContain(SECRET);
      const second = await ours('build', '--build-arg', `TOKEN=${SECRET}`);
      expect(second.code, second.stderr).toBe(0);
      expect(second.stdout).toMatch(/COPY a\.txt/);
      expect(second.stdout).not.toMatch(/executed {2}|WRONG/);
      // an engine that does much else writes builds down some time later: then any later run learns of it; and what is
      // predicted while one of others is not written down is not compared, so that a later build has to show it
      const accuracy = async (): Promise<string> => {
        const { stdout } = await ours('history', '--accuracy');
        if (!stdout.includes('certain')) await ours('build', '--build-arg', `TOKEN=${SECRET}`);
        return stdout;
      };
      const right = /certain verdicts: (\d+) of \1 right over \d+ builds?/;
      await expect.poll(accuracy, { timeout: 120_000, interval: 500 }).toMatch(right);
    });

    it('ends with the code of the builder, and names the line', async () => {
      dockerfile(from, `RUN echo ${id} && exit 3`);
      const plain = await run(program[0] ?? '', [...program.slice(1), context], { env, timeoutMs: TIMEOUT_MS });
      const built = await ours('build');
      expect(built.code).toBe(plain.code);
      expect(built.code).not.toBe(0);
      expect(built.stderr).toContain(`${join(context, 'Dockerfile')}:2: error: `);
      expect(built.stdout).toMatch(/2 +\S+ +failed/);
    });

    it('is stopped with what it started', async () => {
      const marker = String(3000 + Math.floor(Math.random() * 1_000_000));
      dockerfile(from, `RUN echo begun-${id} && sleep ${marker}`);
      const child = spawn(process.execPath, [CLI, 'build', ...args, context], { env: { ...process.env, ...ownEnv } });
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      await new Promise<void>((resolve) => {
        let said = '';
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.split(`begun-${id}`).length > 2) resolve();
        });
      });
      child.kill('SIGINT');
      expect(await ended).toBe(130);
      const running = async (what: RegExp): Promise<string> => {
        const { stdout } = await run('ps', ['-eo', 'pid,ppid,etimes,args']);
        return stdout
          .split('\n')
          .filter((line) => what.test(line))
          .join('\n');
      };
      await expect.poll(() => running(new RegExp(`build .*${context}`)), { timeout: 20_000 }).toBe('');
      if (isService) await run('pkill', ['-KILL', '-f', `^sleep ${marker}$`]);
      await expect.poll(() => running(new RegExp(`sleep ${marker}$`)), { timeout: 20_000 }).toBe('');
    });

    it('refuses what it cannot show, before anything runs', async () => {
      const refused = await ours('build', '-o', '-');
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('-o -');
      expect(refused.stdout).toBe('');
    });
  });
}
