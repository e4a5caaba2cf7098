import { describe, expect, it } from 'vitest';
import { planClassic, type ClassicOptions, type ClassicPlan } from '../../../core/classic/plan';
import { EMPTY_CONFIG, type StepConfig } from '../../../core/classic/stepConfig';
import { PATH } from '../support/classic';

interface Given extends Partial<Omit<ClassicOptions, 'buildArgs' | 'image'>> {
  readonly args?: Readonly<Record<string, string>>;
  readonly base?: Partial<StepConfig> | null;
}

function plan(text: string, { args = {}, base = {}, ...options }: Given = {}): ClassicPlan {
  return planClassic(text, {
    ...{ target: '', engine: [28, 5], ...options },
    buildArgs: new Map(Object.entries(args)),
    image: () => (base === null ? undefined : { ...EMPTY_CONFIG, env: [PATH], ...base }),
  });
}

const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');

/** The steps of all stages: words of the command, or why there is none. */
function steps(text: string, given: Given = {}): (readonly string[] | string)[] {
  return plan(text, given).stages.flatMap((one) =>
    one.steps.map((step) => {
      if (step.kind !== 'step') return `${step.kind}: ${step.message}`;
      const { command, copy } = step.probe;
      return copy === undefined ? command : [...command, `#(nop) ${copy.head}HASH in ${copy.destination} `];
    }),
  );
}
const last = (text: string, given: Given = {}): readonly string[] | string => steps(text, given).at(-1) ?? 'no steps';
const nop = (text: string): string[] => ['/bin/sh', '-c', '#(nop) ', text];

function configs(text: string, given: Given = {}): StepConfig[] {
  return plan(text, given).stages.flatMap((one) =>
    one.steps.flatMap((step) => (step.kind === 'step' ? [step.probe.config] : [])),
  );
}

describe('the command that an image is looked up by', () => {
  const shell = ['/bin/sh', '-c'];
  const cases: readonly [string, readonly string[]][] = [
    ['ENV A=1 B="two words"', nop('ENV A=1 B=two words')],
    ['ENV A  one two', nop('ENV A=one two')],
    ['env A=1', nop('ENV A=1')],
    ['LABEL b=2 a="x y"', nop('LABEL b=2 a=x y')],
    ['ARG FOO=default', nop('ARG FOO=default')],
    ['ARG FOO', nop('ARG FOO')],
    ['ARG A=1 B=2', nop('ARG A=1 B=2')],
    ['CMD ["a", "b c"]', nop('CMD ["a" "b c"]')],
    ['CMD echo "hi"', nop('CMD ["/bin/sh" "-c" "echo \\"hi\\""]')],
    ['ENTRYPOINT run it', nop('ENTRYPOINT ["/bin/sh" "-c" "run it"]')],
    ['ENTRYPOINT []', nop('ENTRYPOINT []')],
    ['EXPOSE 80 443/udp', nop('EXPOSE 443/udp 80')],
    ['USER me:us', nop('USER me:us')],
    ['STOPSIGNAL SIGTERM', nop('STOPSIGNAL SIGTERM')],
    ['MAINTAINER me <a@b>', nop('MAINTAINER me <a@b>')],
    ['ONBUILD RUN  echo $A', nop('ONBUILD RUN  echo $A')],
    ['VOLUME /b /a', nop('VOLUME [/b /a]')],
    ['VOLUME ["/b", "/a"]', nop('VOLUME [/b /a]')],
    ['SHELL ["/bin/sh", "-ec"]', ['/bin/sh', '-ec', '#(nop) ', 'SHELL [/bin/sh -ec]']],
    ['WORKDIR /app', [...shell, '#(nop) WORKDIR /app']],
    ['WORKDIR /app/../x/', [...shell, '#(nop) WORKDIR /x']],
    ['WORKDIR sub/', [...shell, '#(nop) WORKDIR /sub']],
    ['COPY a b /x', [...shell, '#(nop) COPY HASH in /x ']],
    ['COPY --chown=1:2 a ./', [...shell, '#(nop) COPY --chown=1:2 HASH in ./ ']],
    ['ADD ["a", "/d e/"]', [...shell, '#(nop) ADD HASH in /d e/ ']],
    ['RUN echo  $HOME', [...shell, 'echo  $HOME']],
    ['RUN ["echo", "a b"]', ['echo', 'a b']],
    ['RUN echo a \\\n  # a comment\n\n  b', [...shell, 'echo a   b']],
  ];
  it.each(cases)('is right for %s', (line, command) => {
    expect(last(stage(line))).toEqual(command);
  });

  it('is the same for RUN of the shell and of its words', () => {
    expect(last(stage('RUN ["/bin/sh", "-c", "a b"]'))).toEqual(last(stage('RUN a b')));
  });

  it('has the shell of the stage, which stages on it inherit', () => {
    const text = 'FROM busybox:1 AS a\nSHELL ["/bin/ash", "-x"]\nFROM a\nRUN x\nENV A=1\nWORKDIR /w\nCMD y\n';
    expect(steps(text).slice(1)).toEqual([
      ['/bin/ash', '-x', 'x'],
      ['/bin/ash', '-x', '#(nop) ', 'ENV A=1'],
      ['/bin/ash', '-x', '#(nop) WORKDIR /w'],
      ['/bin/ash', '-x', '#(nop) ', 'CMD ["/bin/ash" "-x" "y"]'],
    ]);
  });

  it('has variables put in everywhere but in RUN, CMD and ENTRYPOINT', () => {
    const text = stage(
      ...['ENV A=1 B=x', 'ENV C=$A', 'LABEL l=$B', 'USER $B', 'VOLUME /$B', 'EXPOSE $A', 'STOPSIGNAL $A'],
      ...['COPY $B /$A/', 'WORKDIR /$B', 'ARG D=$B', 'RUN $B', 'CMD $B', 'ENTRYPOINT ["$B"]'],
    );
    expect(steps(text).map((one) => one.slice(-1)[0])).toEqual([
      ...['ENV A=1 B=x', 'ENV C=1', 'LABEL l=x', 'USER x', 'VOLUME [/x]', 'EXPOSE 1', 'STOPSIGNAL 1'],
      ...['#(nop) COPY HASH in /1/ ', '#(nop) WORKDIR /x', 'ARG D=x', '$B', 'CMD ["/bin/sh" "-c" "$B"]'],
      'ENTRYPOINT ["$B"]',
    ]);
  });

  it('has in an ENV what variables were before it', () => {
    expect(last(stage('ENV A=old', 'ENV A=new B=$A'))).toEqual(nop('ENV A=new B=old'));
  });

  it('has several ports where a variable holds them', () => {
    expect(last(stage('ENV P="80 443"', 'EXPOSE $P 8080'))).toEqual(nop('EXPOSE 80 443 8080'));
  });

  it('joins a relative WORKDIR with the one before', () => {
    expect(steps(stage('WORKDIR /a', 'WORKDIR b', 'WORKDIR ../c')).map((one) => one.slice(-1)[0])).toEqual([
      ...['#(nop) WORKDIR /a', '#(nop) WORKDIR /a/b', '#(nop) WORKDIR /a/c'],
    ]);
    expect(last(stage('WORKDIR b'), { base: { workingDir: '/srv' } })).toEqual([
      ...['/bin/sh', '-c', '#(nop) WORKDIR /srv/b'],
    ]);
  });

  it('is not claimed for a WORKDIR that engines shorten or not', () => {
    for (const engine of [[20, 10], [27, 0], undefined] as const) {
      expect(last(stage('WORKDIR /a/'), { engine }), String(engine)).toMatch(
        /^open: whether this engine shortens \/a\//,
      );
      expect(last(stage('WORKDIR /a'), { engine })).toHaveLength(3);
      expect(last(stage('WORKDIR a/'), { engine })).toHaveLength(3);
    }
  });
});

describe('build arguments in a command', () => {
  it('are in each RUN after their ARG, used or not', () => {
    const text = stage('RUN a', 'ARG FOO=1', 'RUN b', 'COPY x /', 'RUN ["c"]');
    expect(steps(text, { args: { FOO: '2', OTHER: 'x' } })).toEqual([
      ['/bin/sh', '-c', 'a'],
      nop('ARG FOO=1'),
      ['|1', 'FOO=2', '/bin/sh', '-c', 'b'],
      ['/bin/sh', '-c', '#(nop) COPY HASH in / '],
      ['|1', 'FOO=2', 'c'],
    ]);
  });

  it('are put in elsewhere, and ENV of the same name hides them', () => {
    const text = stage('ARG A=1', 'LABEL l=$A', 'ENV A=env', 'LABEL l=$A', 'RUN x');
    expect(steps(text, { args: { A: '2' } }).slice(1)).toEqual([
      nop('LABEL l=2'),
      nop('ENV A=env'),
      nop('LABEL l=env'),
      ['/bin/sh', '-c', 'x'],
    ]);
  });

  it('begin anew in each stage, also in one on another', () => {
    const text = 'FROM busybox:1 AS a\nARG X=1\nRUN one\nFROM a\nRUN two\n';
    expect(last(text)).toEqual(['/bin/sh', '-c', 'two']);
  });

  it('before FROM count through FROM and where they are declared again', () => {
    const text = 'ARG TAG=1\nFROM busybox:$TAG\nRUN a\nARG TAG\nRUN b\n';
    const made = plan(text, { args: { TAG: '2' } });
    expect(made.images).toEqual(['busybox:2']);
    expect(made.globals.map(({ text: one, stageIndex }) => [one, stageIndex])).toEqual([['ARG TAG=1', -1]]);
    expect(steps(text)).toEqual([['/bin/sh', '-c', 'a'], nop('ARG TAG'), ['|1', 'TAG=1', '/bin/sh', '-c', 'b']]);
  });

  it('may be of the head in the head', () => {
    expect(plan('ARG A=busybox\nARG B=${A}:1\nFROM $B\n').images).toEqual(['busybox:1']);
  });
});

describe('the configuration that an image is looked up by', () => {
  it('is that of the base, with PATH, and what the instruction changes', () => {
    const [config] = configs(stage('USER me'), { base: { env: ['A=1'], labels: { l: '1' }, workingDir: '/w' } });
    expect(config).toEqual({ ...EMPTY_CONFIG, env: ['A=1', PATH], labels: { l: '1' }, workingDir: '/w', user: 'me' });
    expect(configs('FROM scratch\nUSER me\n')[0]?.env).toEqual([PATH]);
  });

  it('keeps the place of a variable', () => {
    expect(configs(stage('ENV A=1 B=2', 'ENV A=3 C=4')).at(-1)?.env).toEqual([PATH, 'A=3', 'B=2', 'C=4']);
  });

  it('has volumes once, labels replaced, triggers in order', () => {
    const config = configs(stage('VOLUME /a /b /a', 'LABEL x=1', 'LABEL x=2 y=3', 'ONBUILD RUN a', 'ONBUILD RUN b')).at(
      -1,
    );
    expect(config).toMatchObject({ volumes: ['/a', '/b'], labels: { x: '2', y: '3' }, onbuild: ['RUN a', 'RUN b'] });
  });

  it('does not read from outside, whatever the base was asked for', () => {
    expect(configs(stage('RUN a'), { base: { flags: '11111111' } })[0]?.flags).toBe('11110011');
  });

  it('has a health check in nanoseconds, in whatever unit it is written', () => {
    const check = (flags: string) => configs(stage(`HEALTHCHECK ${flags} CMD ["a"]`))[0]?.healthcheck;
    expect(check('--interval=8.2s --timeout=1m30s --start-period=1.5h --start-interval=250ms --retries=3')).toEqual({
      ...{ test: ['CMD', 'a'], interval: 8_200_000_000, timeout: 90_000_000_000, startPeriod: 5_400_000_000_000 },
      ...{ startInterval: 250_000_000, retries: 3 },
    });
    for (const [text, nanoseconds] of [
      ['1.1s', 1.1e9],
      ['4.35s', 4.35e9],
      ['.5s', 5e8],
      ['1.s', 1e9],
      ['1h0.07s', 3_600_070_000_000],
      ['+2s', 2e9],
      ['0', 0],
    ] as const) {
      expect(check(`--interval=${text}`)?.interval, text).toBe(nanoseconds);
    }
  });

  it('has a health check of the shell, or none', () => {
    const [shell, none] = configs(stage('HEALTHCHECK --retries=1 CMD curl -f x || exit 1', 'HEALTHCHECK NONE'));
    expect(shell?.healthcheck?.test).toEqual(['CMD-SHELL', 'curl -f x || exit 1']);
    expect(none?.healthcheck).toMatchObject({ test: ['NONE'], retries: 0 });
  });
});

describe('triggers of a base', () => {
  it('are run first, and not inherited', () => {
    const base = { onbuild: ['RUN trigger', 'COPY a /'] };
    const made = plan(stage('RUN own'), { base });
    expect(made.stages[0]?.steps.map(({ text, origin }) => [text, origin])).toEqual([
      ['RUN trigger', 'onbuild'],
      ['COPY a /', 'onbuild'],
      ['RUN own', undefined],
    ]);
    expect(configs(stage('RUN own'), { base })[0]?.onbuild).toEqual([]);
  });

  it('of an earlier stage run in the stage on it, each once', () => {
    const text = 'FROM busybox:1 AS a\nONBUILD RUN t\nFROM a AS b\nRUN own\nFROM b\nRUN end\n';
    expect(steps(text)).toEqual([nop('ONBUILD RUN t'), ...['t', 'own', 'end'].map((one) => ['/bin/sh', '-c', one])]);
  });
});

describe('what the classic builder refuses', () => {
  const cases: readonly [string, RegExp][] = [
    ['RUN --mount=type=cache,target=/c a', /the --mount option requires BuildKit/],
    ['RUN --network=none a', /the --network option requires BuildKit/],
    ['COPY --chmod=755 a /', /the --chmod option requires BuildKit/],
    ['COPY --from=0 a /', /invalid from flag value 0: refers to current build stage/],
    ['COPY --from=1 a /', /invalid from flag value 1: index out of bounds/],
    ['COPY --from=-1 a /', /index out of bounds/],
    ['WORKDIR $NONE', /cannot normalize nothing/],
    ['VOLUME $NONE', /can not be an empty string/],
    ['ENV A=${B', /./],
    ['EXPOSE abc', /./],
    ['COPY <<EOF /x\nhi\nEOF', /no source files were specified/],
  ];
  it.each(cases)('%s', (line, message) => {
    const step = last(stage(line));
    expect(step).toMatch(/^failure: /);
    expect(step).toMatch(message);
  });

  it('a flag that comes to nothing is none', () => {
    expect(last(stage('COPY --chmod=$NONE --chown=$NONE a /'))).toEqual([
      ...['/bin/sh', '-c', '#(nop) COPY HASH in / '],
    ]);
  });

  it('is a base that is empty, a name that is used, a platform that is none', () => {
    const bases = (text: string) => plan(text).stages.map(({ base }) => ('message' in base ? base.message : base.kind));
    expect(bases('ARG B\nFROM $B\n')).toEqual(['base name ($B) should not be blank']);
    expect(bases('FROM busybox:1 AS a\nFROM busybox:1 AS A\n')).toEqual(['image', 'a stage name already used']);
    expect(bases('FROM --platform=$BUILDPLATFORM busybox:1\n')[0]).toMatch(/knows no \$BUILDPLATFORM/);
  });
});

describe('stages', () => {
  it('are all built up to the target, needed or not, and no later one', () => {
    const text = 'FROM a AS one\nFROM b AS two\nFROM c AS three\n';
    const made = plan(text, { target: 'TWO' });
    expect(made.stages.map(({ needed }) => needed)).toEqual([true, true, false]);
    expect(made).toMatchObject({ target: 'two', images: ['a', 'b'], problems: [] });
    expect(plan(text).stages.every(({ needed }) => needed)).toBe(true);
  });

  it('are not chosen by number', () => {
    expect(plan('FROM a\nFROM b\n', { target: '0' }).problems).toMatchObject([{ code: 'missing-stage' }]);
  });

  it('are named without regard to case, by FROM and by COPY --from', () => {
    const made = plan('FROM busybox:1 AS Build\nFROM BUILD\nCOPY --from=bUILD a /\nCOPY --from=0 a /\n');
    expect(made.stages[1]?.base).toEqual({ kind: 'stage', index: 0 });
    const froms = made.stages[1]?.steps.map((step) => (step.kind === 'step' ? step.probe.copy?.from : step.kind));
    expect(froms).toEqual([
      { kind: 'stage', index: 0 },
      { kind: 'stage', index: 0 },
    ]);
    expect(made.images).toEqual(['busybox:1']);
  });

  it('are images where they come later or have no such name', () => {
    const made = plan('FROM busybox:1\nCOPY --from=later a /\nFROM x AS later\n');
    expect(made.images).toEqual(['busybox:1', 'later', 'x']);
  });

  it('are open on an image that is not known', () => {
    expect(steps(stage('RUN a'), { base: null })).toEqual([
      'open: busybox:1 is not on this engine: the build will fetch it',
    ]);
    const text = 'FROM busybox:1 AS a\nRUN x\nFROM a\nRUN y\n';
    expect(steps(text, { base: null }).every((one) => typeof one === 'string' && one.startsWith('open: '))).toBe(true);
  });

  it('may be empty', () => {
    expect(plan('')).toMatchObject({ stages: [], images: [] });
    expect(plan('ARG A\n').stages).toEqual([]);
  });
});

describe('what is not predicted at all', () => {
  it.each([
    ['FROM --platform=linux/arm64 busybox:1\nRUN a\n', {}],
    [stage('COPY --parents a /'), {}],
    [stage('COPY --exclude=x a /'), {}],
    [stage('COPY --link a /'), { engine: [20, 10] as const }],
    [stage('RUN <<EOF\nhi\nEOF'), { engine: [20, 10] as const }],
  ])('is %j', (text, given) => {
    expect(plan(text, given).uncovered).toMatch(/predicted/);
  });

  it('is not what is only written in a stage that is not built', () => {
    expect(plan('FROM a AS x\nFROM b\nCOPY --parents a /\n', { target: 'x' }).uncovered).toBeUndefined();
  });

  it('is a file with bytes that are no text', () => {
    expect(plan(stage('RUN echo \ufffd')).uncovered).toMatch(/not UTF-8/);
  });

  it('is not a flag that this engine ignores', () => {
    expect(plan(stage('COPY --link a /')).uncovered).toBeUndefined();
  });
});
