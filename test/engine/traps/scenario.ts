import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JudgeReport } from '../../judge/index.js';
import { asArray, asString, at, parseJson } from '../../judge/json.js';
import { run } from '../../judge/run.js';
import { BUILDKIT, type BuilderKind } from '../builders.js';
import { inEngineNetwork } from '../network/loopback.js';
import { readPrediction, type PredictedStep } from '../predictor.js';
import { runWarm } from '../warm.js';
import { hit, textOf, type Step } from './lines.js';

export const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../../dist/cli.js');

/** How a build is asked for: of docker and of our predictor in the same words. */
export interface Asked {
  readonly options?: readonly string[] | undefined;
  /** Options that our command line does not have, for they count in no cache key. */
  readonly buildOnly?: readonly string[] | undefined;
  /** Our predictor may ask the network, in that of the engine. */
  readonly network?: boolean | undefined;
  /** End of the lines of the Dockerfile. */
  readonly eol?: '\n' | '\r\n' | undefined;
  /** Path of the Dockerfile; default: in the context. */
  readonly file?: string | undefined;
}

export interface Predicted {
  readonly steps: readonly PredictedStep[];
  readonly problems: readonly string[];
  /** What it wrote for people to read: that no engine answered, for one. */
  readonly said: string;
}

/** What every context starts with. */
const FILES: Readonly<Record<string, string>> = {
  'a.txt': 'a\n',
  'b.txt': 'b\n',
  'd/x.txt': 'x\n',
  'd/y.log': 'y\n',
  'd/sub/z.txt': 'z\n',
};

/** What the scenarios of a file share. */
export interface Shared {
  readonly base: string;
  /** The state folder of the predictor; it knows what an engine told it before, as a user's would. */
  readonly state: string;
  /** Default: BuildKit. */
  readonly kind?: BuilderKind | undefined;
}

export interface ScenarioOptions extends Shared {
  readonly files?: Readonly<Record<string, string>> | undefined;
  /** Base name of the context; default: a unique one. */
  readonly name?: string | undefined;
  /** Texts that take the place of `{name}`. */
  readonly words?: Readonly<Record<string, string>> | undefined;
}

/**
 * A temporary build context to build and to predict in turns. The builder keeps contexts
 * by the base name of their folder: the name is unique.
 */
export class Scenario {
  readonly marker: string = randomUUID();
  readonly dir: string;
  /** A folder beside the context. */
  readonly aside: string;
  readonly #parent: string = mkdtempSync(join(tmpdir(), 'li-trap-'));
  readonly #state: string;
  readonly #words: Readonly<Record<string, string>>;
  readonly kind: BuilderKind;
  readonly #leftovers: string[] = [];
  #dockerfile: string | undefined;

  constructor({ base, state, kind = BUILDKIT, files = {}, name, words = {} }: ScenarioOptions) {
    this.#state = state;
    this.kind = kind;
    this.dir = join(this.#parent, name ?? this.marker);
    this.aside = join(this.#parent, 'aside');
    const image = `layer-insight-judge/${this.marker}:base`;
    this.#words = { base, marker: this.marker, aside: this.aside, image, ...words };
    mkdirSync(this.aside, { recursive: true });
    for (const [path, content] of Object.entries({ ...FILES, ...files })) this.write(path, content);
  }

  /** A path in the context. */
  path(relative: string): string {
    return join(this.dir, relative);
  }

  write(relative: string, content: string): void {
    mkdirSync(dirname(this.path(relative)), { recursive: true });
    writeFileSync(this.path(relative), this.filled(content));
  }

  /** A text with the values of this scenario. */
  filled(text: string): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#words[name] ?? whole);
  }

  /** Without a FROM among them the steps go on from the base image and a step that no other scenario has. */
  whole(steps: readonly Step[]): readonly Step[] {
    const complete = steps.some((step) => /^FROM /i.test(textOf(step)));
    // where any instruction is a step, one that runs nothing is done sooner
    const own = this.kind.dialect === 'buildkit' ? 'RUN : {marker}' : 'LABEL marker={marker}';
    return complete ? steps : ['FROM {base}', hit(own), ...steps];
  }

  /** Writes the Dockerfile, unless it is that already: its times count, as it lies in the context. */
  writeDockerfile(steps: readonly Step[], { eol = '\n', file }: Asked = {}): string {
    const path = file === undefined ? this.path('Dockerfile') : this.filled(file);
    const text = this.filled(`${this.whole(steps).map(textOf).join('\n')}\n`).replaceAll('\n', eol);
    if (path + text !== this.#dockerfile) writeFileSync(path, text);
    this.#dockerfile = path + text;
    return path;
  }

  /** Really builds; nothing is exported. */
  async build(steps: readonly Step[], asked: Asked = {}): Promise<JudgeReport> {
    const dockerfile = this.writeDockerfile(steps, asked);
    const extraArgs = [...(asked.options ?? []), ...(asked.buildOnly ?? [])].map((text) => this.filled(text));
    const context = this.dir;
    const report = await this.kind.build({ context, dockerfile, output: 'cacheonly', extraArgs, timeoutMs: 120_000 });
    this.#leftovers.push(...(report.leftovers ?? []));
    return report;
  }

  /** @throws when there is no prediction. */
  async predict(steps: readonly Step[], asked: Asked = {}): Promise<Predicted> {
    const dockerfile = this.writeDockerfile(steps, asked);
    const { args: kindArgs, env: kindEnv } = this.kind.predictor();
    const options = (asked.options ?? []).map((text) => this.filled(text));
    const env = { ...kindEnv, XDG_STATE_HOME: join(this.#state, 'state'), XDG_CACHE_HOME: join(this.#state, 'cache') };
    const own = asked.network === true ? ['--ask-network'] : [];
    const args = ['predict', this.dir, '-f', dockerfile, ...options, ...own, ...kindArgs, '--json'];
    const [program, ...rest] = inEngineNetwork([process.execPath, CLI, ...args]);
    const result =
      asked.network === true
        ? await run(program, rest, { env, timeoutMs: 120_000 })
        : await runWarm(CLI, args, { env, timeoutMs: 120_000 });
    if (result.code !== 0) throw new Error(`predict exited with ${String(result.code)}: ${result.stderr.trim()}`);
    const predicted = readPrediction(result.stdout);
    if ('failure' in predicted) throw new Error(predicted.failure);
    const problems = asArray(at(parseJson(result.stdout), 'problems')).map((one) => asString(at(one, 'code')) ?? '');
    return { steps: predicted, problems, said: result.stderr.trim() };
  }

  /** Takes back what its builds added to the store of images. */
  removeImages(): Promise<void> {
    return this.kind.removeImages(this.#leftovers.splice(0));
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}
