import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../../../core/dockerfile/dockerfile';

describe('the model of a Dockerfile', () => {
  it('has global arguments, stages and their instructions', () => {
    const { value, problems } = parseDockerfile('ARG V=1\nFROM a:$V AS x\nRUN 1\nARG W\nFROM x\nRUN 2\n');
    expect(problems).toEqual([]);
    expect(value.globalArguments.map(({ declarations }) => declarations)).toEqual([[{ name: 'V', value: '1' }]]);
    expect(value.stages.map(({ index, from }) => [index, from.base, from.name])).toEqual([
      [0, 'a:$V', 'x'],
      [1, 'x', ''],
    ]);
    expect(value.stages.map(({ instructions }) => instructions.map(({ text }) => text))).toEqual([
      ['RUN 1', 'ARG W'],
      ['RUN 2'],
    ]);
  });

  it('reports every instruction that the builder refuses, with its line', () => {
    const { value, problems } = parseDockerfile('FROM a\nFOO 1\nRUN 2\nCOPY x\n');
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [2, 'unknown instruction: FOO'],
      [4, 'COPY requires at least two arguments, but only 1 was provided'],
    ]);
    expect(value.stages[0]?.instructions).toHaveLength(3);
  });

  it('reports instructions before the first FROM, and a file without one', () => {
    expect(parseDockerfile('RUN 1\nFROM a\n').problems).toMatchObject([{ line: 1 }]);
    expect(parseDockerfile('ARG A\n').problems).toMatchObject([{ message: 'dockerfile contains no stages to build' }]);
  });
});
