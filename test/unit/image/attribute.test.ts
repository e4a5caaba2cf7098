import { describe, expect, it } from 'vitest';
import { attribute, type PossibleMaker } from '../../../core/image/attribute';
import { instructionOf } from '../../../core/image/createdBy';

const makers = (...texts: readonly string[]): PossibleMaker[] =>
  texts.map((text, index) => ({ line: index + 2, instruction: text.split(' ')[0]?.toUpperCase() ?? '', text }));

describe('a step of a history in the words of a Dockerfile', () => {
  it.each([
    ['RUN /bin/sh -c echo hi # buildkit', 'RUN echo hi'],
    ['/bin/sh -c echo hi', 'RUN echo hi'],
    ['/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'],
    ['/bin/sh -c #(nop) COPY file:0123 in /a ', 'COPY file:0123 in /a'],
    ['COPY a /b # buildkit', 'COPY a /b'],
    ['|1 A=1 /bin/sh -c make', 'RUN make'],
    ['|2 A=1 B=x y /bin/sh -c make all', 'RUN make all'],
    ['RUN |1 A=1 /bin/sh -c make # buildkit', 'RUN make'],
    ['WORKDIR /app', 'WORKDIR /app'],
    ['', ''],
  ])('%s', (createdBy, expected) => {
    expect(instructionOf(createdBy)).toBe(expected);
  });
});

describe('the lines that made the steps of an image', () => {
  it('are found by keywords and by the commands', () => {
    const steps = ['WORKDIR /app', 'COPY a b /app/ # buildkit', 'RUN /bin/sh -c make all # buildkit', 'CMD ["x"]'];
    expect(attribute(steps, makers('WORKDIR /app', 'COPY a b ./', 'RUN make   all', 'CMD x'))).toEqual([2, 3, 4, 5]);
  });

  it('leave steps of a base alone', () => {
    const steps = ['ADD rootfs /', 'CMD ["sh"]', 'RUN /bin/sh -c make # buildkit'];
    expect(attribute(steps, makers('RUN make'))).toEqual([undefined, undefined, 2]);
  });

  it('may have variables in their commands, and options before them', () => {
    expect(
      attribute(['RUN |1 V=1 /bin/sh -c echo $V # buildkit'], makers('RUN --mount=type=cache,target=/c echo $V')),
    ).toEqual([2]);
    expect(attribute(['/bin/sh -c echo 1'], makers('RUN echo ${V}'))).toEqual([2]);
  });

  it('may be of ARG, of which builders note none, or one for each name', () => {
    expect(attribute(['RUN /bin/sh -c make'], makers('ARG A=1', 'RUN make', 'ARG B'))).toEqual([3]);
    expect(attribute(['ARG A=1', 'RUN /bin/sh -c make'], makers('ARG A=1', 'RUN make'))).toEqual([2, 3]);
  });

  it('are found quickly among commands with many variables that are none', () => {
    const command = `RUN ${'$A '.repeat(40)}end`;
    const started = performance.now();
    expect(attribute([`RUN /bin/sh -c ${'x '.repeat(5000)}`], makers(command))).toBeUndefined();
    expect(attribute([`RUN /bin/sh -c ${'x '.repeat(5000)}end`], makers(command))).toEqual([2]);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it.each([
    ['another command', ['RUN /bin/sh -c make it'], makers('RUN make')],
    ['another keyword', ['COPY a /b'], makers('RUN make')],
    ['more instructions than steps', ['RUN /bin/sh -c make'], makers('COPY a /b', 'RUN make')],
    ['no instruction', ['RUN /bin/sh -c make'], []],
  ])('are not guessed for %s', (_, steps, from) => {
    expect(attribute(steps, from)).toBeUndefined();
  });
});
