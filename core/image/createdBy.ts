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

/** History entries of metadata have no layer; of the others each has one, also an empty one. */
export function makesLayer(createdBy: string): boolean {
  if (createdBy.includes('#(nop)')) return /#\(nop\)\s+(?:ADD|COPY|WORKDIR)\b/.test(createdBy);
  return !/^(?:ENV|ARG|LABEL|CMD|ENTRYPOINT|EXPOSE|VOLUME|USER|STOPSIGNAL|HEALTHCHECK|SHELL|MAINTAINER|ONBUILD)\b|^WORKDIR \/$/.test(
    createdBy,
  );
}
