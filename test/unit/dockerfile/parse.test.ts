import { describe, expect, it } from 'vitest';
import { splitDockerfile } from '../../../core/dockerfile/lines';
import { parseInstruction } from '../../../core/dockerfile/parse';
import type { Instruction } from '../../../core/dockerfile/instruction';

function parse(text: string): Instruction {
  const { instructions, escape } = splitDockerfile(text).value;
  const [first] = instructions;
  if (first === undefined) throw new Error('no instruction');
  return parseInstruction(first, escape);
}

const error = (text: string) => {
  const instruction = parse(text);
  return instruction.kind === 'invalid' ? instruction.error : undefined;
};

describe('FROM', () => {
  it('has an image, a platform and a name in lower case', () => {
    expect(parse('FROM --platform=linux/arm64 busybox:1 As Build-1')).toMatchObject({
      kind: 'from',
      base: 'busybox:1',
      platform: 'linux/arm64',
      name: 'build-1',
    });
    expect(parse('from busybox')).toMatchObject({ kind: 'from', base: 'busybox', name: '', platform: '' });
  });

  it.each(['FROM', 'FROM a b', 'FROM a AS', 'FROM a AS b c', 'FROM a WITH b', 'FROM a AS 1b', 'FROM a AS b/c'])(
    'refuses %s',
    (text) => {
      expect(error(text)).toBeDefined();
    },
  );
});

describe('RUN', () => {
  it('is the shell form with its text verbatim', () => {
    expect(parse('RUN  echo  "a" # b ')).toMatchObject({ kind: 'run', exec: undefined, shell: 'echo  "a" # b' });
  });

  it('is the exec form when the whole rest is a JSON array', () => {
    expect(parse('RUN [ "a", "b" ]')).toMatchObject({ exec: ['a', 'b'], shell: '' });
    expect(parse('RUN ["a"] && b')).toMatchObject({ exec: undefined, shell: '["a"] && b' });
    expect(parse('RUN [ -f x ] || exit 1')).toMatchObject({ exec: undefined, shell: '[ -f x ] || exit 1' });
  });

  it('takes its flags off the text', () => {
    expect(parse('RUN --network=none --mount=type=cache,target=/a --mount=type=tmpfs,target=/b x')).toMatchObject({
      network: 'none',
      mounts: ['type=cache,target=/a', 'type=tmpfs,target=/b'],
      shell: 'x',
    });
  });

  it('refuses unknown networks and flags and mixed JSON', () => {
    expect(error('RUN --network=bridge x')).toBe('invalid network mode "bridge"');
    expect(error('RUN --mounts=x y')).toBe('unknown flag: --mounts');
    expect(error('RUN ["a", 1]')).toContain('only string type');
  });
});

describe('COPY and ADD', () => {
  it('have sources and a destination in both forms', () => {
    const expected = { kind: 'copy', isAdd: false, sources: ['a b', 'c'], destination: '/d' };
    expect(parse('COPY ["a b", "c", "/d"]')).toMatchObject(expected);
    expect(parse('COPY a c /d')).toMatchObject({ ...expected, sources: ['a', 'c'] });
  });

  it('keep quotes in the plain form for the expansion', () => {
    expect(parse('COPY "a b" /d')).toMatchObject({ sources: ['"a', 'b"'] });
  });

  it('have their own flags', () => {
    expect(parse('COPY --from=x --chown=1:2 --chmod=755 --link --exclude=*.log --exclude=b a /d')).toMatchObject({
      from: 'x',
      chown: '1:2',
      chmod: '755',
      link: true,
      exclude: ['*.log', 'b'],
    });
    expect(parse('ADD --keep-git-dir --checksum=sha256:x --unpack=false https://a/b /d')).toMatchObject({
      isAdd: true,
      keepGitDir: true,
      unpack: false,
      checksum: 'sha256:x',
    });
    expect(error('ADD --from=x a /d')).toBe('unknown flag: --from');
    expect(error('COPY --unpack a /d')).toBe('unknown flag: --unpack');
  });

  it('have inline documents next to paths', () => {
    const copy = parse('COPY a <<"one" <<-two /d/\n1\none\n\t2\ntwo\n');
    expect(copy).toMatchObject({
      sources: ['a'],
      documents: [
        { name: 'one', expand: false, chomp: false, content: '1\n' },
        { name: 'two', expand: true, chomp: true, content: '\t2\n' },
      ],
    });
  });

  it('refuse a missing destination and an inline document as one', () => {
    expect(error('COPY a')).toContain('requires at least two arguments');
    expect(error('COPY a <<EOF\nx\nEOF\n')).toBe('COPY cannot accept a heredoc as a destination');
  });
});

describe('ARG', () => {
  it('declares names with and without defaults', () => {
    expect(parse('ARG A B=1 C="x y" D=')).toMatchObject({
      declarations: [
        { name: 'A', value: undefined },
        { name: 'B', value: '1' },
        { name: 'C', value: '"x y"' },
        { name: 'D', value: '' },
      ],
    });
    expect(error('ARG')).toBeDefined();
    expect(error('ARG =x')).toBe('ARG names can not be blank');
  });
});

describe('ONBUILD', () => {
  it('holds another instruction, its heredocs included', () => {
    expect(parse('ONBUILD  RUN a')).toMatchObject({ kind: 'onbuild', trigger: 'RUN a' });
    expect(parse('onbuild RUN <<EOF\na\nEOF\n')).toMatchObject({ trigger: 'RUN <<EOF\na\nEOF' });
  });

  it.each(['ONBUILD', 'ONBUILD ONBUILD RUN a', 'ONBUILD FROM a', 'onbuild maintainer x'])('refuses %s', (text) => {
    expect(error(text)).toBeDefined();
  });
});

describe('other instructions', () => {
  it.each([
    ...['LABEL a=1', 'LABEL a 1', 'CMD a', 'CMD ["a"]', 'ENTRYPOINT []', 'EXPOSE 80 443/tcp', 'VOLUME /a /b'],
    ...['VOLUME ["/a"]', 'STOPSIGNAL 9', 'MAINTAINER me', 'HEALTHCHECK NONE', 'HEALTHCHECK --interval=1m30s CMD a'],
    ...['HEALTHCHECK --interval=5s NONE', 'HEALTHCHECK --retries=3 --timeout=0 CMD ["a"]', 'STOPSIGNAL --x 9'],
  ])('%s only changes the configuration', (text) => {
    expect(parse(text).kind).toBe('metadata');
  });

  it.each([
    ...['FOO a', 'RUN\u00a0echo 1', '\u2028 x', 'LABEL', 'LABEL a', 'CMD [1]', 'EXPOSE', 'VOLUME', 'VOLUME []'],
    ...['VOLUME [""]', 'STOPSIGNAL', 'MAINTAINER', 'WORKDIR', 'USER', 'SHELL sh -c', 'SHELL []', 'SHELL'],
    ...['HEALTHCHECK', 'HEALTHCHECK CMD', 'HEALTHCHECK NONE x', 'HEALTHCHECK RUN a', 'HEALTHCHECK --x=1 CMD a'],
    ...['HEALTHCHECK --interval=5 CMD a', 'HEALTHCHECK --retries=x CMD a', 'HEALTHCHECK --retries=-1 CMD a'],
    ...['WORKDIR --x /a', 'ENV A', '{'],
  ])('%j stops the build', (text) => {
    expect(parse(text).kind).toBe('invalid');
  });

  it('know a keyword in any case', () => {
    expect(parse('wOrKdIr /a b')).toMatchObject({ kind: 'workdir', keyword: 'WORKDIR', path: '/a b' });
    expect(parse('user a')).toMatchObject({ kind: 'user', user: 'a' });
    expect(parse('shell ["a"]')).toMatchObject({ kind: 'shell', shell: ['a'] });
  });
});
