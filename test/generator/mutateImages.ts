import { file, ignoreFileNames } from './contextFiles.js';
import type { MutationSource } from './mutate.js';
import type { Mutation, Project } from './project.js';
import type { Random } from './random.js';

/**
 * What counts for builders that compare an instruction's words and a file's attributes, and for BuildKit mostly does
 * not: order, quotes and spelling of metadata; links, modes and names in copied folders; the Dockerfile in the context.
 */
export function imageCacheMutation(source: MutationSource, project: Project): Mutation | undefined {
  const { random } = source;
  return random.weighted<() => Mutation | undefined>([
    [10, () => spelling(random, project)],
    [4, () => otherValue(random, project)],
    [8, () => attribute(random)],
    [3, () => ignoreFile(source, project)],
  ])();
}

type Rewrite = readonly [wanted: RegExp, change: (text: string, random: Random) => string];

const swapWords = (text: string): string => text.replace(/^(\w+) (\S+) (\S+)(.*)$/s, '$1 $3 $2$4');

/** The same thing in other words; whether the builder sees it that way is the question. */
const SPELLINGS: readonly Rewrite[] = [
  [/^(?:ENV|LABEL) \w+=[^\s"'$\\]+ \w+=[^\s"'$\\]+$/, swapWords],
  [/^EXPOSE \S+ \S+$/, swapWords],
  [/^VOLUME \["/, (text) => `VOLUME ${(/\[(.*)\]/.exec(text)?.[1] ?? '').replace(/[",]+/g, ' ').trim()}`],
  [/^VOLUME \/\w+$/, (text) => `VOLUME ["${text.slice(7)}"]`],
  [/^(?:ENV|LABEL) \w+=[^\s"'$\\]+$/, (text) => text.replace(/=(.*)$/, '="$1"')],
  [/^(?:ENV|LABEL) \w+="[^\s"$\\]+"$/, (text) => text.replace(/"/g, '')],
  [/^ENV \w+=[^\s"'$\\]+$/, (text) => text.replace('=', ' ')],
  [/^ENV \w+=[^\s"'$\\]+ \w+=[^\s"'$\\]+$/, (text) => text.replace(/^(ENV \S+) (\S+)$/, '$1\nENV $2')],
  [/^CMD echo \w+$/, (text) => `CMD ["/bin/sh", "-c", "${text.slice(4)}"]`],
  [/^(?:CMD|ENTRYPOINT|SHELL|RUN) \[/, (text) => text.replace(/", "/g, '","')],
  [/^RUN echo \w+ > \S+$/, (text) => `RUN ["/bin/sh", "-c", "${text.slice(4)}"]`],
  [/^RUN [a-z]+ /, (text) => text.replace(/^(RUN \S+) /, '$1  ')],
  [/^(?:COPY|ADD) [\w./]+ \/\w+$/, (text, random) => `${text}${random.pick(['/', '/x', ''])}`],
  [/^(?:COPY|ADD) [\w./]+ \/\w+\/$/, (text) => text.slice(0, -1)],
  [/^(?:COPY|ADD) \w[\w./]* \S+$/, (text) => text.replace(/^(\w+) /, '$1 ./')],
  [/^(?:COPY|ADD) [\w./]+ \S+$/, (text) => text.replace(/^(\w+) (\S+) (\S+)$/, '$1 ["$2", "$3"]')],
  [/^(?:COPY|ADD) [\w./]+ [\w./]+ \S+$/, swapWords],
  [/^COPY [\w./]+ \S+$/, (text) => text.replace('COPY', 'ADD')],
  [/^COPY (?!--)/, (text) => text.replace('COPY', 'COPY --chown=0:0')],
  [/^EXPOSE \d+\/tcp$/, (text) => text.replace('/tcp', '')],
  [/^WORKDIR \/\w+$/, (text) => `${text}/`],
  [/^WORKDIR \/\w+\/$/, (text) => text.slice(0, -1)],
  [/^USER (?:root|0)$/, (text) => (text.endsWith('0') ? 'USER root' : 'USER 0')],
];

function rewritten(random: Random, project: Project, rewrites: readonly Rewrite[], why: string): Mutation | undefined {
  const { blocks } = project;
  const unique = blocks.filter((block) => blocks.indexOf(block) === blocks.lastIndexOf(block));
  const candidates = rewrites.flatMap(([wanted, change]) =>
    unique
      .filter((block) => wanted.test(block) && !block.startsWith('WORKDIR /marker'))
      .map((from) => ({ from, change })),
  );
  if (candidates.length === 0) return undefined;
  const { from, change } = random.pick(candidates);
  return { kind: 'set-block', from, to: change(from, random), why };
}

const spelling = (random: Random, project: Project): Mutation | undefined =>
  rewritten(random, project, SPELLINGS, 'another spelling');

const VALUES: readonly Rewrite[] = [
  [
    /^HEALTHCHECK/,
    (_, random) => random.pick(['HEALTHCHECK CMD false', 'HEALTHCHECK --retries=3 CMD true', 'HEALTHCHECK NONE']),
  ],
  [/^MAINTAINER/, (_, random) => `MAINTAINER ${random.word(4)}`],
  [/^STOPSIGNAL/, (_, random) => `STOPSIGNAL ${random.pick(['9', 'SIGKILL', 'SIGTERM', '$NOSUCH15'])}`],
  [/^SHELL/i, (_, random) => random.pick(['SHELL ["/bin/sh", "-ec"]', 'SHELL ["/bin/ash", "-c"]'])],
  [/^VOLUME/, (_, random) => `VOLUME /${random.word(3)}`],
  [/^EXPOSE/, (_, random) => `EXPOSE ${random.int(1000, 9000)}`],
  [/^(?:CMD|ENTRYPOINT)/, (text, random) => `${text.split(' ')[0] ?? ''} ["${random.word(3)}"]`],
  [/^ONBUILD RUN/, (text, random) => `${text} && : ${random.word(2)}`],
  [/^USER/, (_, random) => random.pick(['USER root', 'USER 0:0', 'USER 0'])],
  [/^ARG (?!TAG|BASE)\w+=[^\s"'$]+$/, (text, random) => text.replace(/=.*/, `=${random.word(3)}`)],
];

const otherValue = (random: Random, project: Project): Mutation | undefined =>
  rewritten(random, project, VALUES, 'another value');

const IN_FOLDERS = ['src/main.c', 'src/util.c', 'src/lib/deep.c', 'conf/app.json', 'd/b', 'd/a/c'];
const FOLDERS = ['src', 'src/lib', 'conf', 'd', 'd/a'];

/** Links, modes, names and empty folders below what COPY takes as a whole. */
function attribute(random: Random): Mutation {
  const folder = random.pick(FOLDERS);
  const path = random.pick(IN_FOLDERS);
  const up = '../'.repeat(folder.split('/').length);
  return random.weighted<() => Mutation>([
    [
      3,
      () => ({
        kind: 'put',
        path: `${folder}/link`,
        entry: { kind: 'symlink', target: random.pick(LINKS(up)) },
        why: 'link',
      }),
    ],
    [
      2,
      () => ({
        kind: 'put',
        path: random.pick(['a.txt', 'b.txt']),
        entry: file(`${random.word(6)}\n`),
        why: 'behind links',
      }),
    ],
    [2, () => ({ kind: 'hard-link', from: path, to: `${folder}/z${random.word(1)}.hard` })],
    [1, () => ({ kind: 'hard-link', from: path, to: `${path}.hard` })],
    [3, () => ({ kind: 'chmod', path, mode: random.pick([0o4755, 0o2755, 0o1644, 0o600, 0o644, 0o755, 0o444]) })],
    [2, () => ({ kind: 'chmod', path: folder, mode: random.pick([0o700, 0o755, 0o1777, 0o2775]) })],
    [2, () => ({ kind: 'put', path: `${folder}/empty`, entry: { kind: 'dir', mode: 0o755 }, why: 'empty folder' })],
    [1, () => ({ kind: 'remove', path: `${folder}/empty` })],
    [1, () => ({ kind: 'remove', path: `${folder}/link` })],
    [2, () => ({ kind: 'rename', from: path, to: `${folder}/${random.word(3)}` })],
  ])();
}

const LINKS = (up: string): readonly string[] => [
  ...['main.c', 'nowhere', `nowhere${up.length}`, './', 'link', '/etc/passwd'],
  ...[`${up}a.txt`, `${up}b.txt`, `${up}src`, `${up}${up}escape`],
];

/** Whether the Dockerfile and the ignore file are among what `COPY .` takes. */
function ignoreFile({ random, dockerfile }: MutationSource, project: Project): Mutation {
  const podman = dockerfile.around.grammar.dialect === 'buildah' && random.chance(0.3);
  const path = podman ? '.containerignore' : random.pick(ignoreFileNames(project.dockerfile));
  const current = project.files[path];
  const before = current?.kind === 'file' ? current.content : '';
  const line = random.pick([project.dockerfile, '.dockerignore', `${project.dockerfile}\n.dockerignore`, '*ignore']);
  const without = before.replace(new RegExp(`^(?:${project.dockerfile}|\\.dockerignore)\\n`, 'gm'), '');
  return { kind: 'put', path, entry: file(random.chance(0.4) ? without : `${before}${line}\n`), why: 'ignore' };
}
