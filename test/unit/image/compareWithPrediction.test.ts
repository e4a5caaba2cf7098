import { describe, expect, it } from 'vitest';
import {
  compareWithPrediction,
  renderStepPairs,
  type BuiltStep,
  type PlannedStep,
} from '../../../core/image/compareWithPrediction';
import type { StepSize, Verdict } from '../../../core/model';

const built = (createdBy: string, bytes?: number): BuiltStep => ({ createdBy, bytes });

function planned(
  line: number,
  text: string,
  verdict: Verdict,
  bytes: number | null = null,
  basis: StepSize['basis'] = 'exact',
): PlannedStep {
  const size: StepSize = bytes === null ? { bytes, basis: 'unknown' } : { bytes, basis };
  return { line: { start: line, end: line }, instruction: text.split(' ')[0] ?? '', text, verdict, size };
}

const IMAGE = [built('COPY src /src # buildkit', 100), built('ENV A=1'), built('RUN /bin/sh -c make # buildkit', 5000)];
const SAME = [
  planned(2, 'COPY src /src', 'rebuild', 120),
  planned(3, 'ENV A=1', 'no-layer', 0),
  planned(4, 'RUN make', 'rebuild', 4000, 'estimate'),
];

const pairs = (plan: readonly PlannedStep[]): string[] =>
  compareWithPrediction(IMAGE, plan).map(
    ({ kind, built: step, planned: now }) =>
      `${kind} ${step?.createdBy.split(' ')[0] ?? '-'} ${now?.line.start ?? '-'}`,
  );

describe('an image beside what its Dockerfile would give now', () => {
  it('has each step beside its instruction', () => {
    expect(pairs(SAME)).toEqual(['same COPY 2', 'same ENV 3', 'same RUN 4']);
  });

  it('has new instructions alone, and steps whose instruction is gone', () => {
    expect(pairs([planned(2, 'WORKDIR /w', 'rebuild', 0), ...SAME.slice(0, 1), ...SAME.slice(2)])).toEqual([
      ...['added - 2', 'same COPY 2', 'removed ENV -', 'same RUN 4'],
    ]);
  });

  it('takes a changed command for one that goes and one that comes', () => {
    expect(pairs([...SAME.slice(0, 2), planned(4, 'RUN make all', 'rebuild')])).toEqual([
      ...['same COPY 2', 'same ENV 3', 'removed RUN -', 'added - 4'],
    ]);
  });

  it('is told line by line, with what each gains, and what is not known', () => {
    const write = (bytes: number): string => `${bytes} B`;
    const text = renderStepPairs('a:1', '/p/Dockerfile', compareWithPrediction(IMAGE, SAME), write);
    expect(text).toContain('a:1 → /p/Dockerfile as it would be built now');
    expect(text).toContain('      100 B      120 B      +20 B  rebuild     2: COPY src /src');
    expect(text).toContain('     5000 B    ≈4000 B    -1000 B  rebuild     4: RUN make');
    expect(text).toContain('5100 B → 4120 B in the layers of these instructions');
    const open = renderStepPairs(
      'a:1',
      'D',
      compareWithPrediction(IMAGE, [planned(2, 'RUN make all', 'may-hit')]),
      write,
    );
    expect(open).toContain('?');
    expect(open).toContain('5100 B → at least 0 B');
  });
});
