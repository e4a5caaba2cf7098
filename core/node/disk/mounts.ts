import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). */
interface Mount {
  /** `major:minor` of the file system. */
  readonly device: string;
  /** The folder of that file system which is mounted. */
  readonly folder: string;
  readonly point: string;
}

/**
 * Where a path of another process lies for this one; undefined where it cannot be seen. Unlike `/proc/PID/root` it shows
 * the files below what that process mounts over them.
 */
export function pathHere(process: string, path: string): string | undefined {
  const theirs = longest(
    mountsOf(process),
    ({ point }) => below(point, path) !== undefined,
    ({ point }) => point,
  );
  if (theirs === undefined) return undefined;
  const inside = join(theirs.folder, below(theirs.point, path) ?? '');
  const ours = longest(
    mountsOf('self'),
    ({ device, folder }) => device === theirs.device && below(folder, inside) !== undefined,
    ({ folder }) => folder,
  );
  return ours === undefined ? undefined : join(ours.point, below(ours.folder, inside) ?? '');
}

/** The last one of those that fit with the longest path: later mounts cover earlier ones. */
function longest(
  mounts: readonly Mount[],
  fits: (mount: Mount) => boolean,
  of: (mount: Mount) => string,
): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (fits(mount) && (best === undefined || of(mount).length >= of(best).length)) best = mount;
  }
  return best;
}

/** What of a path is below a folder, with a slash at its beginning; undefined: it is elsewhere. */
function below(folder: string, path: string): string | undefined {
  if (folder === '/') return path;
  if (path !== folder && !path.startsWith(`${folder}/`)) return undefined;
  return path.slice(folder.length);
}

function mountsOf(process: string): Mount[] {
  try {
    const lines = readFileSync(join('/proc', process, 'mountinfo'), 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .map((line): Mount => {
        const [, , device = '', folder = '', point = ''] = line.split(' ');
        return { device, folder: unescape(folder), point: unescape(point) };
      });
  } catch {
    return []; // it has ended, or this is not Linux
  }
}

/** Blanks and the like are written as octal numbers. */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
