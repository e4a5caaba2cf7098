import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { buildCommand, type BuilderChoice, type BuilderCommand } from '../../core/build/command';
import { compareWithPrediction, renderReport, summaryOf, type StepBytes } from '../../core/build/compareBuild';
import { BuildFollower, type BuilderExit } from '../../core/build/follow';
import { valuesToHide } from '../../core/build/hiddenValues';
import { formatBytes, type BuildOrder, type ByteUnits, type LiveBuild, type Prediction } from '../../core/model';
import { writeCutFile, type CutFile } from '../../core/node/build/cutFile';
import { logDecoder } from '../../core/node/build/logDecoder';
import { runBuild } from '../../core/node/build/runBuild';
import type { BuildView } from '../protocol';

/** Milliseconds between two states of one build that are told. */
const TELL_EVERY = 100;

/** What one build is made from. */
export interface BuildParts {
  readonly uri: string;
  readonly order: BuildOrder;
  readonly builder: BuilderChoice;
  readonly env: NodeJS.ProcessEnv;
  /** For exactly this order, at the moment when it begins. */
  readonly prediction: Prediction;
  /** As it is on disk. */
  readonly text: string;
  readonly units: ByteUnits;
  readonly listener: BuildListener;
}

/** Who is told of a build. */
export interface BuildListener {
  changed(view: BuildView): void;
  output(id: string, text: string): void;
  log(message: string): void;
}

/** One build of this session, from its beginning on. */
export class Build {
  readonly id = randomUUID();
  private readonly follower: BuildFollower;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private sizes: (index: number) => StepBytes = () => ({});
  /** Resolves when the builder's process has ended. Never rejects. */
  readonly ended: Promise<void>;
  private finish: () => void = () => undefined;

  constructor(private readonly parts: BuildParts) {
    this.ended = new Promise((resolve) => (this.finish = resolve));
    const { builder, prediction, order, env } = parts;
    this.follower = new BuildFollower({
      ...{ builder: builder.kind, prediction, now: Date.now, color: true, toLine: order.toLine },
      decoder: logDecoder,
      progress: builder.progress,
      hidden: valuesToHide(Object.entries(order.buildArgs), order.secrets, env),
    });
  }

  get uri(): string {
    return this.parts.uri;
  }

  get order(): BuildOrder {
    return this.parts.order;
  }

  get prediction(): Prediction {
    return this.parts.prediction;
  }

  get live(): LiveBuild {
    return this.follower.live;
  }

  /** The Dockerfile as it was built. */
  get text(): string {
    return this.parts.text;
  }

  get isOver(): boolean {
    return this.follower.live.durationMs !== null;
  }

  /** Begins; answers the command line to be read once its process runs. Rejects with a sentence when nothing can be run. */
  async start(): Promise<string> {
    const { order, text } = this.parts;
    let cut: CutFile | undefined;
    const remove = async (): Promise<void> => cut?.remove().catch(() => undefined);
    try {
      if (order.toLine !== undefined) cut = await writeCutFile(order.dockerfile, text, order.toLine);
      return await this.begin(cut, remove);
    } catch (error) {
      await remove();
      // whoever stops it waits for its end
      this.finish();
      throw error;
    }
  }

  private async begin(cut: CutFile | undefined, remove: () => Promise<void>): Promise<string> {
    const { order, builder } = this.parts;
    // the last stage of what is left is the one that is meant
    const whole = cut === undefined ? order : { ...order, target: '' };
    const command = buildCommand(whole, builder, cut?.path);
    let onStart = (): void => undefined;
    const started = new Promise<void>((resolve) => (onStart = resolve));
    const ended = this.run(command, onStart);
    await Promise.race([started, ended]);
    this.parts.listener.output(this.id, `\u001b[2m${command.shown}\u001b[0m\r\n`);
    void this.follow(ended).finally(remove);
    return command.shown;
  }

  /** Tells the builder to stop, and waits for its end. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.ended;
  }

  view(): BuildView {
    const { uri, order, units } = this.parts;
    const { live } = this;
    const comparison = live.durationMs === null ? [] : compareWithPrediction(live, this.prediction, this.sizes);
    return {
      ...{ id: this.id, uri, live, comparison, units, tags: order.tags },
      title: this.title(),
      summary: live.durationMs === null ? '' : summaryOf(comparison, live),
    };
  }

  /** What was printed, or what the instruction on a line (1-based) printed. */
  log(line?: number): string {
    return this.follower.log(line);
  }

  report(): string {
    const { units, order } = this.parts;
    const { comparison, live } = this.view();
    const head = `${order.dockerfile}: ${this.title()}\n`;
    return `${head}${renderReport(comparison, live, (bytes) => formatBytes(bytes, units))}`;
  }

  /** What layers became, once that is known. */
  measured(sizes: (index: number) => StepBytes): void {
    this.sizes = sizes;
    this.tell();
  }

  private title(): string {
    const { order } = this.parts;
    const [tag] = order.tags;
    if (tag !== undefined) return tag;
    const name = basename(order.dockerfile);
    if (order.toLine !== undefined) return `${name}:${order.toLine}`;
    return order.target === '' ? name : `${name} (${order.target})`;
  }

  private run(command: BuilderCommand, onStart: () => void): Promise<BuilderExit> {
    const { order, env } = this.parts;
    return runBuild(command, {
      ...{ cwd: order.context, env, signal: this.stopping.signal, onStart },
      onOutput: (stream, chunk) => {
        this.follower.push(stream, chunk);
        this.soon();
      },
    });
  }

  private async follow(ended: Promise<BuilderExit>): Promise<void> {
    const exit = await ended.catch((error: unknown): BuilderExit => {
      this.follower.push('stderr', `ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
      return { code: null, canceled: false };
    });
    this.follower.end(exit);
    this.tell();
    this.finish();
  }

  private soon(): void {
    this.timer ??= setTimeout(() => this.tell(), TELL_EVERY);
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.follower.takeText();
    if (text !== '') this.parts.listener.output(this.id, text);
    this.parts.listener.changed(this.view());
  }
}
