import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContextNode } from '../../../core/context/tree';
import type { ContextSession, ContextSessions } from '../../../server/contexts';
import { WantedFiles, type ReadingState } from '../../../server/wantedFiles';

/** A build context whose files are read when the test says so. */
class Context {
  /** What a prediction wants to know now, by name. */
  wanted: readonly ContextNode[] = [];
  wantedContexts: readonly string[] = [];
  readonly read: string[] = [];
  readonly readAhead: string[] = [];
  predictions = 0;
  /** What happens when files are read; by default nothing is wanted any more. */
  onRead: () => void = () => (this.wanted = []);
  /** What happens while other contexts are loaded. */
  onLoad: () => void = () => undefined;

  readonly files = new WantedFiles(
    {
      others: {
        load: async (paths: Iterable<string>) => {
          await turn();
          this.onLoad();
          return [...paths].length > 0;
        },
      },
    } as unknown as ContextSessions,
    () => this.state(),
    () => this.predictions++,
  );

  private state(): ReadingState {
    const { wanted, wantedContexts } = this;
    const session = {
      read: async (nodes: Iterable<ContextNode>) => {
        this.read.push(...[...nodes].map(({ name }) => name));
        await turn();
        this.onRead();
      },
      readAhead: async (nodes: Iterable<ContextNode>) => {
        await turn();
        this.readAhead.push(...[...nodes].map(({ name }) => name));
      },
    };
    const asked = { wanted: new Set(wanted), headers: new Map(), digests: [], wantedContexts: new Set(wantedContexts) };
    const project = { context: { ...asked, taken: () => new Set([file('ahead')]) } };
    return {
      context: session as unknown as ContextSession,
      baseline: undefined,
      project: project as unknown as ReadingState['project'],
    };
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const file = (name: string): ContextNode => new ContextNode('', undefined).ensureChild(name);

describe('files whose content would make an answer certain', () => {
  it('are read, and predicted with, until nothing more is wanted', async () => {
    const context = new Context();
    const more = [[file('b')], []];
    context.wanted = [file('a')];
    context.onRead = () => (context.wanted = more.shift() ?? []);
    await context.files.read();
    expect(context.read).toEqual(['a', 'b']);
    expect(context.predictions).toBe(2);
  });

  it('are read also when they are wanted just as the last look ends', async () => {
    const context = new Context();
    let loads = 0;
    let later: Promise<void> | undefined;
    context.onLoad = () => {
      // a file changed on disk while nothing was wanted
      if (++loads > 1) return;
      context.wanted = [file('late')];
      later = context.files.read();
    };
    await context.files.read();
    await later;
    expect(context.read).toEqual(['late']);
  });

  it('are left at that for a while where they change with each look', async () => {
    const context = new Context();
    context.wanted = [file('busy')];
    let changes = 0;
    context.onRead = () => {
      // whoever reads it is the first to see that it is another one
      context.wanted = [file(`busy-${++changes}`)];
      void context.files.read();
    };
    await context.files.read();
    expect(context.read.length).toBeLessThan(10);
  });

  it('are not read again and again where they cannot be read', async () => {
    const context = new Context();
    context.wanted = [file('unreadable')];
    context.onRead = () => undefined;
    await context.files.read();
    expect(context.read).toEqual(['unreadable']);
  });
});

describe('reading ahead', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('waits for a pause, but not for ever', async () => {
    const context = new Context();
    for (let news = 0; news < 12; news++) {
      context.files.readAheadSoon();
      vi.advanceTimersByTime(100);
    }
    await turn();
    expect(context.readAhead).toEqual(['ahead']);
  });

  it('ends with what is predicted', async () => {
    const context = new Context();
    context.files.readAheadSoon();
    context.files.stop();
    vi.advanceTimersByTime(5000);
    await turn();
    expect(context.readAhead).toEqual([]);
  });
});
