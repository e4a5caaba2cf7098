import type { Random } from '../generator/random.js';

/** Whole instructions that mutations start from and put in. */
const LINES = [
  ...['# syntax=docker/dockerfile:1', '# escape=`', '# check=skip=all', '#!/bin/x', '// syntax=a/b', '# a comment', ''],
  ...['ARG V=1 W="a b"', 'ARG V', 'ARG X=${V%%.*} Y=${V//./_} Z=${W/a*b/$0}', 'ARG TARGETARCH'],
  ...[
    'FROM busybox:1 AS base',
    'FROM --platform=$BUILDPLATFORM base AS next',
    'FROM scratch',
    'FROM ${I:-busybox}:${V}',
  ],
  ...['FROM base AS scratch', 'FROM next', 'FROM busybox:1@sha256:0', 'FROM base AS base'],
  ...['ENV A=1 B="$A ${C:-d}" PATH=$PATH:/x', 'ENV OLD form with $V', 'ENV A=$A$A$A', 'ENV =', "LABEL a='b' c=d\\ e"],
  ...['WORKDIR /app/$V/', 'WORKDIR ..', 'USER 1000:app', 'SHELL ["/bin/sh", "-ec"]', 'STOPSIGNAL ${V:-SIGTERM}'],
  ...['RUN echo "$A" && \\\n    # comment\n    echo b # c', 'RUN ["echo", "é\\u00e9"]', 'RUN', 'RUN []'],
  ...['RUN <<EOF\necho $A\nEOF', 'RUN cat <<-"A" <<B > /x\n\ta\n\tA\nb\nB', 'RUN <<EOF\n#!/bin/sh\nx\nEOF'],
  ...['RUN --mount=type=cache,target=/c,id=x,sharing=locked,uid=1 --network=none make', 'RUN --mount=target=. ls'],
  ...['RUN --mount=from=base,source=/bin,target=/m,rw --mount=type=tmpfs,target=/t,size=1.5g true'],
  ...['RUN --mount=type=secret,id=s,env=S --mount=type=ssh,"target=/a,b" true', 'RUN --security=insecure --device=x y'],
  ...['COPY --chown=app:1 --chmod=u=rwx,g+X --exclude=*.log a* ./b/ /x/.', 'COPY . .', 'COPY ../x [a-z]* /', 'COPY a'],
  ...[
    'COPY --from=base --link=false ["a b", "/c"]',
    'COPY --from=0 /x /',
    'COPY --from=next . /',
    'COPY --parents a/./b /',
  ],
  ...['COPY <<ONE <<"TWO" /docs/\n$A\nONE\n$B\nTWO', 'ADD --checksum=sha256:0 https://example.com/a.tgz /x'],
  ...['ADD a.tar /', 'ADD git@github.com:a/b.git#c:d /g', 'ADD --unpack=true https://e.org/%zz /'],
  ...['ONBUILD RUN echo $V', 'ONBUILD COPY --from=base <<E /x\nbody\nE', 'ONBUILD ENV A', 'ONBUILD #'],
  ...['HEALTHCHECK --interval=5s --retries=3 CMD curl $A', 'HEALTHCHECK NONE', 'EXPOSE 80 $V/tcp 1-2:3-4 [::1]:1:2'],
  ...['VOLUME ["/a", "/b"]', 'CMD ["a"]', 'ENTRYPOINT exec a', 'MAINTAINER me'],
];

const TOKENS = [
  ...[
    '"',
    "'",
    '\\',
    '`',
    '$',
    '${',
    '}',
    '<<',
    '<<-EOF',
    '[',
    ']',
    '{',
    '=',
    '--',
    ',',
    ':',
    '/',
    '#',
    '%',
    '@',
    '!',
    '^',
  ],
  ...[
    '\r',
    '\n',
    '\r\n',
    '\t',
    '\v',
    '\f',
    ' ',
    '\0',
    '\x7f',
    '\uFEFF',
    '\u00a0',
    '\u0085',
    '\u2028',
    '\u200d',
    '\u202e',
  ],
  ...[
    '\ud83d',
    '\udc00',
    '😀',
    'é',
    'e\u0301',
    'İ',
    'ß',
    'ǅ',
    '٣',
    '\uFFFD',
    '\u{10ffff}',
    '*',
    '?',
    '**',
    '%%',
    '##',
    '//',
    '..',
  ],
  ...[
    '${A:-',
    '${A+',
    '${A:?',
    '${A#',
    '${A##',
    '${A%',
    '${A/',
    '${A//',
    '$$',
    '$0',
    '${#',
    'FROM ',
    'ONBUILD ',
    ' AS ',
    '\\\n',
  ],
  ...[
    '-1',
    '0',
    '99999999999999999999',
    '0x7fffffff',
    '1e999',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
];

/** Patterns on which naive matching takes for ever. */
const PATTERNS = [
  '*a*a*a*a*b',
  '*?*?*?*?',
  '**********',
  '?'.repeat(50),
  '*\\**\\**\\*',
  'a*'.repeat(20),
  '(a+)+$',
  '.*.*.*',
];

/** Longer files are cut: how long a file takes follows its length. */
const MOST = 500_000;

/** A damaged Dockerfile; the same for the same state of the generator. */
export function mutatedDockerfile(random: Random): string {
  const lines = random.chance(0.9) ? ['FROM busybox:1 AS first'] : [];
  for (let left = random.int(1, 14); left > 0; left--) lines.push(random.pick(LINES));
  const end = random.pick(['\n', '\n', '\n', '\r\n', '\r', '\n\n']);
  let text = lines.join(end);
  for (let left = random.int(0, 10); left > 0; left--) text = mutate(text, random).slice(0, MOST);
  return text;
}

function mutate(text: string, random: Random): string {
  const at = random.int(0, text.length);
  switch (random.int(0, 13)) {
    case 0:
      return splice(text, at, 1, String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << random.int(0, 7))));
    case 1:
      return splice(text, at, random.int(0, 3), String.fromCharCode(random.int(0, 0xffff)));
    case 2:
      return splice(text, at, random.int(0, 30), '');
    case 3:
      return text.slice(0, at);
    case 4:
      return swapWords(text, random);
    case 5:
      return repeatLine(text, random);
    case 6:
      return splice(text, at, 0, repeated(random.pick(TOKENS), random));
    case 7:
      return splice(text, at, 0, nested(random));
    case 8:
      return splice(
        text,
        at,
        0,
        `\${${random.pick(['A', 'V', 'PATH'])}${random.pick(OPERATORS)}${random.pick(PATTERNS)}}`,
      );
    case 9:
      return splice(text, at, 0, `\n${random.pick(LINES)}\n`);
    case 10:
      return `ENV A=${random.pick(['a', 'ab', '*', '/'])}${'a'.repeat(random.int(1, 3000))}\n${text}`.replace(
        /^(.*\n)(FROM.*\n)/,
        '$2$1',
      );
    case 11:
      return text.replaceAll('\n', random.pick(['\r\n', '\n\r', '\n\n', ' \\\n', '`\n']));
    default:
      return splice(text, at, random.chance(0.5) ? random.int(0, 3) : 0, random.pick(TOKENS));
  }
}

const OPERATORS = ['#', '##', '%', '%%', '/', '//', ':-', ':+', ':?', '-', '+', '?', ':', ':#'];

function splice(text: string, at: number, cut: number, put: string): string {
  return text.slice(0, at) + put + text.slice(at + cut);
}

/** Now and then very many, but not in every case: most of them are to be quick. */
function repeated(token: string, random: Random): string {
  return token.repeat(random.chance(0.02) ? random.int(500, 20_000) : random.int(1, 40));
}

function nested(random: Random): string {
  const depth = random.chance(0.05) ? random.int(100, 3000) : random.int(1, 20);
  const open = random.pick(['${A:-', '${V:+', '${B:-"', '${A:-${B:-', '${A#', '${A//x/']);
  return (
    open.repeat(depth) + random.pick(['', 'x', '$A']) + '}'.repeat(random.chance(0.8) ? depth : random.int(0, depth))
  );
}

function swapWords(text: string, random: Random): string {
  const words = text.split(/([ \n,=:]+)/);
  const [a, b] = [random.int(0, words.length - 1), random.int(0, words.length - 1)];
  [words[a], words[b]] = [words[b] ?? '', words[a] ?? ''];
  return words.join('');
}

function repeatLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const line = random.int(0, lines.length - 1);
  const times = random.chance(0.02) ? random.int(50, 300) : random.int(1, 4);
  lines.splice(random.int(0, lines.length), 0, ...Array.from({ length: times }, () => lines[line] ?? ''));
  return lines.join('\n');
}
