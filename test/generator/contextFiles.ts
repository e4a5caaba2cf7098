import type { Entry, Files } from './project.js';
import type { Random } from './random.js';

export function file(content: string, mode = 0o644): Entry {
  return { kind: 'file', content, mode };
}

/** Lines of text; now and then empty, without a final newline, or a few kilobytes. */
export function randomContent(random: Random): string {
  return random.weighted<() => string>([
    [6, () => `${random.word(8)}\n`],
    [2, () => random.word(3)],
    [1, () => ''],
    [1, () => `${random.word(7)}\n`.repeat(random.int(100, 600))],
    [1, () => `häßlich ${random.word(4)}\n`],
  ])();
}

/** Paths that COPY and ADD may name; they are never ignored unless a mutation does so. */
export interface ContextPlan {
  readonly files: Files;
  /** Folders beside the context that a mutation may swap in. */
  readonly aside: Files;
  readonly dockerfile: string;
  readonly sources: readonly string[];
  readonly directories: readonly string[];
  readonly archives: readonly string[];
  /** Wildcards that match at least one file. */
  readonly patterns: readonly string[];
}

const IGNORE_FILES = [
  'logs\n*.tmp\n',
  '# what the image does not need\n.dockerignore\nlogs/\n**/*.log\n',
  'docs\n!docs/keep.md\n*.tmp\n.git\n',
  '*.tmp\nlogs/*\n!logs/keep.log\nDockerfile\n',
  '**/*.tmp\n**/.cache\n/docs\nDockerfile\n.dockerignore\n',
  '**\n!src\n!conf\n!d\n!*.txt\n!pack.*\n!tool.sh\n!current\n',
  'd/*/x?\nlogs\n\n  docs/guide.md  \n',
];

/** What an ignore file of a project may be called: the one of the Dockerfile wins. */
export function ignoreFileNames(dockerfile: string): readonly string[] {
  return ['.dockerignore', `${dockerfile}.dockerignore`];
}

export function archive(random: Random, gzip: boolean): Entry {
  const members: Record<string, string> = { 'in/one.txt': randomContent(random), 'two.txt': `${random.word()}\n` };
  if (random.chance(0.3)) members['in/deep/three'] = random.word(20);
  return { kind: 'archive', members, gzip, mode: 0o644 };
}

/** A small context: text files, a script, folders, archives, things to ignore, sometimes links, a space, an empty folder. */
export function generateContext(random: Random): ContextPlan {
  const files: Record<string, Entry> = {
    'a.txt': file(randomContent(random)),
    'b.txt': file(randomContent(random)),
    'tool.sh': file('#!/bin/sh\necho tool\n', 0o755),
    'src/main.c': file(`int main(void) { return ${random.int(0, 9)}; }\n`),
    'src/util.c': file(randomContent(random)),
    'src/lib/deep.c': file(randomContent(random)),
    'conf/app.json': file(`{ "n": ${random.int(0, 99)} }\n`),
    'd/b': file(randomContent(random)),
    'd/a/c': file(randomContent(random)),
    'logs/today.log': file(randomContent(random)),
    'logs/keep.log': file('keep\n'),
    'docs/guide.md': file(randomContent(random)),
    'docs/keep.md': file('kept\n'),
    'scratch.tmp': file(randomContent(random)),
    'pack.tar': archive(random, false),
    'pack.tgz': archive(random, true),
  };
  const sources = ['a.txt', 'b.txt', 'tool.sh', 'src/main.c', 'src/util.c', 'conf/app.json', 'd/b'];
  const directories = ['src', 'conf', 'src/lib', 'd', 'd/a'];
  if (random.chance(0.3)) {
    files['link.txt'] = { kind: 'symlink', target: random.pick(['a.txt', 'conf/app.json']) };
    sources.push('link.txt');
  }
  if (random.chance(0.2)) {
    files['current'] = { kind: 'symlink', target: random.pick(['conf', 'src', './src/lib']) };
    directories.push('current');
  }
  if (random.chance(0.3))
    files['src/inner'] = { kind: 'symlink', target: random.pick(['main.c', '../a.txt', 'nowhere']) };
  if (random.chance(0.2)) files['src/empty'] = { kind: 'dir', mode: 0o755 };
  if (random.chance(0.2)) files['conf/secret.pem'] = file('pem\n', 0o600);
  if (random.chance(0.2)) {
    files['odd name.txt'] = file('odd\n');
    sources.push('odd name.txt');
  }
  const dockerfile = random.chance(0.12) ? 'docker/app.Dockerfile' : 'Dockerfile';
  if (random.chance(0.6)) files['.dockerignore'] = file(random.pick(IGNORE_FILES));
  if (random.chance(0.12)) files[`${dockerfile}.dockerignore`] = file(random.pick(IGNORE_FILES));
  return {
    files,
    aside: {
      'src/main.c': random.chance(0.5) ? (files['src/main.c'] ?? file('')) : file(randomContent(random)),
      'src/util.c': file(randomContent(random)),
      'src/lib/deep.c': files['src/lib/deep.c'] ?? file(''),
      'conf/app.json': random.chance(0.3) ? (files['conf/app.json'] ?? file('')) : file('{}\n'),
    },
    dockerfile,
    sources,
    directories,
    archives: ['pack.tar', 'pack.tgz'],
    patterns: [
      ...['*.txt', 'src/*.c', 's*/main.?', '[ab].txt', '*/main.c', 's?c/*.c', '[sc]*', 'src/*', 'c*/*.json'],
      ...['d/*', '*/*/*.c', '[^b].txt', 's*', '?.txt', '*/a/c', 'd/?'],
    ],
  };
}

/** Edits of an ignore file that keep the sources of the Dockerfile (mostly). */
export function randomIgnoreEdit(random: Random, current: string | undefined): string {
  if (current === undefined || random.chance(0.3)) return random.pick(IGNORE_FILES);
  return random.pick([
    `${current}# note ${random.word(3)}\n`,
    `${current}*.${random.word(3)}\n`,
    `${current}conf/secret.pem\n`,
    `${current}!scratch.tmp\n`,
    `${current}src/lib/*\n`,
    `${current}d/a\n!d/a/c\n`,
    `${current}**/u*.c\n`,
  ]);
}
