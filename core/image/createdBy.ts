/** A step of an image's history as it stood in the Dockerfile, as far as the engine keeps it; on one line. */
export function instructionOf(createdBy: string): string {
  const text = createdBy
    .replace(/\s*# buildkit$/, '')
    // arguments stand before the command: their number, then each
    .replace(/^\|(\d+) /, '|$1 ')
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/\s+/g, ' ')
    .trim();
  const [, count, rest = ''] = /^\|(\d+) (.*)$/.exec(text) ?? [];
  if (count !== undefined) {
    const command = rest.indexOf('/bin/sh -c ');
    return command < 0 ? `RUN ${text}` : `RUN ${rest.slice(command + '/bin/sh -c '.length)}`;
  }
  return text.replace(/^\/bin\/sh -c /, 'RUN ').replace(/^RUN (?:\|\d+ .*? )?\/bin\/sh -c /, 'RUN ');
}
