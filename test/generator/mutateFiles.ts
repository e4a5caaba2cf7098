import { archive, file, ignoreFileNames, randomContent, randomIgnoreEdit } from './contextFiles.js';
import type { MutationSource } from './mutate.js';
import type { Mutation, Project } from './project.js';
import type { Random } from './random.js';

/** Something that happens to the files of the context. */
export function fileMutation(source: MutationSource, project: Project): Mutation | undefined {
  const { random } = source;
  return random.weighted<() => Mutation | undefined>([
    [9, () => editFile(random, project)],
    [2, () => ({ kind: 'rewrite', path: somePath(random, project) })],
    [2, () => ({ kind: 'touch', path: somePath(random, project) })],
    [0.7, () => sneak(random, project)],
    [2.5, () => changeMode(random, project)],
    [2, () => addFile(random)],
    [1.5, () => remove(random, project)],
    [1.5, () => rename(random, project)],
    [2, () => renameDeep(random, project)],
    [2, () => editIgnored(random)],
    [2, () => editIgnoreFile(random, project)],
    [1, () => editArchive(source, project)],
    [1.2, () => replaceKind(random, project)],
    [0.7, () => hardLink(random, project)],
    [1, () => ({ kind: 'swap-folder', path: random.pick(['src', 'conf']) })],
    [1, () => checkout(random, project)],
  ])();
}

function filesOf(project: Project): string[] {
  return Object.entries(project.files)
    .filter(([path, entry]) => entry.kind === 'file' && !path.endsWith('.dockerignore'))
    .map(([path]) => path);
}

/** Folders in the context, but not the one with the Dockerfile: without it there is nothing to build. */
function foldersOf(project: Project): string[] {
  const folders = Object.keys(project.files).flatMap((path) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  return [...new Set(folders)].filter((folder) => !project.dockerfile.startsWith(`${folder}/`));
}

/** Files that the Dockerfile takes by name or with their folder (as far as the words tell). */
function usedFiles(project: Project): string[] {
  const words = new Set(
    project.blocks
      .filter((block) => /^(?:COPY|ADD|RUN)/i.test(block))
      .flatMap((block) => block.split(/[\s",=]+/).map((word) => word.replace(/^\.?\/|\/$/g, ''))),
  );
  return filesOf(project).filter((path) => {
    const parts = path.split('/');
    return parts.some((_, index) => words.has(parts.slice(0, index + 1).join('/')));
  });
}

function somePath(random: Random, project: Project): string {
  const used = random.chance(0.6) ? usedFiles(project) : [];
  const files = used.length > 0 ? used : filesOf(project);
  return files.length > 0 ? random.pick(files) : 'a.txt';
}

function editFile(random: Random, project: Project): Mutation | undefined {
  const path = somePath(random, project);
  const entry = project.files[path];
  if (entry?.kind !== 'file') return undefined;
  // now and then a text of the same length: only its bytes tell
  const content = random.weighted([
    [4, `${entry.content}${random.word()}\n`],
    [4, randomContent(random)],
    [2, random.word(Buffer.byteLength(entry.content))],
  ]);
  return { kind: 'put', path, entry: { ...entry, content }, why: 'edit' };
}

function sneak(random: Random, project: Project): Mutation | undefined {
  const path = somePath(random, project);
  const entry = project.files[path];
  if (entry?.kind !== 'file' || !/^[ -~\n]+$/.test(entry.content)) return undefined;
  return { kind: 'sneak', path, content: random.word(entry.content.length) };
}

function changeMode(random: Random, project: Project): Mutation {
  const folders = foldersOf(project);
  if (folders.length > 0 && random.chance(0.3))
    return { kind: 'chmod', path: random.pick(folders), mode: random.pick([0o700, 0o755, 0o775, 0o1777]) };
  return { kind: 'chmod', path: somePath(random, project), mode: random.pick([0o600, 0o644, 0o664, 0o755, 0o4755]) };
}

function addFile(random: Random): Mutation {
  const folder = random.pick(['', 'src/', 'src/lib/', 'conf/', 'new/', 'logs/', 'd/', 'd/a/', 'd/a/deep/']);
  const path = `${folder}${random.word(4)}${random.pick(['.txt', '.c', '.tmp', '.log', ''])}`;
  const entry = random.weighted([
    [8, file(randomContent(random))],
    [1, { kind: 'dir', mode: 0o755 }],
    [1, { kind: 'symlink', target: random.pick(['a.txt', 'src', '../b.txt', 'none']) }],
  ] as const);
  return { kind: 'put', path, entry, why: 'add' };
}

function remove(random: Random, project: Project): Mutation {
  const folders = foldersOf(project);
  return {
    kind: 'remove',
    path: folders.length > 0 && random.chance(0.15) ? random.pick(folders) : somePath(random, project),
  };
}

function editIgnored(random: Random): Mutation {
  const path = random.pick(['logs/today.log', 'scratch.tmp', 'docs/guide.md', 'docs/keep.md', 'logs/keep.log']);
  return { kind: 'put', path, entry: file(randomContent(random)), why: 'edit' };
}

function rename(random: Random, project: Project): Mutation {
  const from = somePath(random, project);
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : '';
  return { kind: 'rename', from, to: `${folder}${random.word(4)}.txt` };
}

/** A file one folder deeper or higher, or a folder under another name or in another folder. */
function renameDeep(random: Random, project: Project): Mutation | undefined {
  const folders = foldersOf(project);
  if (folders.length === 0) return undefined;
  const folder = random.pick(folders);
  const path = somePath(random, project);
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  return random.pick<() => Mutation>([
    () => ({ kind: 'rename', from: folder, to: `${folder}2` }),
    () => ({ kind: 'rename', from: folder, to: `${random.pick(folders)}/${folder.split('/').at(-1) ?? ''}` }),
    () => ({ kind: 'rename', from: path, to: `${random.pick(folders)}/${name}` }),
    () => ({ kind: 'rename', from: path, to: [...parts.slice(0, -2), name].join('/') }),
    () => ({ kind: 'rename', from: path, to: [...parts.slice(0, -1), 'a', name].join('/') }),
    () => ({ kind: 'rename', from: 'd/b', to: 'd/a/b' }),
  ])();
}

function editIgnoreFile(random: Random, project: Project): Mutation | undefined {
  const names = ignoreFileNames(project.dockerfile);
  const there = names.filter((name) => project.files[name] !== undefined);
  const path = there.length > 0 && random.chance(0.85) ? random.pick(there) : random.pick(names);
  const current = project.files[path];
  if (current && random.chance(0.15)) return { kind: 'remove', path };
  const content = randomIgnoreEdit(random, current?.kind === 'file' ? current.content : undefined);
  return { kind: 'put', path, entry: file(content), why: 'edit' };
}

function editArchive({ random, context }: MutationSource, project: Project): Mutation | undefined {
  const path = random.pick(context.archives);
  const entry = project.files[path];
  if (entry?.kind !== 'archive') return undefined;
  return { kind: 'put', path, entry: archive(random, random.chance(0.8) ? entry.gzip : !entry.gzip), why: 'edit' };
}

/** A file becomes a link, a folder or an archive's name a text; a link becomes the file. */
function replaceKind(random: Random, project: Project): Mutation {
  const path = random.pick([somePath(random, project), ...Object.keys(project.files)]);
  const entry = project.files[path];
  const name = path.split('/').at(-1) ?? '';
  if (entry?.kind === 'file' && random.chance(0.6)) {
    const twin = `${path}.real`;
    const link: Mutation = { kind: 'put', path, entry: { kind: 'symlink', target: `${name}.real` }, why: 'replace' };
    // behind the link lie the same bytes
    if (random.chance(0.5))
      return {
        kind: 'several',
        mutations: [{ kind: 'rename', from: path, to: twin }, link],
        why: 'hide behind a link',
      };
    const target = random.pick(['a.txt', 'b.txt', `${'../'.repeat(path.split('/').length - 1)}tool.sh`]);
    return { kind: 'put', path, entry: { kind: 'symlink', target }, why: 'replace' };
  }
  if (entry?.kind === 'file') {
    const inner: Mutation = { kind: 'put', path: `${path}/inner.txt`, entry: file('inner\n'), why: 'add' };
    const folder: Mutation = { kind: 'put', path, entry: { kind: 'dir', mode: 0o755 }, why: 'replace' };
    return { kind: 'several', mutations: [folder, inner], why: 'file becomes folder' };
  }
  return { kind: 'put', path, entry: file(randomContent(random)), why: 'replace' };
}

function hardLink(random: Random, project: Project): Mutation {
  const from = somePath(random, project);
  return { kind: 'hard-link', from, to: `${from}.${random.word(2)}.txt` };
}

/** Several files at once, as switching a branch does. */
function checkout(random: Random, project: Project): Mutation {
  const mutations = Array.from({ length: random.int(3, 6) }, (): Mutation | undefined =>
    random.weighted<() => Mutation | undefined>([
      [4, () => editFile(random, project)],
      [1, () => addFile(random)],
      [1, () => ({ kind: 'remove', path: somePath(random, project) })],
    ])(),
  );
  return { kind: 'several', mutations: mutations.filter((one) => one !== undefined), why: 'checkout' };
}
