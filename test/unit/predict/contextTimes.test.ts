import { describe, expect, it } from 'vitest';
import type { PastBuild } from '../../../core/evidence/pastBuild';
import { isYetToCome, spanOf, transfersTo } from '../../../core/predict/contextTimes';
import { Folder, nodeOf } from '../support/folder';

const CLOCK = { clockOffset: 500, clockMargin: 5 };

/** A build of which everything happened at a time by this machine's clock; the engine's is half a second ahead. */
function build(at: number, more: Partial<PastBuild> = {}): PastBuild {
  const start = at + CLOCK.clockOffset;
  const times = { createdAt: start, completedAt: start + 200, contextStart: start, contextEnd: start + 100 };
  return { ref: String(at), ...times, contextPath: '/p/app', steps: [], loose: [], ...more };
}

describe('times of past builds', () => {
  it('are by the clock of this machine, a tick and what the clocks may be off to either side', () => {
    expect(spanOf(build(1000), CLOCK)).toEqual({ start: 975, end: 1105 });
  });

  it('are none where the context did not come to its end', () => {
    expect(spanOf(build(1000, { contextEnd: undefined as never }), CLOCK)).toBeUndefined();
  });

  it('lie ahead when the clock of this machine went back', () => {
    const { tree } = new Folder().look(1050);
    expect(isYetToCome(build(900).contextEnd ?? 0, { tree, ...CLOCK })).toBe(false);
    expect(isYetToCome(build(1000).contextEnd ?? 0, { tree, ...CLOCK })).toBe(true);
  });
});

describe('the transfers that a builder may have its copy of a context from', () => {
  const builds = [build(1000), build(2000)];
  const folder = (): Folder =>
    new Folder()
      .look(500, 'd/ 755 @100')
      .look(1150, 'd/ 755 @100')
      .look(1500, 'd/ 755 @1200', 'd/f 644 @1200 ~50 =abc')
      .look(2500, 'd/ 755 @1200', 'd/f 644 @1200 ~50 =abc');
  const hadBytes = ({ tree }: Folder, past: readonly PastBuild[] = builds): boolean => {
    const node = nodeOf(tree, 'd/f');
    if (node.entry === undefined) throw new Error('nothing is there');
    const known = transfersTo({ tree, path: '/p/app', builds: past, ...CLOCK });
    return known?.hadBytesOf(node, node.entry) === true;
  };

  it('are those of its builds, by this machine’s clock', () => {
    expect(hadBytes(folder())).toBe(true);
    // by the engine's clock the file was there at the first
    expect(hadBytes(folder(), [build(1300), build(2000)])).toBe(false);
  });

  it('are not known where another folder of the name was built', () => {
    expect(hadBytes(folder(), [...builds, build(1600, { contextPath: '/q/app' })])).toBe(false);
    expect(hadBytes(folder(), [...builds, build(1600, { contextPath: '/q/web' })])).toBe(true);
  });

  it('are not known where another folder lay at the path', () => {
    const moved = folder();
    moved.tree.movedAt = 1990;
    expect(hadBytes(moved)).toBe(false);
  });

  it('are not known where the clock of this machine went back', () => {
    expect(hadBytes(folder(), [...builds, build(2600)])).toBe(false);
  });
});
