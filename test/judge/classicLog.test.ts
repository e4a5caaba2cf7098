import { describe, expect, it } from 'vitest';
import { readClassicLog } from './classicLog.js';

// Lines that a real engine (28.5.2) printed.
const EXECUTED = [' ---> Running in 9895597ca66e', ' ---> Removed intermediate container 9895597ca66e'];

describe('the log of the classic builder', () => {
  it('says for each instruction whether it was cached, and which image it made', () => {
    const log = [
      'Sending build context to Docker daemon  4.608kB\r\r',
      ...['Step 1/5 : ARG G=1', 'Step 2/5 : FROM busybox:1 AS p', ' ---> 66de20402a87'],
      ...['Step 3/5 : run : m1', ' ---> Using cache', ' ---> 5032408fb289'],
      ...['Step 4/5 : ENV A=1   B=2', ...EXECUTED, ' ---> 633f028fe937'],
      ...['Step 5/5 : COPY a.txt /a', ' ---> 0741c19f89a0', 'Successfully built 0741c19f89a0'],
    ];
    expect(readClassicLog(log.join('\n'))).toEqual([
      { number: 1, keyword: 'ARG', cached: false, image: undefined, triggers: undefined },
      { number: 2, keyword: 'FROM', cached: false, image: '66de20402a87', triggers: undefined },
      { number: 3, keyword: 'RUN', cached: true, image: '5032408fb289', triggers: undefined },
      { number: 4, keyword: 'ENV', cached: false, image: '633f028fe937', triggers: undefined },
      { number: 5, keyword: 'COPY', cached: false, image: '0741c19f89a0', triggers: undefined },
    ]);
  });

  it('does not take what a RUN prints for its own words', () => {
    const printed = ['Step 1/3 : FROM x', ' ---> Using cache', 'Step 3/9 : ENV A=1', ' ---> 0123456789ab'];
    const log = [
      ...['Step 1/3 : FROM busybox:1', ' ---> 66de20402a87'],
      ...['Step 2/3 : RUN echo', EXECUTED[0], ...printed, `no newline${EXECUTED[1] ?? ''}`, ' ---> 4755496da660'],
      ...['Step 3/3 : RUN false', EXECUTED[0], ' ---> Using cache'],
    ];
    expect(readClassicLog(log.join('\n')).map((step) => [step.keyword, step.cached, step.image])).toEqual([
      ['FROM', false, '66de20402a87'],
      ['RUN', false, '4755496da660'],
      ['RUN', false, undefined],
    ]);
  });

  it('reads past the colours of warnings and of what a RUN writes to standard error', () => {
    const log = [
      '\u001b[91m[WARNING]: Empty continuation line found in: RUN echo a   b',
      '\u001b[0mStep 1/2 : FROM busybox:1',
      ...['Step 2/2 : RUN echo', EXECUTED[0], '\u001b[91merror', `\u001b[0m${EXECUTED[1] ?? ''}`, ' ---> 4755496da660'],
    ];
    expect(readClassicLog(log.join('\n')).map((step) => [step.keyword, step.image])).toEqual([
      ['FROM', undefined],
      ['RUN', '4755496da660'],
    ]);
  });

  it('counts the triggers of ONBUILD that were cached before the first that was not', () => {
    const after = (lines: readonly string[]) =>
      readClassicLog(['Step 1/1 : FROM p', '# Executing 3 build triggers', ...lines, ' ---> 4755496da660'].join('\n'));
    const cached = ' ---> Using cache';
    expect(after([cached, cached, cached])[0]?.triggers).toEqual({ count: 3, cached: 3 });
    expect(after([cached, ...EXECUTED])[0]?.triggers).toEqual({ count: 3, cached: 1 });
    // the first is a COPY, which says nothing when it is executed
    expect(after([])[0]).toMatchObject({ image: '4755496da660', triggers: { count: 3, cached: 0 } });
    expect(readClassicLog('Step 1/1 : FROM p\n# Executing 1 build trigger\n ---> Using cache')[0]?.triggers).toEqual({
      count: 1,
      cached: 1,
    });
  });
});
