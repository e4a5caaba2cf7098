/** Anything that can be let go of. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns disposables. What is added after the end is disposed at once: an asynchronous start may come too late. */
export class DisposableStore implements Disposable {
  private readonly items = new Set<Disposable>();
  private disposed = false;

  /** Takes ownership; returns the same thing. */
  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.add(item);
    return item;
  }

  /** Disposes everything, the newest first: it may use what was there before it. */
  dispose(): void {
    this.disposed = true;
    const items = [...this.items].reverse();
    this.items.clear();
    for (const item of items) item.dispose();
  }
}
