import type { Entry } from './project.js';
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
  readonly files: Readonly<Record<string, Entry>>;
  readonly sources: readonly string[];
  readonly directories: readonly string[];
  /** Wildcards that match at least one file. */
  readonly patterns: readonly string[];
}

const IGNORE_FILES = [
  'logs\n*.tmp\n',
  '# what the image does not need\n.dockerignore\nlogs/\n**/*.log\n',
  'docs\n!docs/keep.md\n*.tmp\n.git\n',
  '*.tmp\nlogs/*\n!logs/keep.log\nDockerfile\n',
  '**/*.tmp\n**/.cache\n/docs\nDockerfile\n.dockerignore\n',
  '**\n!src\n!conf\n!a.txt\n!b.txt\n!tool.sh\n!link.txt\n!odd name.txt\n',
];

/** A small context: text files, a script, nested folders, things to ignore, sometimes a link, a space, an empty folder. */
export function generateContext(random: Random): ContextPlan {
  const files: Record<string, Entry> = {
    'a.txt': file(randomContent(random)),
    'b.txt': file(randomContent(random)),
    'tool.sh': file('#!/bin/sh\necho tool\n', 0o755),
    'src/main.c': file(`int main(void) { return ${random.int(0, 9)}; }\n`),
    'src/util.c': file(randomContent(random)),
    'src/lib/deep.c': file(randomContent(random)),
    'conf/app.json': file(`{ "n": ${random.int(0, 99)} }\n`),
    'logs/today.log': file(randomContent(random)),
    'logs/keep.log': file('keep\n'),
    'docs/guide.md': file(randomContent(random)),
    'docs/keep.md': file('kept\n'),
    'scratch.tmp': file(randomContent(random)),
  };
  const sources = ['a.txt', 'b.txt', 'tool.sh', 'src/main.c', 'src/util.c', 'conf/app.json'];
  if (random.chance(0.3)) {
    files['link.txt'] = { kind: 'symlink', target: random.pick(['a.txt', 'conf/app.json']) };
    sources.push('link.txt');
  }
  if (random.chance(0.3))
    files['src/inner'] = { kind: 'symlink', target: random.pick(['main.c', '../a.txt', 'nowhere']) };
  if (random.chance(0.2)) files['src/empty'] = { kind: 'dir', mode: 0o755 };
  if (random.chance(0.2)) files['conf/secret.pem'] = file('pem\n', 0o600);
  if (random.chance(0.2)) {
    files['odd name.txt'] = file('odd\n');
    sources.push('odd name.txt');
  }
  if (random.chance(0.6)) files['.dockerignore'] = file(random.pick(IGNORE_FILES));
  return {
    files,
    sources,
    directories: ['src', 'conf', 'src/lib'],
    patterns: ['*.txt', 'src/*.c', 's*/main.?', '[ab].txt'],
  };
}

/** Edits of a `.dockerignore` that keep the sources of the Dockerfile (mostly). */
export function randomIgnoreEdit(random: Random, current: string | undefined): string {
  if (current === undefined || random.chance(0.3)) return random.pick(IGNORE_FILES);
  return random.pick([
    `${current}# note ${random.word(3)}\n`,
    `${current}*.${random.word(3)}\n`,
    `${current}conf/secret.pem\n`,
    `${current}!scratch.tmp\n`,
    `${current}src/lib/*\n`,
  ]);
}
