import { goRegexp } from './goRegexp';

type Test = (path: string) => boolean;

/** One pattern of an ignore file, compiled when it is first asked (moby/patternmatcher patternmatcher.go Pattern). */
export class IgnorePattern {
  /** Undefined as long as nothing was asked; null when there is no valid expression. */
  private test: Test | null | undefined;

  constructor(
    /** Trimmed, cleaned, and without the `!` of an exception. */
    readonly text: string,
    readonly isException: boolean,
  ) {}

  /**
   * May the pattern match a path directly in this directory (empty: the context itself)? `*` and `?` match no `/`, so
   * that without `**` a pattern speaks of one depth, and a plain text of one folder: that is most of most ignore files.
   */
  mayMatchIn(directory: string): boolean {
    const { text } = this;
    if (/[[\]\\^\uFEFF]|\*\*/.test(text)) return true;
    const above = text.slice(0, Math.max(0, text.lastIndexOf('/')));
    return /[*?]/.test(above) ? depth(above) === depth(directory) : above === directory;
  }

  /**
   * Does the pattern match this very path, whatever its parents? Undefined when the pattern is one that the builder
   * accepts and then fails on.
   */
  matches(path: string): boolean | undefined {
    if (this.test === undefined) this.test = compile(this.text) ?? null;
    return this.test?.(path);
  }
}

/**
 * Patternmatcher.go compile and match: the pattern becomes a regular expression, or, as a faster way that is not always
 * the same thing, a comparison with the text as it stands.
 */
function compile(text: string): Test | undefined {
  // Go's text/scanner drops a byte order mark; the text that is compared keeps it
  const runes = [...text.replace(/^\uFEFF/, '')];
  let kind: 'exact' | 'prefix' | 'suffix' | 'expression' = 'exact';
  let source = '^';
  for (let at = 0; at < runes.length; at++) {
    const rune = runes[at] ?? '';
    if (rune === '*' && runes[at + 1] === '*') {
      const leading = at === 0;
      at++;
      // `**/` is the same as `**`
      if (runes[at + 1] === '/') at++;
      if (at + 1 < runes.length) {
        source += '(.*/)?';
        kind = 'expression';
      } else if (kind === 'exact') kind = 'prefix';
      else {
        source += '.*';
        kind = 'expression';
      }
      // a later wildcard still makes it an expression
      if (leading) kind = 'suffix';
    } else if (rune === '*' || rune === '?') {
      source += rune === '*' ? '[^/]*' : '[^/]';
      kind = 'expression';
    } else if ('.+()$'.includes(rune)) {
      // moby means to escape `|`, `{` and `}` too, but its table has no room for them
      source += `\\${rune}`;
    } else if (rune === '\\' && at + 1 < runes.length) {
      source += rune + (runes[++at] ?? '');
      kind = 'expression';
    } else {
      source += rune;
      if (rune === '[' || rune === ']') kind = 'expression';
    }
  }
  switch (kind) {
    case 'exact':
      return (path) => path === text;
    case 'prefix': {
      const prefix = text.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case 'suffix':
      return suffixTest(text);
    case 'expression': {
      const expression = goRegexp(`${source}$`);
      return expression && ((path) => expression.test(path));
    }
  }
}

/** `**` and what follows it, taken literally; `**` + `/name` is also the name alone. */
function suffixTest(text: string): Test {
  // moby cuts two bytes off the mark then, which leaves something that no path ends with
  if (text.startsWith('\uFEFF')) return () => false;
  const suffix = text.slice(2);
  const alone = suffix.startsWith('/') ? suffix.slice(1) : undefined;
  return (path) => path.endsWith(suffix) || path === alone;
}

function depth(path: string): number {
  return path === '' ? 0 : path.split('/').length;
}
