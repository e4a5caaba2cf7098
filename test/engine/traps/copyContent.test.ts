import { chmodSync, renameSync, utimesSync } from 'node:fs';
import { fails, hit, miss } from './lines.js';
import type { Scenario } from './scenario.js';
import { describeTraps, trap } from './trap.js';

const edit =
  (path: string, content = 'changed\n') =>
  (scenario: Scenario): void =>
    scenario.write(path, content);

await describeTraps('the content of COPY', (shared) => {
  trap(shared, 'T31: the value of a variable in a here-document', {
    second: ['ARG V', miss('COPY <<EOF /x\nvalue $V\nEOF')],
    askedFirst: { options: ['--build-arg', 'V=1'] },
    askedSecond: { options: ['--build-arg', 'V=2'] },
  });
  trap(shared, 'T32: touch of a copied file', {
    second: [hit('COPY a.txt /a')],
    change: (scenario) => utimesSync(scenario.path('a.txt'), new Date(), new Date()),
  });
  trap(shared, 'T33: chmod of a copied file', {
    second: [miss('COPY a.txt /a')],
    change: (scenario) => chmodSync(scenario.path('a.txt'), 0o755),
  });
  trap(shared, 'T36: a file that no COPY takes changes', {
    second: [hit('COPY a.txt /a')],
    change: edit('b.txt'),
  });
  trap(shared, 'T37: an ignored file changes', {
    files: { '.dockerignore': 'b.txt\n' },
    second: [hit('COPY . /c')],
    change: edit('b.txt'),
  });
  trap(shared, 'T38: a comment in .dockerignore, which is copied itself', {
    files: { '.dockerignore': 'b.txt\n' },
    second: [miss('COPY . /c')],
    change: edit('.dockerignore', '# why\nb.txt\n'),
  });
  trap(shared, 'T39: a comment in a .dockerignore that ignores itself', {
    files: { '.dockerignore': 'b.txt\n.dockerignore\n' },
    second: [hit('COPY . /c')],
    change: edit('.dockerignore', '# why\nb.txt\n.dockerignore\n'),
  });
  trap(shared, 'T40: a comment in a Dockerfile that is copied itself', {
    first: ['COPY . /c'],
    second: [miss('COPY . /c'), '# why'],
  });
  trap(shared, 'T46: a file that --exclude leaves out changes', {
    second: [hit('COPY --exclude=*.log d /d')],
    change: edit('d/y.log'),
  });
  trap(shared, 'I27: a wildcard that matches nothing', {
    first: ['COPY nothing* /n/', 'RUN echo 1'],
    second: [hit('COPY nothing* /n/'), hit('RUN echo 1')],
    change: edit('a.txt'),
  });
  trap(shared, 'I27: a wildcard that matches nothing is added', {
    first: ['RUN echo 1'],
    second: [hit('RUN echo 1'), miss('COPY nothing* /n/')],
  });
  trap(shared, 'S35: the folder before a wildcard goes away', {
    problems: ['copy-source-missing'],
    first: ['COPY d/?.txt /t/'],
    second: [fails('COPY d/?.txt /t/')],
    change: (scenario) => renameSync(scenario.path('d'), scenario.path('e')),
  });
  trap(shared, 'S35: the folder before a wildcard becomes a file', {
    problems: ['copy-source-missing'],
    first: ['COPY d/?.txt /t/'],
    second: [fails('COPY d/?.txt /t/')],
    change: (scenario) => {
      renameSync(scenario.path('d'), scenario.path('e'));
      scenario.write('d', 'no folder\n');
    },
  });
  trap(shared, 'S35: the folder before a wildcard that found nothing goes away', {
    first: ['COPY d/nothing* /n/', 'COPY d /d'],
    second: [hit('COPY d/nothing* /n/')],
    change: (scenario) => renameSync(scenario.path('d'), scenario.path('e')),
  });
  trap(shared, 'S35: the folder before a wildcard was never there', {
    problems: ['copy-source-missing'],
    first: ['RUN echo 1'],
    second: [hit('RUN echo 1'), fails('COPY --chmod=644 gone/sub/?.txt /t/')],
  });
  trap(shared, 'S35: the folder before a wildcard comes', {
    first: ['COPY d/nothing* /n/', 'COPY d /d'],
    second: [miss('COPY d/nothing* /n/'), miss('COPY d /d')],
    change: (scenario) => scenario.write('d/nothing.txt', 'something\n'),
  });
});
