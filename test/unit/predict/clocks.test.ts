import { describe, expect, it } from 'vitest';
import { Engine, told } from '../support/evidence';
import { Folder } from '../support/folder';
import { stage } from '../support/plan';

const COPY = stage('COPY d /d');
const MINUTE = 60_000;
const NOON = 1_000 * MINUTE;
const file = (ctime: number, more = '?one'): string => `d/a 644 @${String(ctime)} ${more}`;
const FOLDER = 'd/ 755 @100';

/** A build at noon by this machine's clock, on an engine whose clock is ahead by so much. */
const builtAt = (ahead: number) => new Engine().build({ text: COPY, at: NOON + ahead, sizes: { 'COPY d /d': 3 } });

describe('an engine with another clock', () => {
  describe.each([-7 * MINUTE, -MINUTE, MINUTE, 7 * MINUTE])('that is ahead by %i ms', (clockOffset) => {
    const engine = builtAt(clockOffset);
    const predict = (clockMargin: number, ...lines: readonly string[]) =>
      told(engine, COPY, {
        tree: new Folder().look(NOON + 30 * MINUTE, FOLDER, ...lines).tree,
        clockOffset,
        clockMargin,
      });

    it('has a file that was written before the build', () => {
      expect(predict(1000, file(NOON - 5_000))).toEqual(['COPY d /d: cached, same-as-build']);
    });
    it('never claims a file that was written after it, also with an old time', () => {
      for (const line of [file(NOON + 5_000), file(NOON + 5_000, '~100 ?one'), file(NOON + 500)]) {
        expect(predict(1000, line)[0]).not.toContain(': cached');
      }
    });
    it('never claims that a file with a time in the future was changed', () => {
      expect(predict(1000, file(NOON - 5_000, `~${String(NOON + 60 * MINUTE)} ?one`))[0]).not.toContain(': rebuild');
    });
    it('claims nothing of what was written within what the clocks may be apart', () => {
      expect(predict(2 * MINUTE, file(NOON - MINUTE))[0]).not.toContain(': cached');
      expect(predict(2 * MINUTE, file(NOON - 3 * MINUTE))).toEqual(['COPY d /d: cached, same-as-build']);
    });
  });
});

describe('a clock that was set back after a build', () => {
  it('does not make a file of now one of before the build', () => {
    const folder = new Folder().look(NOON - MINUTE, FOLDER, file(100, '=one'));
    // ten minutes earlier by the new time, a file is written that now seems to be older than the build
    folder.look(NOON - 5 * MINUTE, FOLDER, file(NOON - 6 * MINUTE, '=two'));
    expect(told(builtAt(0), COPY, { tree: folder.tree })[0]).not.toContain(': cached');
  });
  it('does so neither for a file that nobody saw before', () => {
    const folder = new Folder().look(NOON - 5 * MINUTE, FOLDER, file(NOON - 6 * MINUTE, '=two'));
    expect(told(builtAt(0), COPY, { tree: folder.tree })[0]).not.toContain(': cached');
  });
});
