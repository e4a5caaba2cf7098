import { describe, expect, it } from 'vitest';
import { readBuildahLog } from './buildahLog.js';

const brief = (log: readonly string[]) =>
  readBuildahLog(log.join('\n')).map((step) => [step.stage, step.number, step.keyword, step.cached, step.image]);

describe('the log of podman build', () => {
  it('says for each step of the stages that are used whether it was cached, and which image it made', () => {
    const log = [
      ...['[1/3] STEP 1/2: FROM localhost/busybox:1 AS p', '[1/3] STEP 2/2: RUN : m1'],
      ...[`--> Using cache 6645fd54768d${'0'.repeat(52)}`, '--> 6645fd54768d'],
      ...['[3/3] STEP 1/2: FROM localhost/busybox:1', '[3/3] STEP 2/3: RUN cat /q', 'p', 'nonl--> 535fcf9a4e42'],
      ...['[3/3] STEP 3/3: LABEL "q"="r"', '[3/3] COMMIT', '--> a512d5ed70f3', `a512d5ed70f3${'0'.repeat(52)}`],
    ];
    expect(brief(log)).toEqual([
      [1, 1, 'FROM', false, undefined],
      [1, 2, 'RUN', true, '6645fd54768d'],
      [3, 1, 'FROM', false, undefined],
      [3, 2, 'RUN', false, '535fcf9a4e42'],
      [3, 3, 'LABEL', false, 'a512d5ed70f3'],
    ]);
  });

  it('does not take what a RUN prints for its own words', () => {
    const printed = ['STEP 2/3: RUN again', 'STEP 1/3: FROM x', `--> Using cache ${'0'.repeat(64)}`];
    const log = ['STEP 1/3: FROM b', 'STEP 2/3: RUN echo', ...printed, '--> 4755496da660', 'STEP 3/3: run false', ''];
    expect(brief(log)).toEqual([
      [1, 1, 'FROM', false, undefined],
      [1, 2, 'RUN', false, '4755496da660'],
      [1, 3, 'RUN', false, undefined],
    ]);
  });

  it('of stages that come out of order, one while another waits for it', () => {
    const log = [
      '[1/3] STEP 1/2: FROM busybox AS a',
      '[1/3] STEP 2/2: RUN : 1',
      '--> 4c082a5f5d20',
      '[3/3] STEP 1/3: FROM scratch',
      '[3/3] STEP 2/3: COPY --from=b /r5 /s6',
      '[2/3] STEP 1/2: FROM 4c082a5f5d20 AS b',
      '[2/3] STEP 2/2: RUN : 2',
      '--> 7440dc3da6db',
      '--> 680b6d3a7e24',
      '[3/3] STEP 3/3: COPY a.txt ./',
      '[3/3] COMMIT',
      '--> d07ecd9faa4d',
    ];
    expect(brief(log)).toEqual([
      [1, 1, 'FROM', false, undefined],
      [1, 2, 'RUN', false, '4c082a5f5d20'],
      [3, 1, 'FROM', false, undefined],
      [3, 2, 'COPY', false, '680b6d3a7e24'],
      [2, 1, 'FROM', false, undefined],
      [2, 2, 'RUN', false, '7440dc3da6db'],
      [3, 3, 'COPY', false, 'd07ecd9faa4d'],
    ]);
  });
});
