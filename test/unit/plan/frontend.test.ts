import { describe, expect, it } from 'vitest';
import { planOf } from '../support/plan';

describe('a file for another frontend', () => {
  it.each([
    '# syntax=me/other:1\nINCLUDE a\nFROM a\n',
    '// syntax=me/other:1\n{}\n',
    '{ "syntax": "me/other:1" }',
    '# syntax=docker/dockerfile:1-labs\nFROM a\nRUN --new x\n',
  ])('%j is not refused by the rules of the builder', (text) => {
    const { problems, steps, uncovered, vertices } = planOf(text);
    expect(problems.map(({ code }) => code)).toEqual(['other-frontend']);
    expect(uncovered).toContain('# syntax');
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.every(({ failure, vertex }) => failure === undefined && vertices[vertex ?? -1] !== undefined)).toBe(
      true,
    );
  });

  it('is refused where an official frontend would not read it either', () => {
    expect(planOf('# syntax=docker/dockerfile:1\nFROM a\nENV A\n').problems).toMatchObject([{ line: 3 }]);
  });

  it('is planned as it is where nothing is wrong with it', () => {
    expect(planOf('# syntax=me/other:1\nFROM a\nRUN x\n').images).toHaveLength(1);
    expect(planOf({ text: 'FROM a\nFOO\n', args: { BUILDKIT_SYNTAX: 'me/other' } }).problems[0]?.code).toBe(
      'other-frontend',
    );
  });
});

describe('bytes that no command can have', () => {
  it('fail where they are, or say that nothing is certain', () => {
    const failing = planOf('FROM a\nENV A=x\0\nWORKDIR /a\nRUN x\n').steps.filter(
      ({ failure }) => failure !== undefined,
    );
    expect(failing.map(({ text }) => text)).toEqual(['RUN x']);
    const { problems, uncovered } = planOf('FROM a\nENV A=\uFFFD\nRUN x\uFFFD\n');
    expect(problems).toMatchObject([{ code: 'not-utf8', line: 3 }]);
    expect(uncovered).toContain('UTF-8');
  });
});
