import type { Analysis } from '../analysis';
import type { Answer } from '../answers';

/** While the text is half typed what was known before stays where it belongs. */
export function calmAnswer(analysis: Analysis, shown: Answer): Answer {
  const broken = shown.prediction.problems.some((one) => one.code === 'bad-instruction');
  return broken ? (analysis.lastGood ?? shown) : shown;
}

/** Where the lines of an answer's text are in the present text: what surrounds an edit moves with it. */
export function linePlaces(answer: Answer, now: readonly string[]): (line: number) => number | undefined {
  const before = answer.text.split('\n');
  let head = 0;
  while (head < before.length && head < now.length && before[head] === now[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < now.length - head &&
    before[before.length - 1 - tail] === now[now.length - 1 - tail]
  ) {
    tail++;
  }
  const moved = now.length - before.length;
  return (line) => {
    if (line < head) return line;
    if (line >= before.length - tail) return line + moved;
    return moved === 0 ? line : undefined;
  };
}
