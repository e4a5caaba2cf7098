import { chmod, copyFile, mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../judge/run.js';

/** Not `busybox:1`: an image of the user is never replaced. */
export const BASE_IMAGE = 'layer-insight-test/busybox:1';

const STATIC_BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'];

/**
 * Makes sure that the engine has the base image of the real-engine suites: a static busybox with its links, `/tmp`, and
 * users `root` and `app` (1000). The image is made on this machine (nothing is downloaded) when a static busybox is
 * installed, else `busybox:1` is pulled and tagged. Its layer is the same on every run.
 *
 * @returns the image's name.
 * @throws when neither way works.
 */
export async function ensureBaseImage(): Promise<string> {
  const present = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', BASE_IMAGE], { timeoutMs: 30_000 });
  if (present.code === 0) return BASE_IMAGE;
  const archived = await withArchive((archive) => docker(['import', archive, BASE_IMAGE]));
  if (archived) return BASE_IMAGE;
  const pulled = await run('docker', ['pull', '--quiet', 'busybox:1'], { timeoutMs: 120_000 });
  if (pulled.code !== 0)
    throw new Error(`no static busybox on this machine, and busybox:1 cannot be pulled: ${pulled.stderr.trim()}`);
  await docker(['tag', 'busybox:1', BASE_IMAGE]);
  return BASE_IMAGE;
}

/** Its name in Podman, which would ask a registry for a short one. */
export const PODMAN_BASE_IMAGE = `localhost/${BASE_IMAGE}`;

/**
 * The same image for Podman; it is made on this machine or not at all.
 *
 * @param program podman's
 * @returns the image's name.
 * @throws when there is no static busybox.
 */
export async function ensurePodmanBaseImage(program: string): Promise<string> {
  const present = await run(program, ['image', 'exists', PODMAN_BASE_IMAGE], { timeoutMs: 30_000 });
  if (present.code === 0) return PODMAN_BASE_IMAGE;
  const archived = await withArchive((archive) => succeed(program, ['import', archive, PODMAN_BASE_IMAGE]));
  if (!archived) throw new Error('no static busybox on this machine');
  return PODMAN_BASE_IMAGE;
}

/** Removes the base image's name (and with it the image, when nothing else uses it). */
export async function removeBaseImage(): Promise<void> {
  await run('docker', ['image', 'rm', BASE_IMAGE], { timeoutMs: 30_000 });
}

const docker = (args: readonly string[]): Promise<string> => succeed('docker', args);

async function succeed(program: string, args: readonly string[]): Promise<string> {
  const result = await run(program, args, { timeoutMs: 60_000 });
  if (result.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.trim()}`);
  return result.stdout.trim();
}

/** Whether a file is a 64-bit ELF program without an interpreter (PT_INTERP): it runs in an empty root. */
async function isStaticElf(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const head = Buffer.alloc(4096);
    await file.read(head, 0, head.length, 0);
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return false;
    const offset = Number(head.readBigUInt64LE(32));
    const size = head.readUInt16LE(54);
    for (let index = 0; index < head.readUInt16LE(56); index++) {
      const at = offset + index * size;
      if (at + 4 > head.length) return false;
      if (head.readUInt32LE(at) === 3) return false;
    }
    return true;
  } finally {
    await file.close();
  }
}

/** Packs the image's files; false when this machine has nothing to make them of. */
async function withArchive(use: (archive: string) => Promise<unknown>): Promise<boolean> {
  for (const busybox of STATIC_BUSYBOX)
    if (await isStaticElf(busybox)) {
      await packBusybox(busybox, use);
      return true;
    }
  return false;
}

async function packBusybox(busybox: string, use: (archive: string) => Promise<unknown>): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'li-base-'));
  try {
    const root = join(scratch, 'root');
    for (const folder of ['bin', 'etc', 'root', 'tmp', 'home', 'home/app']) {
      await mkdir(join(root, folder), { recursive: true });
      await chmod(join(root, folder), folder === 'tmp' ? 0o1777 : 0o755); // whatever the umask is
    }
    await chmod(root, 0o755);
    await copyFile(busybox, join(root, 'bin/busybox'));
    await chmod(join(root, 'bin/busybox'), 0o755);
    const list = await run(busybox, ['--list'], { timeoutMs: 10_000 });
    for (const applet of list.stdout.split('\n'))
      if (/^[a-z0-9[]/.test(applet) && applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n');
    await writeFile(join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');
    for (const name of ['passwd', 'group']) await chmod(join(root, 'etc', name), 0o644);
    const archive = join(scratch, 'root.tar');
    const attributes = ['--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
    const packed = await run('tar', [...attributes, '-C', root, '-cf', archive, '.'], { timeoutMs: 30_000 });
    if (packed.code !== 0) throw new Error(`tar: ${packed.stderr.trim()}`);
    await use(archive);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
