import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { fails, hit, miss } from '../engine/traps/lines.js';
import type { Scenario } from '../engine/traps/scenario.js';
import { trap, type Trap } from '../engine/traps/trap.js';
import { describePodmanTraps } from './traps.js';

// Rows of the table of observed mutations (shared notes, B.8), by their numbers there.

type Act = (scenario: Scenario) => void;

const edit =
  (path: string, content = 'changed\n'): Act =>
  (scenario) =>
    scenario.write(path, content);

const link =
  (target: string, path: string): Act =>
  (scenario) => {
    rmSync(scenario.path(path), { force: true });
    symlinkSync(target, scenario.path(path));
  };

const chmod =
  (path: string, mode: number): Act =>
  (scenario) =>
    chmodSync(scenario.path(path), mode);

const ALL_HIT = [hit('COPY a.txt /a'), hit('COPY d /d'), hit('RUN cat /a'), hit('CMD ["a"]')];
const ALL_MISS = [miss('COPY a.txt /a'), miss('COPY d /d'), miss('RUN cat /a'), miss('CMD ["a"]')];
const FROM_FOLDER = [hit('COPY a.txt /a'), miss('COPY d /d'), miss('RUN cat /a')];

const folder = (outcome: typeof hit): Trap['second'] => [outcome('COPY d /d')];

await describePodmanTraps('the content of COPY', (shared) => {
  trap(shared, 'B1: nothing changes', { second: ALL_HIT });
  trap(shared, 'B2: times of files and folders', {
    second: ALL_HIT,
    change: (scenario) => {
      for (const path of ['a.txt', 'd', 'd/x.txt']) utimesSync(scenario.path(path), new Date(1e12), new Date(1e12));
    },
  });
  trap(shared, 'B3: content', { second: ALL_MISS, change: edit('a.txt', 'z\n') });
  trap(shared, 'B4: chmod of a file', { second: ALL_MISS, change: chmod('a.txt', 0o755) });
  trap(shared, 'B5: setuid of a file', { second: ALL_HIT, change: chmod('a.txt', 0o4644) });
  trap(shared, 'B6: the sticky bit of a file', { second: ALL_MISS, change: chmod('a.txt', 0o1644) });
  trap(shared, 'B7: chmod of a folder below', { second: FROM_FOLDER, change: chmod('d/sub', 0o700) });
  trap(shared, 'B8: chmod of the copied folder itself', { second: ALL_HIT, change: chmod('d', 0o700) });
  trap(shared, 'B9: owner on this machine', {
    second: ALL_HIT,
    change: (scenario) => chownSync(scenario.path('a.txt'), 1234, 1234),
  });
  trap(shared, 'B10: an attribute of the user', {
    second: ALL_MISS,
    change: (scenario) => {
      const script = 'import os, sys; os.setxattr(sys.argv[1], "user.note", b"1")';
      execFileSync('python3', ['-c', script, scenario.path('a.txt')], { timeout: 10_000 });
    },
  });
  trap(shared, 'B11: a file of the folder gets another name', {
    second: FROM_FOLDER,
    change: (scenario) => renameSync(scenario.path('d/x.txt'), scenario.path('d/w.txt')),
  });
  trap(shared, 'B12: the copied folder gets another name', {
    first: ['COPY d /d'],
    second: [hit('COPY e /d')],
    change: (scenario) => renameSync(scenario.path('d'), scenario.path('e')),
  });
  trap(shared, 'B13b: steps on scratch, the first without a layer', {
    second: [
      ...[
        'FROM scratch',
        hit('WORKDIR /{marker}'),
        hit('COPY a.txt /a'),
        hit('COPY --link b.txt /b'),
        hit('CMD ["a"]'),
      ],
    ],
  });
  trap(shared, 'B13: a file that nothing takes', { second: ALL_HIT, change: edit('b.txt') });
  trap(shared, 'B14: an empty folder is added', {
    second: FROM_FOLDER,
    change: (scenario) => mkdirSync(scenario.path('d/empty')),
  });
  trap(shared, 'B15: a link leads to another file', {
    second: folder(miss),
    prepare: link('x.txt', 'd/l'),
    change: link('y.log', 'd/l'),
  });
  trap(shared, 'B16: a link that leads nowhere leads elsewhere', {
    second: folder(miss),
    prepare: link('nowhere', 'd/l'),
    change: link('elsewhere', 'd/l'),
  });
  trap(shared, 'B17: what a link in the folder leads to', {
    second: folder(hit),
    prepare: link('../b.txt', 'd/l'),
    change: edit('b.txt'),
  });
  const pattern = 'COPY d/* /p/';
  for (const [what, target] of [
    ['leads nowhere', 'nowhere'],
    ['goes in circles', 'l'],
    ['leads to what is ignored', '../b.txt'],
  ] as const) {
    trap(shared, `B17b: a link that a pattern finds ${what}`, {
      files: { '.dockerignore': 'b.txt\nDockerfile\n' },
      ...{ first: ['RUN true', pattern], second: [hit('RUN true'), fails(pattern)] },
      ...{ problems: ['copy-source-missing'], change: link(target, 'd/l') },
    });
  }
  trap(shared, 'B17c: a link that a pattern finds, but which is ignored', {
    files: { '.dockerignore': 'd/l\nDockerfile\n' },
    second: [hit(pattern)],
    change: link('x.txt', 'd/l'),
  });
  trap(shared, 'B17d: a link that a pattern finds leads past the root of the context', {
    second: [miss(pattern)],
    prepare: link('../../../a.txt', 'd/l'),
    change: edit('a.txt'),
  });
  const withoutFolder = 'COPY --exclude=d/sub d/* a.txt /p/';
  trap(shared, 'B17e: a folder that a pattern finds, and which is excluded', {
    ...{ first: [withoutFolder], second: [hit(withoutFolder)] },
    change: edit('d/sub/z.txt'),
  });
  const exceptOne = 'COPY --exclude=d/sub --exclude=!d/sub/z.txt d/* a.txt /p/';
  trap(shared, 'B17f: a folder that a pattern finds, and which is excluded but for one file', {
    ...{ first: [exceptOne], second: [miss(exceptOne)] },
    change: edit('d/sub/z.txt'),
  });
  trap(shared, 'B17g: a folder that is named becomes an ignored one', {
    files: { '.dockerignore': 'b.txt\nDockerfile\n' },
    ...{ first: ['RUN true', 'COPY a.txt d /p/'], second: [hit('RUN true'), fails('COPY a.txt d /p/')] },
    problems: ['copy-source-missing'],
    change: (scenario) => scenario.write('.dockerignore', 'd\nDockerfile\n'),
  });
  trap(shared, 'B18: content of a hard link', {
    second: folder(miss),
    prepare: (scenario) => linkSync(scenario.path('d/x.txt'), scenario.path('d/z.txt')),
    change: edit('d/z.txt'),
  });
  trap(shared, 'B19: two names of a file become two files', {
    second: folder(miss),
    prepare: (scenario) => linkSync(scenario.path('d/x.txt'), scenario.path('d/z.txt')),
    change: (scenario) => {
      rmSync(scenario.path('d/z.txt'));
      scenario.write('d/z.txt', 'x\n');
    },
  });
  trap(shared, 'B113: a renamed file that is copied to a name', {
    first: ['COPY a.txt /a'],
    second: [hit('COPY e.txt /a')],
    change: (scenario) => renameSync(scenario.path('a.txt'), scenario.path('e.txt')),
  });
  trap(shared, 'B113b: a renamed file that is copied to a folder', {
    first: ['COPY a.txt /a/'],
    second: [miss('COPY e.txt /a/')],
    change: (scenario) => renameSync(scenario.path('a.txt'), scenario.path('e.txt')),
  });
  trap(shared, 'B116: a comment in a Dockerfile that is copied', {
    first: ['COPY . /c'],
    second: [miss('COPY . /c'), '# why'],
  });
  trap(shared, 'B117: a comment in a Dockerfile that is ignored', {
    files: { '.dockerignore': 'Dockerfile\n' },
    first: ['COPY . /c'],
    second: [hit('COPY . /c'), '# why'],
  });
  trap(shared, 'B118: an ignored file changes', {
    files: { '.dockerignore': '**/*.log\n' },
    second: folder(hit),
    change: edit('d/y.log'),
  });
  trap(shared, 'B119: .containerignore wins over .dockerignore', {
    files: { '.dockerignore': '**/*.log\n', '.containerignore': 'b.txt\n' },
    second: folder(miss),
    change: edit('d/y.log'),
  });
  trap(shared, 'B120: a Dockerfile outside of the context', {
    files: { '.dockerignore': 'b.txt\n' },
    asked: { file: '{aside}/Dockerfile' },
    second: [hit('COPY . /c')],
  });
  trap(shared, 'B160: a file that --exclude leaves out', {
    // the pattern is relative to the context, not to the source
    second: [hit('COPY --exclude=**/*.log d /d'), miss('COPY --exclude=*.log d /e')],
    change: edit('d/y.log'),
  });
});
