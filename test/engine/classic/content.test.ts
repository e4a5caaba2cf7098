import { chmodSync, chownSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { hit, miss } from '../traps/lines.js';
import type { Scenario } from '../traps/scenario.js';
import { describeClassicTraps, trap, type Trap } from '../traps/trap.js';

// Rows of the table of observed mutations (shared notes, A.5), by their numbers there.

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

/** A file, a folder and what stands on them. */
const ALL_MISS = [miss('COPY a.txt /a'), miss('COPY d /d'), miss('RUN cat /a'), miss('CMD ["a"]')];
const FROM_FOLDER = [hit('COPY a.txt /a'), miss('COPY d /d'), miss('RUN cat /a'), miss('CMD ["a"]')];
const ALL_HIT = [hit('COPY a.txt /a'), hit('COPY d /d'), hit('RUN cat /a'), hit('CMD ["a"]')];

const folder = (outcome: typeof hit): Trap['second'] => [outcome('COPY d /d')];

await describeClassicTraps('the content of COPY', (shared) => {
  trap(shared, 'C1: nothing changes', { second: ALL_HIT });
  trap(shared, 'C2: times of files and folders', {
    second: ALL_HIT,
    change: (scenario) => {
      for (const path of ['a.txt', 'd', 'd/x.txt']) utimesSync(scenario.path(path), new Date(1e12), new Date(1e12));
    },
  });
  trap(shared, 'C3: content of the same size with the same times', {
    second: ALL_MISS,
    prepare: (scenario) => utimesSync(scenario.path('a.txt'), new Date(1e12), new Date(1e12)),
    change: (scenario) => {
      scenario.write('a.txt', 'z\n');
      utimesSync(scenario.path('a.txt'), new Date(1e12), new Date(1e12));
    },
  });
  trap(shared, 'C4: chmod of a file', { second: ALL_MISS, change: chmod('a.txt', 0o755) });
  trap(shared, 'C4b: setuid of a file', { second: ALL_MISS, change: chmod('a.txt', 0o4644) });
  trap(shared, 'C5: chmod of a folder below', { second: FROM_FOLDER, change: chmod('d/sub', 0o700) });
  trap(shared, 'C5b: chmod of the folder itself', { second: FROM_FOLDER, change: chmod('d', 0o700) });
  trap(shared, 'C6: owner on this machine', {
    second: ALL_HIT,
    change: (scenario) => chownSync(scenario.path('a.txt'), 1234, 1234),
  });
  trap(shared, 'C8: a file of the folder gets another name', {
    second: FROM_FOLDER,
    change: (scenario) => renameSync(scenario.path('d/x.txt'), scenario.path('d/w.txt')),
  });
  trap(shared, 'C9: a file that nothing takes', { second: ALL_HIT, change: edit('b.txt') });
  trap(shared, 'C10: an empty folder is added', {
    second: FROM_FOLDER,
    change: (scenario) => mkdirSync(scenario.path('d/empty')),
  });
  trap(shared, 'C11: a link leads to another file', {
    second: folder(miss),
    prepare: link('x.txt', 'd/l'),
    change: link('y.log', 'd/l'),
  });
  trap(shared, 'C12: a link that leads nowhere leads elsewhere', {
    second: folder(hit),
    prepare: link('nowhere', 'd/l'),
    change: link('elsewhere', 'd/l'),
    problems: ['change-unnoticed'],
  });
  trap(shared, 'C13: a link leads to the same file in other words', {
    second: folder(hit),
    prepare: link('x.txt', 'd/l'),
    change: link('./x.txt', 'd/l'),
    problems: ['change-unnoticed'],
  });
  trap(shared, 'C14: what a link in the folder leads to, outside of it', {
    second: folder(miss),
    prepare: link('../b.txt', 'd/l'),
    change: edit('b.txt'),
  });
  trap(shared, 'C15: the second name of a hard link, whose content changed', {
    second: [hit('COPY z.txt /z')],
    prepare: (scenario) => linkSync(scenario.path('b.txt'), scenario.path('z.txt')),
    change: edit('b.txt'),
    problems: ['change-unnoticed'],
  });
  trap(shared, 'C15b: the first name of a hard link, whose content changed', {
    second: [miss('COPY b.txt /z')],
    prepare: (scenario) => linkSync(scenario.path('b.txt'), scenario.path('z.txt')),
    change: edit('z.txt'),
  });
  trap(shared, 'C16: two names of a file become two files', {
    second: folder(miss),
    prepare: (scenario) => linkSync(scenario.path('d/x.txt'), scenario.path('d/z.txt')),
    change: (scenario) => {
      rmSync(scenario.path('d/z.txt'));
      scenario.write('d/z.txt', 'x\n');
    },
  });
  trap(shared, 'C-link: a link as source leads to a file of the same content', {
    // the target's own entry is hashed, and its name is in it
    second: [miss('COPY l /l')],
    prepare: link('a.txt', 'l'),
    change: (scenario) => {
      scenario.write('a2.txt', 'a\n');
      link('a2.txt', 'l')(scenario);
    },
  });
  trap(shared, 'C-loop: a link that leads to itself is left out', {
    second: folder(hit),
    change: link('l', 'd/l'),
  });
});

await describeClassicTraps('the Dockerfile and .dockerignore in the context', (shared) => {
  trap(shared, 'C120: a comment in a Dockerfile that is copied', {
    first: ['COPY . /c'],
    second: [miss('COPY . /c'), '# why'],
  });
  trap(shared, 'C121: a comment in a Dockerfile that is ignored', {
    files: { '.dockerignore': 'Dockerfile\n.dockerignore\n' },
    first: ['COPY . /c'],
    second: [hit('COPY . /c'), '# why'],
  });
  trap(shared, 'C122: a comment in an ignore file that is copied', {
    files: { '.dockerignore': 'b.txt\n' },
    second: [miss('COPY . /c')],
    change: edit('.dockerignore', '# why\nb.txt\n'),
  });
  trap(shared, 'C123: a comment in an ignore file that ignores itself', {
    files: { '.dockerignore': 'b.txt\n.dockerignore\n' },
    second: [hit('COPY . /c')],
    change: edit('.dockerignore', '# why\nb.txt\n.dockerignore\n'),
  });
  trap(shared, 'C124: a file of a copied folder is ignored from now on', {
    files: { '.dockerignore': '# nothing\n' },
    second: [hit('COPY a.txt /a'), miss('COPY d /d')],
    change: edit('.dockerignore', '**/*.log\n'),
  });
  trap(shared, 'C125: an ignored file changes', {
    files: { '.dockerignore': '**/*.log\n' },
    second: [hit('COPY d /d')],
    change: edit('d/y.log'),
  });
  trap(shared, 'C125b: Dockerfile.dockerignore is nothing but a file', {
    files: { 'Dockerfile.dockerignore': '**/*.log\n' },
    second: [miss('COPY d /d')],
    change: edit('d/y.log'),
  });
  trap(shared, 'C126: a Dockerfile outside of a context without ignore file', {
    asked: { file: '{aside}/Dockerfile' },
    second: [hit('COPY . /c')],
  });
  trap(shared, 'C127: a Dockerfile outside of a context whose ignore file is copied', {
    files: { '.dockerignore': 'b.txt\n' },
    asked: { file: '{aside}/Dockerfile' },
    // docker appends a name to the ignore file that is another one each time
    second: [miss('COPY . /c')],
  });
  trap(shared, 'C128: a Dockerfile outside of a context whose ignore file ignores itself', {
    files: { '.dockerignore': 'b.txt\n.dockerignore\n' },
    asked: { file: '{aside}/Dockerfile' },
    second: [hit('COPY . /c')],
  });
});
