import type { ContextTree } from '../../context/tree';
import { ContextStore } from '../store/contextStore';

/** Other build contexts that are loaded for one question; a machine may have hundreds. */
const MOST = 16;

/** What is remembered of build contexts that are not looked at now. Nothing is read but the state folder. */
export class OtherContexts {
  private readonly trees = new Map<string, ContextTree>();

  constructor(private readonly stateFolder: string) {}

  get known(): ReadonlyMap<string, ContextTree> {
    return this.trees;
  }

  /** Loads what is remembered of these contexts; true when there is something new. */
  async load(paths: Iterable<string>): Promise<boolean> {
    const fresh = [...paths].filter((path) => !this.trees.has(path)).slice(0, Math.max(0, MOST - this.trees.size));
    const load = async (path: string): Promise<void> => {
      this.trees.set(path, await new ContextStore(this.stateFolder, path).load());
    };
    await Promise.all(fresh.map(load));
    return fresh.length > 0;
  }

  /** Forgets what was loaded: the next question loads what is remembered then. */
  forget(): void {
    this.trees.clear();
  }
}
