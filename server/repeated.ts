/**
 * Work of which only one run is under way at a time. Whoever asks during a run gets the one after it: the run that is
 * under way may have passed by what the caller knows of.
 */
export class Repeated {
  private current: Promise<void> | undefined;
  private next: Promise<void> | undefined;

  /** `work` reports its own failures; it must not reject. */
  constructor(private readonly work: () => Promise<void>) {}

  run(): Promise<void> {
    if (this.current === undefined) return this.begin();
    return (this.next ??= this.current.then(() => {
      this.next = undefined;
      return this.begin();
    }));
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.current !== undefined) await this.current;
  }

  private begin(): Promise<void> {
    const run = this.work().finally(() => {
      if (this.current === run) this.current = undefined;
    });
    this.current = run;
    return run;
  }
}
