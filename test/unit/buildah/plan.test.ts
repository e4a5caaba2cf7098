import { describe, expect, it } from 'vitest';
import { readMount } from '../../../core/buildah/mount';
import { planBuildah, type BuildahOptions, type BuildahPlan } from '../../../core/buildah/plan';
import type { BuildahConfig } from '../../../core/buildah/config';
import type { BuildahProbe } from '../../../core/buildah/probe';

interface Given extends Partial<Omit<BuildahOptions, 'buildArgs' | 'image'>> {
  readonly args?: Readonly<Record<string, string>>;
  readonly base?: Partial<BuildahConfig> | null;
}

function plan(text: string, { args = {}, base = {}, ...options }: Given = {}): BuildahPlan {
  const plain = { env: ['PATH=/bin'], workingDir: '', user: '', labels: {}, ports: [], onbuild: [] };
  return planBuildah(text, {
    ...{ target: '', platform: 'linux/amd64', ...options },
    buildArgs: new Map(Object.entries(args)),
    image: () => (base === null ? undefined : { ...plain, ...base }),
  });
}
const stage = (...lines: readonly string[]): string => ['FROM busybox:1', ...lines, ''].join('\n');

function probes(text: string, given: Given = {}): (BuildahProbe | string)[] {
  return plan(text, given)
    .stages.filter(({ needed }) => needed)
    .flatMap(({ steps }) => steps.map((step) => (step.kind === 'step' ? step.probe : `${step.kind}: ${step.message}`)));
}
/** The texts in the history, `SUMMARY` where files decide. */
const texts = (text: string, given: Given = {}): string[] =>
  probes(text, given).map((probe) =>
    typeof probe === 'string' ? probe : probe.text + (probe.copy === undefined ? '' : `SUMMARY${probe.copy.after}`),
  );
const last = (text: string, given: Given = {}): string => texts(text, given).at(-1) ?? 'no steps';
const NOP = '/bin/sh -c #(nop) ';

function lastProbe(text: string, given: Given = {}): BuildahProbe {
  const probe = probes(text, given).at(-1);
  if (probe === undefined || typeof probe === 'string') throw new Error(probe ?? 'no steps');
  return probe;
}
const lastCopy = (text: string, given: Given = {}) => lastProbe(text, given).copy;

describe('the text in the history', () => {
  it.each([
    ['ENV A=1  B="x y"', 'ENV A=1  B="x y"'],
    ['env A=$B', 'env A=$B'],
    ['LABEL  a=1', 'LABEL  a=1'],
    ['CMD [ "a",  "b" ]', 'CMD [ "a",  "b" ]'],
    ['ENTRYPOINT x', 'ENTRYPOINT x'],
    ['EXPOSE 80 443', 'EXPOSE 80 443'],
    ['USER me', 'USER me'],
    ['VOLUME /a /b', 'VOLUME /a /b'],
    ['WORKDIR /a/', 'WORKDIR /a/'],
    ['STOPSIGNAL 9', 'STOPSIGNAL 9'],
    ['SHELL ["/bin/ash"]', 'SHELL ["/bin/ash"]'],
    ['HEALTHCHECK --interval=1s CMD a', 'HEALTHCHECK --interval=1s CMD a'],
    ['MAINTAINER me', 'MAINTAINER me'],
    ['ONBUILD RUN a', 'ONBUILD RUN a'],
  ])('is the line as it is written: %s', (line, text) => {
    expect(last(stage(line))).toBe(NOP + text);
  });

  it('has continuations joined and comments dropped', () => {
    expect(last(stage('ENV A=1 \\', '# why', '  B=2'))).toBe(`${NOP}ENV A=1   B=2`);
  });

  it.each([
    ['RUN echo  $A', '/bin/sh -c echo  $A'],
    ['run echo', '/bin/sh -c echo'],
    ['RUN ["a", "b"]', '/bin/sh -c ["a", "b"]'],
    ['RUN --network=none a', '/bin/sh -c --network=none a'],
    ['RUN <<EOF\n  one\ntwo\n\nEOF', '/bin/sh -c <<EOF\none\ntwo'],
  ])('of %j is its command', (line, text) => {
    expect(last(stage(line))).toBe(text);
  });

  it('of RUN does not have the shell of the stage', () => {
    expect(last(stage('SHELL ["/bin/ash", "-c"]', 'RUN a'))).toBe('/bin/sh -c a');
  });

  it('of RUN has all arguments with a value before it', () => {
    const text = stage('ARG B=2', 'ARG A=x', 'ARG NONE', 'ENV B=env', 'RUN a');
    expect(texts(text, { args: { A: 'a b' } })).toEqual([
      `${NOP}ARG B`,
      `${NOP}ARG A B`,
      `${NOP}ARG A B`,
      `${NOP}ENV B=env`,
      '|3 A=a b B=env /bin/sh -c a',
    ]);
  });

  it.each([
    ['COPY a /x', 'COPY SUMMARY in /x      '],
    ['copy a /x', 'COPY SUMMARY in /x      '],
    ['ADD a b ./', 'ADD SUMMARY in ./      '],
    ['COPY ["a", "/x y/"]', 'COPY SUMMARY in /x y/      '],
    ['COPY --chown=1:2 a /x', 'COPY SUMMARY in /x      '],
    ['COPY --link a /x', 'COPY --link SUMMARY in /x      '],
    ['COPY a $X', 'COPY SUMMARY in $X      '],
  ])('of %s has its destination as it is written', (line, text) => {
    expect(last(stage('ENV X=/dest', line))).toBe(NOP + text);
  });
});

describe('whether a step has a layer', () => {
  it.each([
    ['RUN a', true],
    ['COPY a /', true],
    ['ADD a /', true],
    ['WORKDIR /a', false],
    ['ENV A=1', false],
    ['ARG A', false],
    ['CMD a', false],
  ])('%s: %s', (line, hasLayer) => {
    expect(lastProbe(stage(line)).hasLayer).toBe(hasLayer);
  });
});

describe('files that are copied', () => {
  it('have variables put in, of ENV before those of ARG', () => {
    const copy = lastCopy(stage('ARG S=arg', 'ARG D=/arg', 'ENV D=/env', 'COPY $S ${D}/'));
    expect(copy).toMatchObject({ sources: ['arg'], destination: '/env/' });
  });

  it.each([
    ['/x', '/x'],
    ['/x/', '/x/'],
    ['x', '/w/x'],
    ['x/', '/w/x/'],
    ['.', '/w/'],
    ['./', '/w/'],
    ['..', '/'],
  ])('go below the working directory: %s is %s', (destination, whole) => {
    expect(lastCopy(stage('WORKDIR /w', `COPY a ${destination}`))).toMatchObject({
      destination: whole,
      workingDir: '/w',
    });
  });

  it('have the owner and the mode that are written as numbers', () => {
    expect(lastCopy(stage('COPY --chown=1:2 --chmod=750 a /'))).toMatchObject({
      rule: { from: 'context', owner: { uid: 1, gid: 2 }, chmod: 0o750 },
    });
    expect(lastCopy(stage('COPY --chown=me a /'))?.open).toMatch(/--chown/);
    expect(lastCopy(stage('COPY --chown=1 a /'))?.open).toMatch(/--chown/);
    expect(lastCopy(stage('COPY a /'))?.open).toBeUndefined();
  });

  it('are not known where they come from elsewhere', () => {
    for (const line of [
      'ADD https://a/b /',
      'ADD git@x:a.git /',
      'COPY --parents a /',
      'ADD --checksum=sha256:00 https://a/b /',
    ]) {
      expect(lastCopy(stage(line))?.open ?? last(stage(line)), line).toMatch(/asked|followed|BuildKit/);
    }
  });

  it.each([
    ['of an image that has one', ['PATH=/bin'], [], 'a /bin\n'],
    // such an image gets one for running only
    ['of an image without one', [], [], 'a \n'],
    ['that ENV sets', [], ['ENV PATH=/p'], 'a /p\n'],
    ['of an argument', [], ['ARG PATH=/q'], 'a /q\n'],
  ])('are here-documents with the PATH %s', (_title, env, before, text) => {
    const copy = lastCopy(stage(...before, 'COPY <<EOF /x', 'a $PATH', 'EOF'), { base: { env } });
    expect(copy?.documents).toEqual([{ name: 'EOF', text }]);
  });

  it('are here-documents with what stands in them', () => {
    const documents = (...lines: readonly string[]) => lastCopy(stage('ENV A=1', ...lines))?.documents;
    expect(documents('COPY <<EOF /x', 'a $A "q" \\$A', 'EOF')).toEqual([{ name: 'EOF', text: 'a 1 "q" \\$A\n' }]);
    expect(documents("COPY <<'EOF' /x", 'a $A', 'EOF')).toEqual([{ name: 'EOF', text: 'a $A\n' }]);
    expect(documents('COPY <<-EOF /x', '\t\ta', 'EOF')).toEqual([{ name: 'EOF', text: 'a\n' }]);
    expect(documents('COPY <<EOF /x', 'EOF')).toEqual([{ name: 'EOF', text: '\n' }]);
  });
});

describe('what a RUN mounts', () => {
  it('decides by its parts', () => {
    expect(readMount('type=bind,src=a,from=b,target=/c')).toEqual({ type: 'bind', source: 'a', from: 'b' });
    expect(readMount('source=a=b,ro')).toEqual({ type: '', source: 'a=b', from: '' });
    expect(readMount('')).toEqual({ type: '', source: '', from: '' });
  });

  it('is the context, an image, a stage, or nothing that is looked at', () => {
    const mounted = (flag: string) => {
      const { mounts, stages, blindMounts } = lastProbe(
        `FROM busybox:1 AS b\nFROM busybox:1\nARG D=dir\nRUN --mount=${flag} a\n`,
      );
      return { mounts, stages, blind: blindMounts };
    };
    expect(mounted('type=bind,target=/c')).toEqual({ mounts: [{ kind: 'context', path: '.' }], stages: [], blind: [] });
    expect(mounted('type=bind,source=$D,target=/c').mounts).toEqual([{ kind: 'context', path: 'dir' }]);
    expect(mounted('type=bind,from=other,target=/c').mounts).toEqual([{ kind: 'image', name: 'other' }]);
    expect(mounted('type=bind,from=b,target=/c')).toEqual({ mounts: [], stages: [0], blind: [] });
    expect(mounted('type=cache,from=b,target=/c').stages).toEqual([0]);
    expect(mounted('type=cache,target=/c')).toEqual({ mounts: [], stages: [], blind: [] });
    expect(mounted('source=d,target=/c').blind).toEqual(['d']);
  });

  it('needs no other flag', () => {
    expect(last(stage('RUN --security=insecure a'))).toMatch(/^failure: RUN only supports/);
  });
});

describe('stages', () => {
  const text = 'FROM busybox:1 AS one\nRUN a\nFROM busybox:1 AS two\nRUN b\nFROM busybox:1\nCOPY --from=one a /\n';

  it('are built as far as the target needs them', () => {
    expect(plan(text).stages.map(({ needed }) => needed)).toEqual([true, false, true]);
    expect(plan(text, { target: 'two' }).stages.map(({ needed }) => needed)).toEqual([false, true, false]);
    expect(plan(text, { target: '0' }).stages.map(({ needed }) => needed)).toEqual([true, false, false]);
    const mounting = 'FROM busybox:1 AS one\nFROM busybox:1\nRUN --mount=type=bind,from=one,target=/x a\n';
    expect(plan(mounting).stages.map(({ needed }) => needed)).toEqual([true, true]);
  });

  it('that are not there are a problem', () => {
    for (const target of ['none', '3', '-1']) {
      expect(plan(text, { target }).problems, target).toMatchObject([{ code: 'missing-stage' }]);
    }
  });

  it('have their names with their case', () => {
    expect(plan('FROM busybox:1 AS Build\n', { target: 'build' }).problems).toMatchObject([{ code: 'missing-stage' }]);
    expect(plan('FROM busybox:1 AS Build\n', { target: 'Build' })).toMatchObject({ target: 'Build', problems: [] });
    expect(plan('FROM busybox:1 AS Build\nFROM build\n').images).toContain('build');
  });

  it('may have one name twice: the later one counts', () => {
    const [, , third] = plan('FROM busybox:1 AS a\nFROM busybox:2 AS a\nFROM a\n').stages;
    expect(third?.base).toEqual({ kind: 'stage', index: 1 });
  });

  it('have arguments of the head in FROM, those of the platform too', () => {
    expect(plan('ARG T=1\nFROM busybox:$T\n', { args: { T: '2' } }).images).toEqual(['busybox:2']);
    expect(plan('FROM busybox:$TARGETARCH\n').images).toEqual(['busybox:amd64']);
    expect(plan('ARG A=$TARGETARCH\nFROM x:$A\n', { platform: 'linux/arm64' }).images).toEqual(['x:arm64']);
  });

  it('hand their arguments on to those that stand on them', () => {
    expect(last('FROM busybox:1 AS a\nARG X=1\nFROM a\nRUN b\n')).toBe('|1 X=1 /bin/sh -c b');
    // podman 5.8.6: expanded with arguments alone, of which those without a value are empty
    const words = ['ARG X=1', 'ARG HEAD', `ARG A=\${N:-d} B=\${X}y C='$X' D=\\$X E=$HEAD`, 'ENV K=k', 'ARG F=$K'];
    const under = ['ARG HEAD=h BASE=a', 'FROM busybox:1 AS a', ...words].join('\n');
    const prefix = '|8 A=d B=1y C=$X D=$X E= F= HEAD=h X=1';
    expect(last(`${under}\nFROM a\nRUN b\n`)).toBe(`${prefix} /bin/sh -c b`);
    expect(last(`${under}\nFROM a AS b\nRUN b\nFROM b\nRUN c\n`)).toBe(`${prefix} /bin/sh -c c`);
    expect(last(`${under}\nFROM $BASE\nRUN b\n`)).toBe('/bin/sh -c b');
    expect(last('FROM busybox:1 AS a\nARG X=1\nFROM busybox:1\nRUN b\nCOPY --from=a x /\n').startsWith(NOP)).toBe(true);
  });

  it('do not hand on triggers, which the format of their images does not keep', () => {
    expect(texts('FROM busybox:1 AS a\nONBUILD RUN t\nFROM a\nRUN b\n')).toEqual([
      `${NOP}ONBUILD RUN t`,
      '/bin/sh -c b',
    ]);
    expect(texts(stage('RUN b'), { base: { onbuild: ['RUN t'] } })).toEqual(['/bin/sh -c t', '/bin/sh -c b']);
  });

  it('on no base stop the build', () => {
    expect(plan('ARG B\nFROM $B\n').stages[0]?.base).toMatchObject({ kind: 'failure' });
    expect(plan('FROM ${B\n').stages[0]?.base).toMatchObject({ kind: 'failure' });
  });

  it('are open on an image that is not known', () => {
    expect(texts(stage('RUN a'), { base: null })).toEqual([
      'open: busybox:1 is not in this store: the build will fetch it',
    ]);
  });
});

describe('the configuration that a step makes', () => {
  it('is noted where lines that stay the same may change it', () => {
    const makes = (text: string, args = {}) => lastProbe(text, { args }).makes;
    expect(makes(stage('ARG V=1', 'ENV A=$V'), { V: '2' })?.env).toEqual(['PATH=/bin', 'A=2']);
    expect(makes(stage('ARG V=1', 'LABEL l=$V'))?.labels).toEqual({ l: '1' });
    expect(makes(stage('ARG V=me', 'USER $V'))?.user).toBe('me');
    expect(makes(stage('ARG V=b', 'WORKDIR /a', 'WORKDIR $V/'))?.workingDir).toBe('/a/b');
    expect(makes(stage('CMD a'))).toBeUndefined();
  });
});

describe('what is not predicted', () => {
  it('is FROM --platform, and bytes that are no text', () => {
    expect(plan('FROM --platform=linux/arm64 busybox:1\n').uncovered).toMatch(/--platform/);
    expect(plan(stage('RUN \ufffd')).uncovered).toMatch(/UTF-8/);
  });

  it('is what BuildKit refuses, from that line on', () => {
    const [first, second] = texts(stage('RUN a', 'NONSENSE x', 'RUN b'));
    expect(first).toBe('/bin/sh -c a');
    expect(second).toMatch(/^open: BuildKit refuses this/);
  });

  it('fails at words that Buildah refuses', () => {
    expect(last(stage('ENV A=${B'))).toMatch(/^failure: /);
    expect(last(stage('COPY --chmod=u+x a /'))).toMatch(/^failure: --chmod=u\+x/);
  });
});
