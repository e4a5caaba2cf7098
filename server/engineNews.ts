/** Milliseconds for which an engine was listened to, if its end is news. */
const LISTENED = 5000;

/** What tells that something came or went, until aborted or the engine goes away. */
export interface Talkative {
  listen(signal: AbortSignal, onChanged: () => void): Promise<void>;
}

/** What becomes of news. */
export interface NewsListener {
  changed(): void;
  log(message: string): void;
}

/** Listens to one engine at a time; a burst of its events becomes one message. */
export class EngineNews {
  private listening: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param settle milliseconds after an event before it is told
   * @param what for the log: `Image events`
   */
  constructor(
    private readonly settle: number,
    private readonly what: string,
    private readonly listener: NewsListener,
  ) {}

  /** Listens to an engine, unless one is listened to. */
  listen(engine: Talkative): void {
    if (this.listening !== undefined) return;
    const listening = new AbortController();
    this.listening = listening;
    const since = Date.now();
    const tell = (): void => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.listener.changed(), this.settle);
    };
    engine
      .listen(listening.signal, tell)
      .catch((error: unknown) => {
        if (!listening.signal.aborted)
          this.listener.log(`${this.what}: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        if (this.listening !== listening) return;
        // whoever asks again listens again, and what happened meanwhile nobody told
        this.listening = undefined;
        if (!listening.signal.aborted && Date.now() - since > LISTENED) tell();
      });
  }

  /** Does not tell what is about to be told: whoever asks now sees it. */
  drop(): void {
    clearTimeout(this.timer);
  }

  /** Listens to this engine no more. */
  stop(): void {
    this.listening?.abort();
    this.listening = undefined;
  }

  dispose(): void {
    this.listening?.abort();
    clearTimeout(this.timer);
  }
}
