import { describe, expect, it } from 'vitest';
import { failures, imageInfo, lastRun, planOf, runEnvironment, secondBuild, stage, type Build } from '../support/plan';

const args = (...lines: readonly string[]) => lastRun(stage(...lines)).args;
const sh = (text: string) => ['/bin/sh', '-c', text];
/** What the second of two builds does with its only RUN. */
const run = (first: Build | string, second: Build | string) => secondBuild(first, second).at(-1)?.split(' ')[0];

describe('the command of RUN', () => {
  it('is the text for the shell, or the exec form', () => {
    expect(args('RUN echo 1')).toEqual(sh('echo 1'));
    expect(args('RUN ["echo", "1"]')).toEqual(['echo', '1']);
    expect(args('SHELL ["bash", "-ec"]', 'RUN echo 1')).toEqual(['bash', '-ec', 'echo 1']);
    expect(args('RUN')).toEqual(sh(''));
    expect(failures(stage('RUN []'))).toEqual(['arguments are required']);
  });

  it('uses the shell of the image and of the stage below', () => {
    const images = { 'docker.io/library/a:latest': imageInfo({ shell: ['ash', '-c'] }) };
    expect(lastRun({ text: 'FROM a\nRUN x\n', images }).args).toEqual(['ash', '-c', 'x']);
    expect(lastRun('FROM a AS b\nSHELL ["bash", "-c"]\nFROM b\nRUN x\n').args).toEqual(['bash', '-c', 'x']);
  });

  it('is not expanded', () => {
    expect(args('ENV A=1', 'RUN echo $A "$A" \\$A')).toEqual(sh('echo $A "$A" \\$A'));
  });

  it.each([
    ['T18 WORKDIR / before it', 'RUN x', 'WORKDIR /\nRUN x', 'hit'],
    ['T22 its exec form', 'RUN echo 1', 'RUN ["/bin/sh","-c","echo 1"]', 'hit'],
    ['T23 two blanks', 'RUN echo 1 2', 'RUN echo 1  2', 'MISS'],
    ['T24 wrapped', 'RUN a && b', 'RUN a \\\n&& b', 'hit'],
    ['T25 wrapped and indented', 'RUN a && b', 'RUN a \\\n  && b', 'MISS'],
    ['T26 a comment line inside', 'RUN a \\\n && b', 'RUN a \\\n# why\n && b', 'hit'],
    ['T27 a comment at its end', 'RUN a', 'RUN a # note', 'MISS'],
    ['T28 lower case and CRLF', 'RUN a\n', 'run a\r\n', 'hit'],
    ['T21 another SHELL', 'SHELL ["sh","-c"]\nRUN a', 'SHELL ["sh","-ec"]\nRUN a', 'MISS'],
    ['E11 the default SHELL', 'RUN a', 'SHELL ["/bin/sh","-c"]\nRUN a', 'hit'],
    ['E11c SHELL before an exec form', 'RUN ["a"]', 'SHELL ["bash"]\nRUN ["a"]', 'hit'],
    ['O02c --network=default', 'RUN a', 'RUN --network=default a', 'hit'],
    ['O02 --network=none', 'RUN a', 'RUN --network=none a', 'MISS'],
    ['U01 USER root', 'RUN a', 'USER root\nRUN a', 'MISS'],
    ['U02 USER 0 for root', 'USER root\nRUN a', 'USER 0\nRUN a', 'MISS'],
    ['metadata before it (T1)', 'RUN a', 'LABEL a=1\nCMD x\nEXPOSE 80\nVOLUME /v\nONBUILD RUN y\nRUN a', 'hit'],
  ])('%s', (_, first, second, expected) => {
    expect(run(stage(first), stage(second))).toBe(expected);
  });
});

describe('directives', () => {
  it('are in no key (T66)', () => {
    expect(run(stage('RUN a'), `# check=skip=all\n# escape=\`\n${stage('RUN a')}`)).toBe('hit');
  });
});

describe('heredocs of RUN', () => {
  it('are the command when nothing else is on the line, whatever the delimiter (T29)', () => {
    expect(args('RUN <<EOF', 'a', '# b', 'EOF')).toEqual(sh('a\n# b\n'));
    expect(run(stage('RUN <<EOF', 'a', 'EOF'), stage('RUN <<"X"', 'a', 'X'))).toBe('hit');
    expect(run(stage('RUN <<EOF', 'a', 'EOF'), stage('RUN <<EOF', '# c', 'a', 'EOF'))).toBe('MISS');
  });

  it('keep the CR of their lines (B25)', () => {
    expect(run('FROM a\nRUN <<E\nx\nE\n', 'FROM a\r\nRUN <<E\r\nx\r\nE\r\n')).toBe('MISS');
  });

  it('lose leading tabs with <<-', () => {
    expect(args('RUN <<-EOF', '\ta', '\t\tEOF')).toEqual(sh('a\n'));
  });

  it('stay where they are next to other text, so that the delimiter counts (P07f)', () => {
    expect(args('RUN cat <<A - <<-"B" > x', 'a', 'A', '\tb', '\tB')).toEqual(sh('cat <<A - <<-"B" > x\na\nA\n\tb\nB'));
  });

  it('that start with #! are a file of their own, whose name counts (P07d)', () => {
    const op = lastRun(stage('RUN <<EOF', '#!/bin/ash', 'a', 'EOF'));
    expect(op.args).toEqual(sh('/dev/pipes/EOF'));
    expect(op.mounts).toMatchObject([
      { dest: '/', input: 0, output: 0 },
      { dest: '/dev/pipes/', input: 1, output: -1, selector: '/', readonly: true },
    ]);
  });
});

describe('the environment of RUN', () => {
  it.each([
    ['T4 other order', 'ENV A=1 C=2', 'ENV C=2 A=1', 'MISS'],
    ['T5 on two lines', 'ENV A=1 C=2', 'ENV A=1\nENV C=2', 'hit'],
    ['T6 ARG for ENV', 'ENV A=1', 'ARG A=1', 'hit'],
    ['T11 an ARG without value', '', 'ARG A', 'hit'],
    ['E08 set again', 'ENV C=2\nENV A=1', 'ENV A=0\nENV C=2\nENV A=1', 'hit'],
    ['E09 set again in another order', 'ENV A=1\nENV C=2', 'ENV A=0\nENV C=2\nENV A=1', 'MISS'],
    ['Y02 set again to the same value', 'ENV A=1\nENV B=2', 'ENV A=1\nENV B=2\nENV A=1', 'MISS'],
    ['E07 the old form', 'ENV A 1', 'ENV A=1', 'hit'],
    ['B05 quotes', 'ENV A="x y"', `ENV A='x y'`, 'hit'],
    ['A19 order of ARG', 'ARG A=1\nARG B=2', 'ARG B=2\nARG A=1', 'MISS'],
    ['one ARG for two', 'ARG A=1 B=2', 'ARG A=1\nARG B=2', 'hit'],
  ])('%s', (_, first, second, expected) => {
    expect(run(stage(first, 'RUN x'), stage(second, 'RUN x'))).toBe(expected);
  });

  it('has the values from before the line of ENV (B03)', () => {
    expect(runEnvironment(stage('ENV A=0', 'ENV A=1 C=$A', 'RUN x'))).toEqual(['A=1', 'C=0']);
  });

  it('has the last of ENV and ARG of one name (T65)', () => {
    const text = stage('ENV V=env', 'ARG V=arg', 'RUN x');
    expect(runEnvironment(text)).toEqual(['V=arg']);
    expect(runEnvironment({ text: stage('ENV V=env', 'ARG V', 'RUN x'), args: { V: 'cli' } })).toEqual(['V=cli']);
    expect(runEnvironment(stage('ARG V=arg', 'ENV V=$V-2', 'RUN x'))).toEqual(['V=arg-2']);
  });

  it('has default values that use what is known at that line (A20)', () => {
    expect(runEnvironment(stage('ARG A=1 B=$A-2', 'ENV C=3', 'ARG D=$B$C', 'RUN x'))).toEqual([
      'A=1',
      'B=1-2',
      'C=3',
      'D=1-23',
    ]);
  });

  it.each([
    ['T7 an unused ARG before it', 'ARG V\nRUN x', { V: '1' }, { V: '2' }, 'MISS'],
    ['T8 an ARG after it', 'RUN x\nARG V', { V: '1' }, { V: '2' }, 'hit'],
    ['T9 an argument that nothing declares', 'RUN x', { V: '1' }, { V: '2' }, 'hit'],
    ['A07 an argument equal to its default', 'ARG V=1\nRUN x', {}, { V: '1' }, 'hit'],
    ['A21 an empty argument', 'ARG A\nRUN x', {}, { A: '' }, 'MISS'],
    ['T12 a proxy that is not declared', 'RUN x', { http_proxy: '1' }, { HTTP_PROXY: '2' }, 'hit'],
    ['T13 a declared proxy', 'ARG http_proxy\nRUN x', { http_proxy: '1' }, { http_proxy: '2' }, 'MISS'],
    ['T14 a time that nothing uses', 'RUN x', {}, { SOURCE_DATE_EPOCH: '1' }, 'hit'],
    ['A16b a host name', 'RUN x', {}, { BUILDKIT_SANDBOX_HOSTNAME: 'h' }, 'MISS'],
    ['A16 inline cache', 'RUN x', {}, { BUILDKIT_INLINE_CACHE: '1' }, 'hit'],
    ['an SBOM argument', 'ARG BUILDKIT_SBOM_SCAN_STAGE\nRUN x', {}, { BUILDKIT_SBOM_SCAN_STAGE: '1' }, 'hit'],
  ])('%s', (_, lines, first, second, expected) => {
    const text = stage(lines);
    expect(run({ text, args: first }, { text, args: second })).toBe(expected);
  });

  it('has the variables of the image first, and a PATH in any case', () => {
    const images = { 'docker.io/library/a:latest': imageInfo({ env: ['B=1', 'A=2'] }) };
    const { env } = lastRun({ text: 'FROM a\nENV C=3 B=4\nRUN x\n', images });
    expect(env.map((one) => one.replace(/^PATH=.*/, 'PATH'))).toEqual(['A=2', 'PATH', 'C=3', 'B=4']);
    expect(lastRun('FROM scratch\nRUN x\n').env).toHaveLength(1);
  });

  it('comes from the stage below with its ARG, but ENV moves behind them (X13, X14)', () => {
    expect(runEnvironment('FROM a AS p\nENV A=1\nARG V=2\nENV B=3\nRUN x\n')).toEqual(['A=1', 'V=2', 'B=3']);
    expect(runEnvironment('FROM a AS p\nENV A=1\nARG V=2\nENV B=3\nFROM p\nRUN x\n')).toEqual(['V=2', 'A=1', 'B=3']);
    expect(runEnvironment('FROM a AS p\nARG V=2\nFROM a\nRUN x\n')).toEqual([]);
  });
});

describe('options of the build', () => {
  const text = stage('RUN x');

  it('count as they count for the builder', () => {
    expect(run({ text, addHosts: ['a'] }, { text, addHosts: ['A'] })).toBe('hit');
    expect(run({ text, addHosts: ['a'] }, { text, addHosts: ['a', 'b'] })).toBe('MISS');
    expect(run({ text, addHosts: ['a', 'b'] }, { text, addHosts: ['b', 'a'] })).toBe('MISS');
    expect(run(text, { text, network: 'host' })).toBe('MISS');
    expect(run({ text, network: 'none' }, stage('RUN --network=none x'))).toBe('hit');
  });

  it('let a RUN have a network of its own', () => {
    expect(lastRun({ text: stage('RUN --network=host x'), network: 'none' }).network).toBe(1);
    expect(lastRun({ text: stage('RUN --network=default x'), network: 'none' }).network).toBe(2);
  });
});

describe('mounts of RUN', () => {
  const mounts = (build: Build | string) => lastRun(build).mounts;

  it('are sorted by their targets and number their inputs in that order', () => {
    const text =
      'FROM a AS one\nRUN 1\nFROM b\nRUN --mount=from=one,target=/z --mount=target=/y --mount=from=one,target=/x 2\n';
    expect(mounts(text).map(({ dest, input, output }) => [dest, input, output])).toEqual([
      ['/', 0, 0],
      ['/x', 1, -1],
      ['/y', 2, -1],
      ['/z', 1, -1],
    ]);
    const { vertices } = planOf(text);
    expect(vertices.at(-1)?.inputs.map((input) => vertices[input]?.op.kind)).toEqual(['image', 'exec', 'local']);
  });

  it('of scratch, tmpfs and new caches have no input', () => {
    const list = ['from=scratch,target=/a', 'type=tmpfs,target=/b,size=1m', 'type=cache,target=/c'];
    const line = `RUN ${list.map((one) => `--mount=${one}`).join(' ')} x`;
    expect(mounts(stage(line)).map(({ dest, input, type, tmpfsSize }) => [dest, input, type, tmpfsSize])).toEqual([
      ['/', 0, 'bind', 0],
      ['/a', -1, 'bind', 0],
      ['/b', -1, 'tmpfs', 1_048_576],
      ['/c', -1, 'cache', 0],
    ]);
  });

  it('have targets below the working directory, which is the target when there is none', () => {
    const targets = (...lines: readonly string[]) => mounts(stage(...lines)).map(({ dest }) => dest);
    expect(targets('WORKDIR /w', 'RUN --mount=target=m x')).toEqual(['/', '/w/m']);
    expect(targets('WORKDIR /w', 'RUN --mount=type=cache x')).toEqual(['/', '/w']);
    expect(targets('RUN --mount=target=/m/ x')).toEqual(['/', '/m/']);
    expect(failures(stage('RUN --mount=type=cache x'))).toEqual(['invalid mount target "/"']);
    expect(failures(stage('RUN --mount=target=/ x'))).toEqual(['invalid mount target "/"']);
  });

  it('have ids of caches in the namespace of the build (A16c, P02k)', () => {
    const defaults = stage('RUN --mount=type=cache,target=/c x');
    const named = stage('RUN --mount=type=cache,target=/c,id=one x');
    const namespaced = { BUILDKIT_CACHE_MOUNT_NS: 'ns' };
    expect(mounts(defaults)[1]?.cacheId).toBe('//c');
    expect(mounts({ text: named, args: namespaced })[1]?.cacheId).toBe('ns/one');
    expect(run(defaults, { text: defaults, args: namespaced })).toBe('MISS');
    expect(run(named, { text: named, args: namespaced })).toBe('hit');
  });

  it('do not care about the order of flags and of their keys (P05)', () => {
    expect(
      run(
        stage('RUN --mount=type=cache,target=/c --mount=type=bind,source=a,target=/b x'),
        stage('RUN --mount=target=/b,source=a --mount=target=/c,type=cache x'),
      ),
    ).toBe('hit');
  });

  it('are covered by variables of the stage', () => {
    expect(mounts(stage('ARG D=/d', 'RUN --mount=type=cache,target=$D x'))[1]?.dest).toBe('/d');
  });
});
