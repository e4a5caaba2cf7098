import { afterEach, vi } from 'vitest';
import { hit, miss } from './lines.js';
import { describeTraps, trap } from './trap.js';

const BOTH_HIT = [hit('RUN echo 1'), hit('COPY a.txt /a')];
const BOTH_MISS = [miss('RUN echo 1'), miss('COPY a.txt /a')];
const EVERY_RUN = ['FROM {base}', miss('RUN : {marker}'), ...BOTH_MISS];

await describeTraps('options of the build', (shared) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  trap(shared, 'T15: SOURCE_DATE_EPOCH before a WORKDIR', {
    second: [miss('WORKDIR /w'), miss('RUN echo 1')],
    askedSecond: { options: ['--build-arg', 'SOURCE_DATE_EPOCH=1'] },
  });
  trap(shared, 'T68: SOURCE_DATE_EPOCH in the environment of the client', {
    second: [miss('WORKDIR /w')],
    change: () => void vi.stubEnv('SOURCE_DATE_EPOCH', '1'),
  });
  trap(shared, 'T60: another address of an extra host', {
    second: BOTH_HIT,
    askedFirst: { options: ['--add-host', 'foo:1.2.3.4'] },
    askedSecond: { options: ['--add-host', 'foo:1.2.3.5'] },
  });
  trap(shared, 'T61: an extra host is added', {
    second: EVERY_RUN,
    askedSecond: { options: ['--add-host', 'foo:1.2.3.4'] },
  });
  trap(shared, 'T62: a label is added', {
    second: BOTH_HIT,
    askedSecond: { buildOnly: ['--label', 'a=b'] },
  });
  trap(shared, 'T63: --no-cache with a WORKDIR right after FROM (O08)', {
    second: ['FROM {base}', hit('WORKDIR /w-{marker}'), miss('RUN echo 1')],
    askedSecond: { options: ['--no-cache'] },
  });
  trap(shared, 'T69: --shm-size', {
    second: EVERY_RUN,
    askedSecond: { options: ['--shm-size', '128m'] },
  });
  trap(shared, 'T69: --ulimit', {
    second: EVERY_RUN,
    askedSecond: { options: ['--ulimit', 'nofile=1024:2048'] },
  });
  trap(shared, 'X06: --provenance=false', {
    second: BOTH_HIT,
    askedSecond: { buildOnly: ['--provenance=false'] },
  });
  trap(shared, 'V01: FROM scratch with COPY and WORKDIR for another platform', {
    second: ['FROM scratch', hit('COPY a.txt /a-{marker}'), hit('WORKDIR /w-{marker}')],
    askedSecond: { options: ['--platform', 'linux/arm64'] },
  });
});
