import { renameSync } from 'node:fs';
import { hit, miss } from './lines.js';
import type { Scenario } from './scenario.js';
import { describeTraps, trap } from './trap.js';

const rename = (scenario: Scenario): void => renameSync(scenario.path('d'), scenario.path('e'));

await describeTraps('how COPY is written', (shared) => {
  trap(shared, 'T41: a folder above the copied file gets another name', {
    first: ['COPY d/x.txt /x'],
    second: [hit('COPY e/x.txt /x')],
    change: rename,
  });
  trap(shared, 'T42: the copied folder gets another name', {
    first: ['COPY d /q'],
    second: [miss('COPY e /q')],
    change: rename,
  });
  trap(shared, 'T43: a slash at the end of the destination', {
    first: ['COPY d /q'],
    second: [miss('COPY d /q/')],
  });
  trap(shared, 'T44: two sources change places', {
    first: ['COPY a.txt b.txt /m/'],
    second: [miss('COPY b.txt a.txt /m/')],
  });
  trap(shared, 'T45: COPY becomes ADD', {
    first: ['COPY a.txt /a'],
    second: [miss('ADD a.txt /a')],
  });
});
