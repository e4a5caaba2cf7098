import type { Mutation } from './project.js';

/** One line for a person. */
export function describeMutation(mutation: Mutation): string {
  const octal = (mode: number): string => mode.toString(8);
  switch (mutation.kind) {
    case 'nothing':
      return 'change nothing';
    case 'put':
      return `${mutation.why} ${mutation.path}: ${JSON.stringify(mutation.entry).slice(0, 100)}`;
    case 'rewrite':
      return `write the same bytes to ${mutation.path}`;
    case 'touch':
      return `touch ${mutation.path}`;
    case 'sneak':
      return `edit ${mutation.path}, keeping size and modification time`;
    case 'chmod':
      return `chmod ${octal(mutation.mode)} ${mutation.path}`;
    case 'remove':
      return `rm -r ${mutation.path}`;
    case 'rename':
      return `mv ${mutation.from} ${mutation.to}`;
    case 'hard-link':
      return `ln ${mutation.from} ${mutation.to}`;
    case 'swap-folder':
      return `swap folder ${mutation.path} with the one that has been beside the context since the start`;
    case 'set-block':
      return `${mutation.why}: ${JSON.stringify(mutation.from)} -> ${JSON.stringify(mutation.to)}`;
    case 'insert-block':
      return `insert ${JSON.stringify(mutation.block)} after ${JSON.stringify(mutation.after)}`;
    case 'remove-block':
      return `remove ${JSON.stringify(mutation.block)}`;
    case 'swap-blocks':
      return `swap ${JSON.stringify(mutation.first)} and ${JSON.stringify(mutation.second)}`;
    case 'build-arg':
      return mutation.value === undefined
        ? `no --build-arg ${mutation.name}`
        : `--build-arg ${mutation.name}=${mutation.value}`;
    case 'flags':
      return mutation.why;
    case 'target':
      return mutation.target === undefined ? 'no --target' : `--target ${mutation.target}`;
    case 'no-cache':
      return mutation.noCache ? '--no-cache' : 'without --no-cache';
    case 'several':
      return `${mutation.why}: ${mutation.mutations.map(describeMutation).join('; ')}`;
    case 'revert':
      return `revert ${mutation.steps} step(s)`;
  }
}
