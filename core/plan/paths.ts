import { clean, join } from '../context/goPath';

/** An absolute path as BuildKit joins it; an absolute one is not cleaned (util/system/path.go NormalizePath). */
export function absolutePath(parent: string, path: string): string {
  const from = parent === '' ? '/' : parent.startsWith('/') ? parent : join('/', parent);
  const named = path === '' ? from : path;
  return named.startsWith('/') ? named : join(from, named);
}

/** A copy's destination: absolute, cleaned, with its final `/` or `/.` kept, since that is a part of the key. */
export function destinationPath(cwd: string, destination: string): string {
  const named = destination === '.' || destination === '' ? './' : destination;
  return keepSlash(named, clean(keepSlash(named, absolutePath(cwd, named))));
}

function keepSlash(original: string, path: string): string {
  if (original.endsWith('/')) return path.endsWith('/') ? path : `${path}/`;
  if (original.endsWith('/.')) return path === '/' ? '/.' : path.endsWith('/.') ? path : `${path}/.`;
  return path;
}
