import { readFileSync } from 'node:fs';

/** Names of users and groups by their numbers; empty where there is none. */
export interface OwnerNames {
  readonly user: (uid: number) => string;
  readonly group: (gid: number) => string;
}

/** The names in the files of this machine; those of a directory service are not known here. */
export function readOwnerNames(folder = '/etc'): OwnerNames {
  const users = namesIn(`${folder}/passwd`);
  const groups = namesIn(`${folder}/group`);
  return { user: (uid) => users.get(uid) ?? '', group: (gid) => groups.get(gid) ?? '' };
}

/** The first name of a number counts, as for getpwuid. */
function namesIn(file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return names;
  }
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':');
    if (name === undefined || number === undefined || !/^\d+$/.test(number)) continue;
    if (!names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}
