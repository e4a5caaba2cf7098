import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../judge/run.js';

/** An image that a suite builds to look at its layers. */
export interface ImageCase {
  readonly name: string;
  /** `{base}` is the base image, `{first}` the image of the first case. */
  readonly dockerfile: readonly string[];
  /** Needs something that not every builder permits in a build. */
  readonly needs?: 'devices' | 'buildkit';
}

const LONG = 'l'.repeat(200);
const DEEP = ['a', 'b', 'c'].map((letter) => letter.repeat(150)).join('/');

/** Small images, each for one way in which layers act on each other. */
export const IMAGE_CASES: readonly ImageCase[] = [
  {
    name: 'on-another',
    dockerfile: ['FROM {base}', 'RUN mkdir -p /app && echo one > /app/one && echo two > /app/two', 'CMD ["sh"]'],
  },
  {
    name: 'on-that',
    dockerfile: ['FROM {first}', 'RUN echo another > /app/one', 'RUN rm /app/two && echo three > /app/three'],
  },
  {
    name: 'deleted',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir -p /d/in/deep && echo 1234567 > /d/in/deep/a && echo 12345 > /d/in/b && echo 123 > /c && echo 1 > /d/e',
      'RUN rm /c',
      'RUN rm -rf /d/in',
      'RUN echo again > /c && mkdir /d/in',
      'RUN rm /c && rm -rf /d && touch /never && rm /never',
    ],
  },
  {
    name: 'opaque',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir -p /d/sub /keep && echo old > /d/old && echo deep > /d/sub/deep && echo kept > /keep/file',
      'RUN rm -rf /d && mkdir /d && echo new > /d/new',
      'RUN rm -rf /d && mkdir -p /d/sub && echo deep > /d/sub/deep2',
      'RUN mv /keep /moved && mkdir /keep && mv /moved/file /keep/other',
    ],
  },
  {
    name: 'kinds',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir -p /a/in /b /to/in && echo one > /a/in/x && echo twotwo > /b/y && echo file > /c && ln -s a /l',
      'RUN rm -rf /a && echo now-a-file > /a && rm /c && mkdir /c && echo inside > /c/z && rm /l && mkdir /l',
      'RUN rm /a && mkdir /a && echo folder-again > /a/w && rm -rf /c && ln -s b /c && rm -r /l && ln -s to /l',
      'RUN rm -rf /b && ln -s /nowhere/at/all /b && ln -s /to /abs && ln -s ../../.. /to/up && echo in > /l/in/file',
    ],
  },
  {
    name: 'hard-links',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir /h /g && echo 0123456789 > /h/a && ln /h/a /h/b && ln /h/a /g/c && echo 012345 > /h/d && ln /h/d /h/e',
      'RUN echo 012345678 > /q-first && ln /q-first /q-last && echo 0123456 > /k-first && ln /k-first /k-last && ln /k-first /k-other',
      'RUN rm /h/a /k-first /q-first && echo lower > /g/lower && chmod 600 /k-other',
      'RUN chmod 600 /h/e && ln /g/lower /g/upper',
      'RUN rm /h/b /q-last && ln /h/d /g/f',
      'RUN rm /h/d /h/e /g/f && echo 01234 > /z && ln /z /a-first && rm /z && ln /a-first /z',
    ],
  },
  {
    name: 'access',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir -p /m/n && for i in 1 2 3 4 5 6 7; do echo content > /m/$i; done',
      'RUN chmod 4755 /m/1 && chmod 2711 /m/2 && chmod 1777 /m/n && chmod 6000 /m/3 && chmod 0 /m/4',
      'RUN chown 1000:1001 /m/1 && chown -R 3000000:4000000 /m/n && chown 4294967294:0 /m/5',
      'RUN mkfifo -m 640 /m/fifo && touch -d "2001-02-03 04:05:06" /m/6 && chmod 7777 /m && ln -s 6 /m/link && chown -h 12:34 /m/link',
      'COPY --chown=1000:1000 --chmod=640 plain.txt /m/7',
    ],
  },
  {
    name: 'names',
    dockerfile: [
      'FROM {base}',
      'WORKDIR /names',
      `RUN mkdir -p "$(printf 'ge\\303\\266ffnet/\\346\\227\\245\\346\\234\\254')" && echo a > "$(printf 'ge\\303\\266ffnet/\\360\\237\\220\\263.txt')"`,
      `RUN echo b > 'with blank ' && echo c > "quo'te\\"s" && echo d > 'back\\\\slash' && echo e > "$(printf 'two\\nlines')"`,
      `RUN echo f > ${LONG} && mkdir -p ${DEEP} && echo g > ${DEEP}/${LONG} && ln ${DEEP}/${LONG} ${DEEP}/hard && ln -s ${DEEP}/${LONG} soft`,
      `RUN echo h > "$(printf 'latin-\\344')" && echo i > ./-dash && echo j > '*' && echo k > .hidden && echo l > ...`,
      `RUN rm ${LONG} && rm ${DEEP}/hard && rm -rf "$(printf 'ge\\303\\266ffnet/\\346\\227\\245\\346\\234\\254')"`,
    ],
  },
  {
    name: 'metadata',
    dockerfile: [
      ...['FROM {base}', 'LABEL a=b', 'RUN true', 'WORKDIR /', 'WORKDIR /made/here', 'WORKDIR /made/here', 'USER 1000'],
      ...[
        'ENV A=b',
        'EXPOSE 80',
        'VOLUME /v',
        'STOPSIGNAL 9',
        'HEALTHCHECK NONE',
        'ARG X=1',
        'RUN : "$X" > /tmp/empty',
      ],
      ...['COPY --chown=1000 plain.txt .', 'SHELL ["/bin/sh", "-c"]', 'ENTRYPOINT ["sh"]', 'CMD ["-c", "true"]'],
    ],
  },
  {
    name: 'empty',
    dockerfile: [
      ...['FROM {base}', 'RUN true', 'RUN touch /e1 /e2 && mkdir /ed', 'RUN :', 'RUN rm /e1 && touch /e3', 'RUN true'],
    ],
  },
  {
    name: 'many',
    dockerfile: [
      'FROM {base}',
      'RUN mkdir /many && i=0; while [ $i -lt 2000 ]; do echo $i > /many/f$i; i=$((i+1)); done',
      'RUN i=0; while [ $i -lt 2000 ]; do rm /many/f$i; i=$((i+7)); done; chmod -R 600 /many/f1*',
      'RUN dd if=/dev/zero of=/holes bs=1 count=1 seek=100000 2>/dev/null && echo more >> /many/f5',
    ],
  },
  {
    name: 'copies',
    dockerfile: [
      'FROM {base} AS first',
      'RUN mkdir -p /out/x && echo built > /out/x/result && ln /out/x/result /out/same && ln -s x /out/link',
      'FROM {base}',
      'COPY --from=first /out /opt/',
      'COPY tree /opt/tree/',
      'ADD packed.tar.gz /opt/added/',
      'COPY plain.txt /opt/x/result',
      'COPY plain.txt /opt/link/through-link',
      'COPY --from=first /out/x/result /opt/tree/',
    ],
  },
  {
    name: 'linked-copies',
    needs: 'buildkit',
    dockerfile: [
      'FROM {base}',
      'COPY --link plain.txt /l/',
      'COPY --link tree /l/',
      'RUN rm /l/plain.txt && echo x > /l/q',
    ],
  },
  {
    name: 'devices',
    needs: 'devices',
    dockerfile: [
      'FROM {base}',
      'RUN mkfifo -m 640 /p && mknod /null c 1 3 && mknod -m 600 /disk b 7 200',
      'RUN rm /null && echo plain > /null && mknod /zero c 1 5 && chmod 622 /p',
    ],
  },
  { name: 'mount-points', dockerfile: ['FROM {base}', 'COPY mounts /', 'RUN echo x > /dev-like'] },
  { name: 'scratch', dockerfile: ['FROM scratch', 'COPY tree /', 'COPY plain.txt /a', 'COPY tree/b /a.copy'] },
];

/** Writes the build context that the cases copy from. */
export async function writeCaseContext(folder: string): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  for (const name of ['tree/sub', 'mounts/etc', 'mounts/run', 'packed/in/side']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await write('plain.txt', 'plain\n');
  await write('tree/b', 'file b\n');
  await write('tree/sub/c', 'file c, which is longer\n');
  await symlink('sub/c', join(folder, 'tree/to-c'));
  for (const name of ['hosts', 'resolv.conf', 'hostname']) await write(`mounts/etc/${name}`, `our own ${name}\n`);
  await write('packed/in/side/file', 'packed\n');
  await write('packed/in/twice', 'first\n');
  await symlink('side/file', join(folder, 'packed/in/link'));
  const options = [
    '--owner=1234',
    '--group=2345',
    '--numeric-owner',
    '--gzip',
    `--file=${join(folder, 'packed.tar.gz')}`,
  ];
  const packed = await run('tar', ['--create', ...options, `--directory=${join(folder, 'packed')}`, 'in']);
  if (packed.code !== 0) throw new Error(`tar: ${packed.stderr}`);
  await rm(join(folder, 'packed'), { recursive: true });
}

/** Packs an archive that `docker import` takes: without folders, with links, and names that begin with a dot. */
export async function writeOddArchive(archive: string, scratch: string): Promise<void> {
  await mkdir(join(scratch, 'a/b'), { recursive: true });
  await writeFile(join(scratch, 'a/b/x'), 'x\n');
  await writeFile(join(scratch, 'y'), 'yy\n');
  await link(join(scratch, 'y'), join(scratch, 'z'));
  await symlink('usr/lib', join(scratch, 'lib'));
  const options = ['--no-recursion', '--owner=7', '--group=8', '--numeric-owner', `--directory=${scratch}`];
  const packed = await run('tar', ['--create', ...options, `--file=${archive}`, './a/b/x', './y', './z', 'lib']);
  if (packed.code !== 0) throw new Error(`tar: ${packed.stderr}`);
}
