import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hit, miss } from './lines.js';
import type { Scenario } from './scenario.js';
import { describeTraps, trap } from './trap.js';

const SECRET = { options: ['--secret', 'id=k,src={aside}/secret'] };
const secret =
  (content: string) =>
  (scenario: Scenario): void =>
    writeFileSync(join(scenario.aside, 'secret'), content);
const edit =
  (path: string) =>
  (scenario: Scenario): void =>
    scenario.write(path, 'changed\n');

await describeTraps('mounts of RUN', (shared) => {
  trap(shared, 'T54: a bind mount of one file, another file changes', {
    second: [hit('RUN --mount=type=bind,source=a.txt,target=/m cat /m')],
    change: edit('b.txt'),
  });
  trap(shared, 'T55: a bind mount of the whole context, another file changes', {
    second: [miss('RUN --mount=type=bind,target=/m cat /m/a.txt')],
    change: edit('b.txt'),
  });
  trap(shared, 'T56: another content of a secret', {
    prepare: secret('one'),
    second: [hit('RUN --mount=type=secret,id=k cat /run/secrets/k')],
    asked: SECRET,
    change: secret('two'),
  });
  trap(shared, 'T57: a required secret is missing (P01c)', {
    prepare: secret('one'),
    second: [hit('RUN --mount=type=secret,id=k,required=true cat /run/secrets/k')],
    askedFirst: SECRET,
  });
  trap(shared, 'T58: another id of a cache mount', {
    first: ['RUN --mount=type=cache,target=/c,id=one-{marker} echo 1'],
    second: [hit('RUN --mount=type=cache,target=/c,id=two-{marker} echo 1')],
  });
  trap(shared, 'T59: a cache mount without an id becomes locked', {
    first: ['RUN --mount=type=cache,target=/c-{marker} echo 1'],
    second: [miss('RUN --mount=type=cache,target=/c-{marker},sharing=locked echo 1')],
  });
  trap(shared, 'P02h: a cache mount gets an owner', {
    first: ['RUN --mount=type=cache,target=/c-{marker} echo 1'],
    second: [miss('RUN --mount=type=cache,target=/c-{marker},uid=1000 echo 1')],
  });
});
