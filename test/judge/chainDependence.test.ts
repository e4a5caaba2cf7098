import { describe, expect, it } from 'vitest';
import { chainDependences } from './chainDependence.js';
import { readDockerfileLines, type InstructionLines } from './dockerfileLines.js';
import type { FoundStep } from './imageSteps.js';

/** Each line with `!` before it is executed, the others are cached; the numbers of the lines with that dependence. */
function dependent(on: 'output' | 'context', lines: readonly string[], noCache = false): number[] {
  const file = readDockerfileLines(lines.map((line) => line.replace(/^!/, '')).join('\n'));
  const steps = new Map<InstructionLines, FoundStep>();
  for (const one of file.instructions)
    if (one.keyword !== 'FROM') {
      const executed = lines[one.start - 1]?.startsWith('!') === true;
      steps.set(one, { outcome: executed ? 'executed' : 'cached', image: `image ${one.start}` });
    }
  const known = chainDependences({ file, found: { steps, triggers: new Map() }, noCache });
  return [...steps].filter(([, step]) => known.get(step)?.[on] === true).map(([one]) => one.start);
}

describe('what the outcome of a step depended on, in a chain of images', () => {
  const base = ['FROM b AS s', 'RUN x', 'COPY a /a', 'FROM b', 'RUN y'];

  it('is the content of another image, for a COPY from it and all that stands on it', () => {
    expect(dependent('output', [...base, 'COPY --from=s /a /a', 'ENV A=1'])).toEqual([6, 7]);
    expect(dependent('output', [...base, 'COPY --from=other:1 /a /a', 'ENV A=1'])).toEqual([6, 7]);
    expect(dependent('output', [...base, 'ADD https://example.org/a /a', 'ENV A=1'])).toEqual([6, 7]);
    expect(dependent('output', ['FROM b AS s', 'COPY --from=x /a /a', 'FROM s', 'RUN y', 'FROM b', 'RUN z'])).toEqual([
      2, 4,
    ]);
  });

  it('is nothing of that kind behind a step that is executed anyway, nor without cache', () => {
    expect(dependent('output', [...base, '!ENV A=1', '!COPY --from=s /a /a', '!RUN z'])).toEqual([]);
    expect(dependent('output', ['FROM b AS s', '!RUN x', 'FROM s', '!COPY --from=x /a /a'])).toEqual([]);
    expect(dependent('output', ['FROM b', '!COPY --from=x /a /a', '!RUN y'])).toEqual([2, 3]);
    expect(dependent('output', ['FROM b', '!COPY --from=x /a /a', '!RUN y'], true)).toEqual([]);
  });

  it('is the state of a stage that a mount takes, which can be foretold, unless that stage cannot', () => {
    const mount = 'RUN --mount=type=bind,from=s,target=/m z';
    expect(dependent('output', [...base, mount])).toEqual([]);
    expect(dependent('output', ['FROM b AS s', 'COPY --from=x /a /a', 'FROM b', mount])).toEqual([2, 4]);
  });

  it('is the build context, also through other stages and mounts', () => {
    expect(dependent('context', [...base, 'COPY --from=s /a /a', 'ENV A=1'])).toEqual([3, 6, 7]);
    expect(dependent('context', ['FROM b', 'RUN x', 'RUN --mount=source=d,target=/m y', 'RUN z'])).toEqual([3, 4]);
    expect(dependent('context', ['FROM b', 'RUN --mount=type=cache,target=/m y', 'ADD https://e.org/a /a'])).toEqual(
      [],
    );
  });
});
