import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { asArray, asString, at, parseJson } from '../judge/json.js';
import { run } from '../judge/run.js';
import { builderAnswer, bytesOf, difference, predictedAnswer, type Answer } from './badInput/answers.js';
import { BAD_INPUT } from './badInput/cases.js';
import type { BadInput } from './badInput/input.js';
import { engineForSuite } from './engine.js';
import { runWarm } from './warm.js';

const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');
const FIXTURE = join(import.meta.dirname, '../fixtures/badInput.json');
/** `all`: every case, and what the builder says becomes the fixture of `test/conformance`. */
const RECORDS = process.env['LAYER_INSIGHT_BAD_INPUT'] === 'all';
/** One case of so many is shown to the builder; the others are compared with what it said before. */
const EVERY = RECORDS ? 1 : 8;
const AT_A_TIME = 2;

const engine = await engineForSuite('broken Dockerfiles on a real engine');

describe.skipIf(engine === undefined)('broken Dockerfiles on a real engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'li-bad-input-'));
  let baseImage = '';

  beforeAll(async () => {
    expect(existsSync(CLI), `${CLI} is missing: run npm run build first`).toBe(true);
    baseImage = await ensureBaseImage();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function write(input: BadInput, index: number): string {
    const dir = join(folder, String(index));
    mkdirSync(dir);
    writeFileSync(join(dir, 'Dockerfile'), bytesOf(input, baseImage));
    writeFileSync(join(dir, 'a.txt'), 'a');
    writeFileSync(join(dir, 'bad.tar'), 'no archive');
    symlinkSync('loop', join(dir, 'loop'));
    symlinkSync('../../x', join(dir, 'outside'));
    return dir;
  }

  async function predicted(dir: string, { args = [] }: BadInput): Promise<Answer> {
    const env = { XDG_STATE_HOME: join(folder, 'state') };
    const result = await runWarm(CLI, ['predict', dir, ...args, '--json'], { env, timeoutMs: 60_000 });
    const document = parseJson(result.stdout);
    if (result.code !== 0 || document === undefined) throw new Error(`predict: ${result.stderr}`);
    const problems = asArray(at(document, 'problems')).map((problem) => {
      const line = at(problem, 'line');
      return { code: asString(at(problem, 'code')) ?? '', line: typeof line === 'number' ? line : undefined };
    });
    const failing = asArray(at(document, 'steps')).flatMap((step) => {
      const line = at(step, 'line', 'start');
      return at(step, 'verdict') === 'fails' && typeof line === 'number' ? [line] : [];
    });
    return predictedAnswer(problems, failing);
  }

  async function built(dir: string, { args = [] }: BadInput): Promise<Answer> {
    const command = ['buildx', 'build', '--progress=plain', '--output', 'type=cacheonly', ...args, dir];
    const result = await run('docker', command, { timeoutMs: 60_000 });
    return builderAnswer(result.code, result.stderr);
  }

  it('are predicted to fail exactly when the builder refuses them, at its line', { timeout: 900_000 }, async () => {
    const cases = [...BAD_INPUT.entries()].filter(([index]) => index % EVERY === 0);
    const answers: Record<string, Answer> = {};
    const differences: string[] = [];
    const next = cases.values();
    const work = async (): Promise<void> => {
      for (const [index, input] of next) {
        const dir = write(input, index);
        const answer = await predicted(dir, input);
        const builder = await built(dir, input);
        answers[input.name] = builder;
        const found = difference(input, builder, answer);
        if (found !== undefined) differences.push(found);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    const refused = Object.values(answers).filter((answer) => answer.refused).length;
    console.log(`${engine ?? ''}: ${cases.length} broken Dockerfiles, of which it refuses ${refused}`);
    if (RECORDS) writeFileSync(FIXTURE, `${JSON.stringify(inOrder(answers))}\n`);
    expect(differences).toEqual([]);
    expect(cases.length).toBeGreaterThan(50);
  });
});

function inOrder(answers: Readonly<Record<string, Answer>>): Record<string, Answer | undefined> {
  return Object.fromEntries(BAD_INPUT.map(({ name }) => [name, answers[name]]));
}
