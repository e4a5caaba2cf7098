import type { WantedBuilder } from '../core/node/engines/builderKind';
import { EvidenceSource, type EvidenceResult, type ImagesOf } from '../core/node/engines/loadEvidence';
import { FileHistoryStore } from '../core/node/store/historyStore';
import { LayerStore } from '../core/node/store/layerStore';
import { stateFolder } from '../core/node/store/stateFolder';
import { otherBuilderText, type BuilderInfo } from '../core/model';
import type { EngineState } from './protocol';
import { Repeated } from './repeated';
import type { DockerfileSettings } from './settings';

/** Milliseconds after an engine event before the engine is asked, so that a burst becomes one question. */
const SETTLE = 150;
/** Milliseconds until a build that is not written down completely is asked for again. */
const UNSETTLED_RETRY = 400;
const MAX_UNSETTLED_RETRIES = 20;
/** The same for an engine that is asked by commands: each question costs some processes. */
const UNSETTLED_RETRY_BY_COMMANDS = 3000;
/** Milliseconds until an engine that tells no events is asked again by itself; whoever wants to know sooner refreshes. */
const RECHECK = 60_000;
/** Milliseconds until an engine that did not answer is tried again: the first and the longest wait. */
const RETRY_FIRST = 5000;
const RETRY_LONGEST = 120_000;

/** One engine, asked once for all Dockerfiles that use it, and listened to. */
export class EngineSession {
  result: EvidenceResult | undefined;
  private readonly source: EvidenceSource;
  private readonly users = new Map<object, ImagesOf>();
  private readonly asking = new Repeated(() => this.ask());
  private timer: NodeJS.Timeout | undefined;
  private retryWait = RETRY_FIRST;
  private unsettled = 0;
  /** Nobody sees an answer: what is only asked now and then waits. */
  private isHidden = false;
  private isPutOff = false;
  private listening: AbortController | undefined;
  private disposed = false;

  constructor(
    settings: DockerfileSettings,
    wanted: WantedBuilder | undefined,
    env: NodeJS.ProcessEnv,
    folder: string,
    private readonly changed: () => void,
    private readonly log: (message: string) => void,
  ) {
    const builder = settings.builder === '' ? undefined : settings.builder;
    this.source = new EvidenceSource(
      { program: settings.dockerPath, builder, env, wanted },
      new FileHistoryStore(folder),
      new LayerStore(folder),
    );
  }

  /** Adds somebody who needs these images; `user` is only an identity. */
  use(user: object, images: ImagesOf): void {
    this.users.set(user, images);
  }

  /** Returns true when nobody uses it any more. */
  release(user: object): boolean {
    this.users.delete(user);
    return this.users.size === 0;
  }

  /** Whether what the builder makes is where the engine's images are. */
  get keepsImages(): boolean {
    return this.source.keepsImages;
  }

  /** The Dockerfile that a past build was made from, or a sentence why nobody has it. */
  dockerfileOf(ref: string, signal: AbortSignal): Promise<{ readonly text: string } | { readonly reason: string }> {
    return this.source.dockerfileOf(ref, signal);
  }

  /** The family of builder that is meant. */
  family(): Promise<WantedBuilder> {
    return this.source.family();
  }

  /** Asks the engine now; a call while it is being asked is answered by the next answer. */
  load(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.asking.run();
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
    this.listening?.abort();
    this.source.close();
  }

  private async ask(): Promise<void> {
    const result = await this.source.load((known) => [...this.users.values()].flatMap((images) => images(known)));
    if (this.disposed) return;
    this.result = result;
    if (result.kind === 'none') {
      this.nowAndThen(this.retryWait);
      this.retryWait = Math.min(this.retryWait * 2, RETRY_LONGEST);
    } else {
      this.retryWait = RETRY_FIRST;
      this.unsettled = result.settled ? 0 : this.unsettled + 1;
      const { listens, hears } = this.source;
      if (!listens) this.nowAndThen(RECHECK);
      if (!result.settled && this.unsettled <= MAX_UNSETTLED_RETRIES) {
        this.later(listens ? UNSETTLED_RETRY : UNSETTLED_RETRY_BY_COMMANDS);
      }
      if (hears) this.listen();
    }
    this.changed();
  }

  /** Tells whether somebody sees the answers; what was put off meanwhile is made up for. */
  setHidden(isHidden: boolean): void {
    this.isHidden = isHidden;
    if (isHidden || !this.isPutOff) return;
    this.isPutOff = false;
    void this.load();
  }

  /** Asks again after a while, for those who look. */
  private nowAndThen(wait: number): void {
    if (this.disposed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.isHidden) this.isPutOff = true;
      else void this.load();
    }, wait);
  }

  private later(wait: number): void {
    if (this.disposed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), wait);
  }

  private listen(): void {
    if (this.listening !== undefined) return;
    const listening = new AbortController();
    this.listening = listening;
    const began = Date.now();
    this.source
      .listen(listening.signal, () => this.later(SETTLE))
      .catch((error: unknown) => {
        if (!listening.signal.aborted)
          this.log(`Engine events: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        this.listening = undefined;
        if (listening.signal.aborted || this.disposed) return;
        // an engine that tells no events ends at once: then it is asked now and then
        const answers = this.result?.kind === 'classic' || this.result?.kind === 'buildah';
        if (answers && Date.now() - began < RETRY_FIRST) {
          this.nowAndThen(RECHECK);
          return;
        }
        // the engine went away: the next question finds out whether it came back
        this.source.close();
        this.later(RETRY_FIRST / 5);
      });
  }
}

/** The engines of the open Dockerfiles, one for each program and builder. */
export class EngineSessions {
  private readonly sessions = new Map<string, EngineSession>();
  private readonly changes = new Set<(session: EngineSession) => void>();
  private readonly states = new Set<(state: EngineState) => void>();
  private lastState = '';
  private isHidden = false;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: (message: string) => void,
  ) {}

  onChanged(listener: (session: EngineSession) => void): void {
    this.changes.add(listener);
  }

  onState(listener: (state: EngineState) => void): void {
    this.states.add(listener);
  }

  /** `wanted`: the family of builder that somebody chose; undefined: found out as docker does. */
  get(settings: DockerfileSettings, wanted?: WantedBuilder): EngineSession {
    const key = JSON.stringify([settings.dockerPath, settings.builder, wanted]);
    let session = this.sessions.get(key);
    if (session === undefined) {
      const made: EngineSession = new EngineSession(
        settings,
        wanted,
        this.env,
        stateFolder(this.env),
        () => {
          this.tell(stateOf(made.result));
          for (const listener of this.changes) listener(made);
        },
        this.log,
      );
      session = made;
      session.setHidden(this.isHidden);
      this.sessions.set(key, session);
    }
    return session;
  }

  /** Tells the client how things stand; equal news is no news. */
  tell(state: EngineState): void {
    const text = JSON.stringify(state);
    if (text === this.lastState) return;
    this.lastState = text;
    this.log(`Engine: ${state.code}. ${state.message}`);
    for (const listener of this.states) listener(state);
  }

  release(session: EngineSession, user: object): void {
    if (!session.release(user)) return;
    for (const [key, one] of this.sessions) if (one === session) this.sessions.delete(key);
    session.dispose();
  }

  /** Tells whether somebody sees the answers. */
  setHidden(isHidden: boolean): void {
    this.isHidden = isHidden;
    for (const session of this.sessions.values()) session.setHidden(isHidden);
  }

  /** Asks all engines again. */
  async refresh(): Promise<void> {
    await Promise.all([...this.sessions.values()].map((session) => session.load()));
  }

  dispose(): void {
    for (const session of this.sessions.values()) session.dispose();
    this.sessions.clear();
  }
}

/** How it stands with an engine, by what it answered. */
export function stateOf(result: EvidenceResult | undefined): EngineState {
  if (result === undefined) return { code: 'starting', message: '' };
  if (result.kind === 'none') return result.failure;
  return { code: 'ready', message: builderText(result.evidence.builder) };
}

/** `Docker 28.5.2, BuildKit 0.25.2, builder default`. */
export function builderText(builder: BuilderInfo): string {
  const other = otherBuilderText(builder);
  if (other !== undefined) return other;
  const parts = [
    ...(builder.engineVersion === null ? [] : [`Docker ${builder.engineVersion}`]),
    ...(builder.buildkitVersion === null ? [] : [`BuildKit ${builder.buildkitVersion}`]),
    ...(builder.name === '' ? [] : [`builder ${builder.name}`]),
  ];
  return parts.join(', ');
}
