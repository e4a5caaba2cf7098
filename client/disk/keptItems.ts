import * as vscode from 'vscode';
import type { DiskEngine } from '../../core/model';

const KEY = 'disk.kept';

type Kept = Readonly<Record<string, readonly string[]>>;

/** What the user wants to keep, for each engine: no plan removes it. Items are named as `kind:id`. */
export class KeptItems implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();

  readonly onDidChange = this.changed.event;

  /** @param memento of the machine: an engine is the same in every workspace */
  constructor(private readonly memento: vscode.Memento) {}

  of(engine: DiskEngine): readonly string[] {
    return this.memento.get<Kept>(KEY, {})[nameOf(engine)] ?? [];
  }

  async set(engine: DiskEngine, key: string, isKept: boolean): Promise<void> {
    const others = this.of(engine).filter((one) => one !== key);
    const all = { ...this.memento.get<Kept>(KEY, {}), [nameOf(engine)]: isKept ? [...others, key] : others };
    await this.memento.update(KEY, all);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }
}

/** The engine's own id; one that has none is known by its address. */
function nameOf({ id, endpoint }: DiskEngine): string {
  return id === '' ? endpoint : id;
}
