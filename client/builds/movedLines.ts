/** One change of a text, in the words of the text before it. 0-based. */
export interface TextChange {
  readonly range: {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number; readonly character: number };
  };
  readonly text: string;
}

/** Where a 0-based line is after changes of the text, which the editor lists from the last one to the first. */
export function movedLine(line: number, changes: readonly TextChange[]): number {
  return [...changes]
    .sort((one, other) => other.range.end.line - one.range.end.line)
    .reduce((at, { range, text }) => {
      const added = text.split('\n').length - 1;
      const removed = range.end.line - range.start.line;
      const isBehind = at > range.end.line || (at === range.end.line && range.end.character === 0);
      if (isBehind) return at + added - removed;
      // in the middle of what was replaced
      return at > range.start.line ? Math.min(at, range.start.line + added) : at;
    }, line);
}
