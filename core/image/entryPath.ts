/** What a file that hides a name of a lower layer begins with (OCI image-spec layer.md, Whiteouts). */
export const WHITEOUT = '.wh.';
/** A file of this name hides all that lower layers have in its folder. */
export const OPAQUE = '.wh..wh..opq';
/** Names that begin so are notes of the file system that wrote the layer, and no whiteouts. */
export const WHITEOUT_META = '.wh..wh.';

/** A name of an archive as a path below the root: without `.`, `..`, empty parts and a leading `/`. Empty: the root. */
export function asPath(name: string): string {
  // most names are clean already
  if (!/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(name)) return name;
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The folder of a path; empty for what is in the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Orders names as their bytes in UTF-8 are ordered, which is how Go sorts them. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left === right) continue;
    // halves of pairs stand for code points above all others
    const [leftIsPair, rightIsPair] = [left >= 0xd800 && left < 0xe000, right >= 0xd800 && right < 0xe000];
    if (leftIsPair !== rightIsPair) return leftIsPair ? 1 : -1;
    return left - right;
  }
  return a.length - b.length;
}
