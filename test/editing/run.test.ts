import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prediction } from '../../core/model';
import { LanguageServer } from '../bench/languageServer.js';
import { engineForSuite } from '../engine/engine.js';
import { Random } from '../generator/random.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { run } from '../judge/run.js';
import { EditedProject } from './project.js';

/** How long somebody works; an hour is a good test of memory. */
const MINUTES = Number(process.env['LAYER_INSIGHT_EDITING_MINUTES'] ?? '2');
const SEED = process.env['LAYER_INSIGHT_SEED'] ?? randomUUID();
/** Milliseconds after which an answer has to be that for what was done last. */
const PATIENCE = 15_000;
const BUILD_EVERY = 15_000;
const MEASURE_EVERY = 5000;
/** Megabytes that what is in use may grow from the second quarter of the run to the last, besides what the builds left. */
const GROWTH = 4;
const GROWTH_PER_BUILD = 0.1;

const engine = await engineForSuite('scripted editing');

describe.skipIf(engine === undefined)(`somebody works for ${MINUTES} minutes (seed ${SEED})`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'li-editing-'));
  const heapFile = join(scratch, 'heap');
  const random = new Random(SEED);
  /** Megabytes in use after garbage was collected. */
  const memory: number[] = [];
  const did = { keys: 0, files: 0, builds: 0, answers: 0, slowest: 0 };
  let server: LanguageServer;
  let project: EditedProject;

  beforeAll(async () => {
    project = new EditedProject(join(scratch, 'project'), await ensureBaseImage());
    const env = { ...process.env, XDG_STATE_HOME: join(scratch, 'state'), LAYER_INSIGHT_HEAP_FILE: heapFile };
    const program = join(import.meta.dirname, '../../dist/server.js');
    // as the client starts it
    const measured = ['--expose-gc', '--import', join(import.meta.dirname, 'heap.mjs')];
    const args = ['--max-semi-space-size=4', ...measured, program, '--stdio'];
    server = await LanguageServer.start(process.execPath, args, project.dockerfile, env);
  });
  afterAll(async () => {
    await server.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Waits until the answer is one for what was done last. */
  async function answered(what: string, isRight: (answer: Prediction) => boolean): Promise<void> {
    const started = Date.now();
    for (;;) {
      const answer = await server.prediction();
      const waited = Date.now() - started;
      if (answer !== null && isRight(answer)) {
        did.answers++;
        did.slowest = Math.max(did.slowest, waited);
        return;
      }
      if (waited > PATIENCE) {
        const steps = answer?.steps.map(({ text, verdict, size }) => `${text}: ${verdict}, ${size.bytes ?? '?'} bytes`);
        throw new Error(`lost: ${what}\n${steps?.join('\n') ?? 'no answer'}`);
      }
      await sleep(50);
    }
  }

  async function measure(): Promise<void> {
    rmSync(heapFile, { force: true });
    server.signal('SIGUSR2');
    while (!existsSync(heapFile)) await sleep(20);
    memory.push(Number(readFileSync(heapFile, 'utf8')) / 1e6);
  }

  async function type(): Promise<void> {
    project.editText(random);
    for (let key = random.int(1, 8); key > 0; key--) {
      did.keys++;
      await server.edit(0, 0, '#\n');
      void server.hints();
      if (key === 1) await server.replace(project.text);
      await sleep(random.int(5, 60));
    }
    await answered('what was typed', ({ steps }) => steps.length === project.steps);
  }

  async function changeFiles(): Promise<void> {
    // one file as an editor saves it, or many as a branch is switched
    for (
      let files = random.weighted([
        [6, 1],
        [1, 30],
      ] as const);
      files > 0;
      files--
    ) {
      did.files++;
      await server.fileChanged(project.changeFile(random));
    }
    const { bytes } = project;
    await answered('what changed on disk', ({ steps }) => steps.some((step) => step.size.bytes === bytes));
  }

  async function build(): Promise<void> {
    did.builds++;
    project.save();
    const result = await run('docker', ['buildx', 'build', '--quiet', project.folder], { timeoutMs: 60_000 });
    expect(result.code, result.stderr).toBe(0);
    await answered('the build', ({ summary }) => summary.cached === summary.needed);
  }

  it(
    'and no update is lost, and memory does not grow',
    async () => {
      const end = Date.now() + MINUTES * 60_000;
      let [nextBuild, nextMeasure] = [Date.now(), Date.now()];
      while (Date.now() < end) {
        if (Date.now() >= nextBuild) {
          await build();
          nextBuild = Date.now() + BUILD_EVERY;
        }
        await random.weighted([
          [5, type],
          [3, changeFiles],
        ] as const)();
        if (Date.now() >= nextMeasure) {
          await measure();
          nextMeasure = Date.now() + MEASURE_EVERY;
        }
        await sleep(random.int(0, 300));
      }
      const quarter = Math.floor(memory.length / 4);
      const middle = (from: number): number =>
        memory.slice(from, from + quarter).sort((a, b) => a - b)[Math.floor(quarter / 2)] ?? 0;
      const quarters = [0, 1, 2, 3].map((index) => middle(index * quarter));
      const [, before = 0, , after = 0] = quarters;
      const resident = server.memory() ?? 0;
      console.log(
        `${engine ?? ''}; ${did.keys} keys, ${did.files} files, ${did.builds} builds; ${did.answers} answers, the slowest after ` +
          `${did.slowest} ms; in use by quarters ${quarters.map((one) => one.toFixed(1)).join(', ')} MB, resident ${resident.toFixed(0)} MB`,
      );
      expect(after).toBeLessThan(before + GROWTH + GROWTH_PER_BUILD * did.builds);
    },
    MINUTES * 60_000 + 120_000,
  );
});
