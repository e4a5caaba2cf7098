import { mkdirSync, readdirSync, utimesSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { timeOf } from './measure';

const PACKAGES = 40;
const FOLDERS = 25;
/** Bytes of a file on average. */
const FILE_BYTES = 8000;

const DOCKERFILE = `FROM busybox:1
WORKDIR /app
COPY package.json ./
RUN echo install
COPY packages packages
RUN echo build
COPY . .
RUN echo done
`;

/** Writes a context of many small files, under version control; the same files on each run. */
export async function makeProject(root: string, files: number): Promise<void> {
  const random = generator(1);
  const perFolder = Math.ceil(files / (PACKAGES * FOLDERS));
  const text = Buffer.alloc(4 * FILE_BYTES);
  for (let index = 0; index < text.length; index++) text[index] = 32 + (random() % 95);
  let left = files;
  for (let folder = 0; folder < PACKAGES * FOLDERS; folder++) {
    const path = join(root, 'packages', `package-${folder % PACKAGES}`, 'src', `part-${Math.floor(folder / PACKAGES)}`);
    mkdirSync(path, { recursive: true });
    for (let file = 0; file < perFolder && left > 0; file++, left--) {
      const start = random() % (2 * FILE_BYTES);
      const content = text.subarray(start, start + FILE_BYTES / 2 + (random() % FILE_BYTES));
      writeFileSync(join(path, `module-${file}.js`), Buffer.concat([Buffer.from(`// ${folder} ${file}\n`), content]));
    }
  }
  writeFileSync(join(root, 'package.json'), '{}\n');
  writeFileSync(join(root, 'Dockerfile'), DOCKERFILE);
  writeFileSync(join(root, '.dockerignore'), '.git\n');
  const git = (...args: string[]) => timeOf({ program: 'git', args, cwd: root });
  await git('init', '-q');
  await git('add', '-A');
  await git(
    '-c',
    'gc.auto=0',
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@localhost',
    'commit',
    '-q',
    '-m',
    'all',
  );
  await git('gc', '-q');
}

/** Every file of the project, version control apart. */
export function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(root, '.git/')));
}

/** As after switching branches and back: all files are written, none is another one. */
export function touchAll(root: string): void {
  for (const path of filesOf(root)) {
    const { atime, mtime } = statSync(path);
    utimesSync(path, atime, mtime);
  }
}

/** A Dockerfile of so many lines: stages with copies, commands over several lines, and variables. */
export function longDockerfile(lines: number): string {
  const text = ['# syntax=docker/dockerfile:1', 'ARG VERSION=1'];
  for (let stage = 0; text.length < lines; stage++) {
    text.push(
      `FROM ${stage === 0 ? 'busybox:1' : `stage${stage - 1}`} AS stage${stage}`,
      `ARG NAME${stage}=value`,
      `ENV PATH_${stage}=/opt/\${NAME${stage}}/bin`,
      `WORKDIR /app/${stage}`,
      `COPY --chown=1000:1000 file${stage % 5}.txt ./`,
      `RUN echo "installing \${NAME${stage}}" \\`,
      `  && mkdir -p /opt/${stage} \\`,
      `  && touch /opt/${stage}/done`,
      `COPY --from=busybox:1 /bin/sh /bin/sh${stage}`,
      `EXPOSE ${3000 + stage}`,
      `LABEL stage="${stage}"`,
      '',
    );
  }
  return `${text.slice(0, lines - 1).join('\n')}\nCMD ["sh"]\n`;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
