import { BAD_PATTERN, goMatch } from './goMatch';
import { clean } from './goPath';
import { trimSpace } from '../dockerfile/text';
import { IgnorePattern } from './ignorePattern';

/**
 * What the walk knows of a directory: for each pattern whether it matched there or further up. Only good for the
 * matcher that it came from.
 */
export type ParentMatches = readonly boolean[];

export interface WalkMatch {
  readonly matched: boolean;
  /** To be passed on with the paths directly below. */
  readonly info: ParentMatches;
  /**
   * Set when the path reached a pattern that the builder accepts but cannot apply (`\e`): the walk, and so the build,
   * ends here with this message, and `matched` says nothing.
   */
  readonly problem?: string;
}

export type CompiledIgnore =
  | { readonly matcher: IgnoreMatcher; readonly error?: undefined }
  | { readonly matcher?: undefined; readonly error: string };

/**
 * Patterns as `readIgnoreFile` gives them, in their order; the error is the builder's own message for the first pattern
 * that it refuses (moby/patternmatcher patternmatcher.go New).
 */
export function compileIgnore(patterns: readonly string[]): CompiledIgnore {
  const compiled: IgnorePattern[] = [];
  for (const given of patterns) {
    const trimmed = trimSpace(given);
    if (trimmed === '') continue;
    const cleaned = clean(trimmed);
    // `!/` ends here too, as cleaning makes it a lone `!`
    if (cleaned === '!') return { error: 'illegal exclusion pattern: "!"' };
    const isException = cleaned.startsWith('!');
    const text = isException ? cleaned.slice(1) : cleaned;
    if (goMatch(text, '.') === undefined) return { error: BAD_PATTERN };
    compiled.push(new IgnorePattern(text, isException));
  }
  return { matcher: new IgnoreMatcher(compiled) };
}

/**
 * Which paths an ignore file takes out of the build context. Paths are relative, clean, and have `/` between their
 * names. The last pattern that matches a path or one of its parents decides, and a pattern that could not change the
 * verdict so far is not looked at, which is why the two questions below can have different answers.
 */
export class IgnoreMatcher {
  /** Is there a `!` pattern (patternmatcher.go Exclusions)? */
  readonly hasNegations: boolean;
  /** Texts of the `!` patterns. */
  readonly negations: readonly string[];
  private readonly exceptions: readonly string[];
  private readonly hasWildException: boolean;

  /** The patterns, in their order. */
  get all(): readonly IgnorePattern[] {
    return this.patterns;
  }

  /** Use {@link compileIgnore}, which checks the patterns. */
  constructor(private readonly patterns: readonly IgnorePattern[]) {
    this.negations = patterns.filter(({ isException }) => isException).map(({ text }) => text);
    this.exceptions = this.negations.map(withoutTrailingGlob);
    this.hasNegations = this.exceptions.length > 0;
    this.hasWildException = this.exceptions.some((text) => /[*[\]?^\\]/.test(text));
  }

  /**
   * The verdict on a path by itself (patternmatcher.go MatchesOrParentMatches), as the builder's lint for a COPY of an
   * ignored file asks it. Undefined when it needs a pattern that cannot be applied: see {@link WalkMatch.problem}.
   */
  matchesOrParentMatches(path: string): boolean | undefined {
    let matched = false;
    for (const pattern of this.patterns) {
      if (pattern.isException !== matched) continue;
      const match = pattern.matches(path);
      if (match === undefined) return undefined;
      if (match || matchesParent(pattern, path)) matched = !pattern.isException;
    }
    return matched;
  }

  /**
   * The verdict on a path during a walk from the top (patternmatcher.go MatchesUsingParentResults), which is what
   * decides about the context (tonistiigi/fsutil filter.go Walk). Parents are asked for what they told, so a pattern
   * that was not looked at there counts as not matching; without parent information it goes through the parents.
   */
  walk(path: string, parent: ParentMatches | undefined): WalkMatch {
    let matched = false;
    const info = new Array<boolean>(this.patterns.length).fill(false);
    for (const [index, pattern] of this.patterns.entries()) {
      let match = parent?.[index] === true;
      if (!match) {
        if (pattern.isException !== matched) continue;
        const own = pattern.matches(path);
        if (own === undefined) return { matched: false, info, problem: BAD_PATTERN };
        match = own || (parent === undefined && matchesParent(pattern, path));
      }
      info[index] = match;
      if (match) matched = !pattern.isException;
    }
    return { matched, info };
  }

  /** Is the verdict on every path directly in this directory that on the directory, which `info` is of? */
  decidesAll(directory: string, info: ParentMatches): boolean {
    return this.patterns.every((pattern, index) => info[index] === true || !pattern.mayMatchIn(directory));
  }

  /**
   * Does the builder look into this excluded directory for something that an exception brings back (fsutil filter.go
   * Walk)? It does for a directory on the way to an exception, and for every one as soon as one exception has a
   * wildcard other than a last `/*` or `/**`.
   */
  mayReinclude(dir: string): boolean {
    return this.hasWildException || this.exceptions.some((text) => `${text}/`.startsWith(`${dir}/`));
  }
}

function matchesParent(pattern: IgnorePattern, path: string): boolean {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    if (pattern.matches(path.slice(0, end)) === true) return true;
  return false;
}

/** Fsutil filter.go patternWithoutTrailingGlob: `a/*` + `/**` loses both. */
function withoutTrailingGlob(text: string): string {
  return text.replace(/\/\*\*$/, '').replace(/\/\*$/, '');
}
