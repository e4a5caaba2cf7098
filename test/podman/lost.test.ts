import { expect } from 'vitest';
import { hit, miss } from '../engine/traps/lines.js';
import type { Scenario } from '../engine/traps/scenario.js';
import { trap } from '../engine/traps/trap.js';
import { podmanProgram } from '../judge/index.js';
import { run } from '../judge/run.js';
import { describePodmanTraps } from './traps.js';

const tagged = { buildOnly: ['--tag', 'localhost/{image}'] };

const podman =
  (...args: readonly string[]) =>
  async (scenario: Scenario): Promise<void> => {
    const result = await run(
      podmanProgram(),
      args.map((one) => scenario.filled(one)),
      { timeoutMs: 60_000 },
    );
    expect(result.code, result.stderr).toBe(0);
  };

await describePodmanTraps('images come and go', (shared) => {
  trap(shared, 'BL1: the only name of the image is removed, and with it all that it stood on', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1'), miss('RUN true')],
    change: podman('image', 'rm', 'localhost/{image}'),
  });
  trap(shared, 'BL1b: the same, but what it stood on is kept', {
    askedFirst: tagged,
    first: ['ENV A=1', 'RUN true'],
    second: [hit('ENV A=1'), miss('RUN true')],
    change: podman('image', 'rm', '--no-prune', 'localhost/{image}'),
  });
  trap(shared, 'BL2: the name goes to another image and comes back', {
    asked: tagged,
    first: ['ENV A=1', 'RUN true'],
    between: ['ENV A=2', 'RUN true'],
    second: [hit('ENV A=1'), hit('RUN true')],
  });
  trap(shared, 'BL3: --cache-ttl that has not passed', {
    first: ['ENV A=1'],
    second: [hit('ENV A=1')],
    askedSecond: { options: ['--cache-ttl', '1h'] },
  });
  trap(shared, 'BL4: --cache-ttl that has passed', {
    first: ['ENV A=1'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1')],
    askedSecond: { options: ['--cache-ttl', '1ms'] },
  });
  trap(shared, 'BL5: another format of images', {
    first: ['ENV A=1'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1')],
    askedSecond: { options: ['--format', 'docker'] },
  });
  trap(shared, 'BL6: another time for all files', {
    first: ['ENV A=1'],
    second: ['FROM {base}', miss('LABEL marker={marker}'), miss('ENV A=1')],
    askedSecond: { options: ['--timestamp', '1'] },
  });
  trap(shared, 'BL7: SOURCE_DATE_EPOCH as a build argument', {
    first: ['ENV A=1', 'RUN true'],
    second: [hit('ENV A=1'), hit('RUN true')],
    askedSecond: { options: ['--build-arg', 'SOURCE_DATE_EPOCH=1000'] },
  });
});
