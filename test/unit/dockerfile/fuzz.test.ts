import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../../../core/dockerfile/dockerfile';
import { inputUses } from '../../../core/llb/contentInputs';
import { opKey } from '../../../core/llb/opKey';
import { Random } from '../../generator/random';
import { planOf } from '../support/plan';

const CASES = 600;
/** Milliseconds that one file may take; a run takes a fraction of one, the rest is for a busy machine. */
const BOUND = 1000;

const SNIPPETS = [
  '# escape=`',
  '# syntax=docker/dockerfile:1',
  'ARG V=1 W="a b"',
  'FROM busybox:1 AS base',
  'FROM --platform=$BUILDPLATFORM base AS next',
  'FROM scratch',
  'FROM ${IMAGE:-busybox}:${V}',
  'ENV A=1 B="$A ${C:-d}" PATH=$PATH:/x',
  'ENV OLD form with $V',
  "LABEL a='b' c=d\\ e",
  'ARG X=${V%%.*} Y=${V//./_}',
  'WORKDIR /app/$V/',
  'WORKDIR ..',
  'USER 1000:app',
  'SHELL ["/bin/sh", "-ec"]',
  'RUN echo "$A" && \\\n    # comment\n    echo b # c',
  'RUN ["echo", "é\\u00e9"]',
  'RUN <<EOF\necho $A\nEOF',
  'RUN cat <<-"A" <<B > /x\n\ta\n\tA\nb\nB',
  'RUN --mount=type=cache,target=/c,id=x,sharing=locked --network=none make',
  'RUN --mount=from=base,source=/bin,target=/m,rw --mount=type=tmpfs,target=/t,size=1.5g true',
  'RUN --mount=type=secret,id=s,env=S --mount=type=ssh true',
  'COPY --chown=app:1 --chmod=u=rwx --exclude=*.log a* ./b/ /x/.',
  'COPY --from=base --link=false ["a b", "/c"]',
  'COPY --from=0 /x /',
  'COPY <<ONE <<"TWO" /docs/\n$A\nONE\n$B\nTWO',
  'ADD --checksum=sha256:0 https://example.com/a.tgz /x',
  'ADD a.tar /',
  'ONBUILD RUN echo $V',
  'ONBUILD COPY --from=base <<E /x\nbody\nE',
  'HEALTHCHECK --interval=5s --retries=3 CMD curl $A',
  'EXPOSE 80 $V/tcp',
  'VOLUME ["/a", "/b"]',
  'STOPSIGNAL SIGTERM',
  'CMD ["a"]',
  'ENTRYPOINT exec a',
];
const DAMAGE = [
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
    '=',
    '--',
    ',',
    ':',
    '/',
    '#',
    '\r',
    '\n',
    '\t',
    ' ',
  ],
  ...[
    '\0',
    '\uFEFF',
    '\u00a0',
    '\u2028',
    '\ud83d',
    '😀',
    'é',
    '*',
    '?',
    '@',
    '%%',
    '##',
    '//',
    '..',
    'FROM ',
    'ONBUILD ',
  ],
];

function dockerfile(random: Random): string {
  const lines = ['FROM busybox:1 AS first'];
  for (let left = random.int(1, 12); left > 0; left--) lines.push(random.pick(SNIPPETS));
  let text = lines.join(random.chance(0.1) ? '\r\n' : '\n');
  for (let left = random.int(0, 8); left > 0; left--) {
    const at = random.int(0, text.length);
    const cut = random.chance(0.5) ? random.int(0, 3) : 0;
    const put = random.chance(0.8) ? random.pick(DAMAGE) : String.fromCharCode(random.int(0, 0xffff));
    text = text.slice(0, at) + put + text.slice(at + cut);
  }
  return text;
}

describe('damaged Dockerfiles', () => {
  it('are read and planned without failing, quickly and the same each time', () => {
    for (let index = 0; index < CASES; index++) {
      const text = dockerfile(new Random(`fuzz ${index}`));
      const started = performance.now();
      try {
        const { value } = parseDockerfile(text);
        const build = { text, args: { V: '1.2.3', 'a b': 'c' }, target: index % 3 === 0 ? 'first' : '' };
        const plan = planOf(build);
        const own = plan.steps.filter(({ origin }) => origin === undefined);
        expect(own.map((step) => step.text)).toEqual(value.instructions.map((instruction) => instruction.text));
        for (const { id, op, inputs } of plan.vertices) {
          expect(inputs.every((input) => input >= 0 && input < id)).toBe(true);
          expect(inputUses(op, inputs.length)).toHaveLength(inputs.length);
          expect(opKey(op)).not.toBe('');
        }
        if (index % 20 === 0) expect(planOf(build)).toEqual(plan);
      } catch (cause) {
        throw new Error(`case ${index} fails: ${JSON.stringify(text)}`, { cause });
      }
      const took = performance.now() - started;
      if (took > BOUND) throw new Error(`case ${index} takes ${Math.round(took)} ms: ${JSON.stringify(text)}`);
    }
  });

  it.each([
    ['openings of substitutions', `FROM a\nWORKDIR /${'${A:-'.repeat(10_000)}\n`],
    ['quotes', `FROM a\nENV A=${'"\'\\'.repeat(10_000)}\n`],
    ['doublings', `FROM a\nENV A=aa\n${'ENV A=$A$A\n'.repeat(100)}RUN x\n`],
    ['brackets', `FROM a\nRUN ${'['.repeat(50_000)}\n`],
    ['continuations', `FROM a\nRUN a${' \\\n'.repeat(30_000)}`],
    ['heredocs', `FROM a\nRUN ${'<<A '.repeat(500)}\n${'A\n'.repeat(500)}`],
    ['stages', Array.from({ length: 1000 }, (_, n) => `FROM a${n === 0 ? '' : n - 1} AS a${n}\nRUN x\n`).join('')],
    ['flags', `FROM a\nCOPY ${'--exclude=é '.repeat(4000)} a b\n`],
    [
      'platforms and digits',
      `FROM --platform=${'1/'.repeat(20_000)} ${'a-'.repeat(15_000)}\nHEALTHCHECK --interval=${'1'.repeat(60_000)}x CMD a\n`,
    ],
  ])('with many %s are planned in time', (_, text) => {
    const started = performance.now();
    expect(planOf(text).steps.length).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(4 * BOUND);
  });
});
