import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIgnoreFile } from '../../core/context/ignoreFile';
import { compileIgnore, type IgnoreMatcher, type ParentMatches } from '../../core/context/ignoreMatcher';

/** An ignore file with the builder's own verdicts on some paths. */
interface Vector {
  readonly ignore: string;
  readonly paths: readonly string[];
  /** Asked path by path. */
  readonly byPath: readonly boolean[];
  /** Asked during a walk from the top. */
  readonly byWalk: readonly boolean[];
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/dockerignore.json'), 'utf8'),
) as readonly Vector[];

/** Paths in all vectors together. */
const TOTAL = 8000;

function matcherOf(vector: Vector): IgnoreMatcher {
  const { matcher, error } = compileIgnore(readIgnoreFile(vector.ignore));
  if (matcher === undefined) throw new Error(`${JSON.stringify(vector.ignore)}: ${error}`);
  return matcher;
}

/** The verdict on a path when each of its parents was asked before. */
function byWalk(matcher: IgnoreMatcher, path: string): boolean {
  let info: ParentMatches | undefined;
  let matched = false;
  const names = path.split('/');
  for (let length = 1; length <= names.length; length++) {
    const judged = matcher.walk(names.slice(0, length).join('/'), info);
    info = judged.info;
    matched = judged.matched;
  }
  return matched;
}

function wrong(ask: (matcher: IgnoreMatcher, path: string) => unknown, expected: 'byPath' | 'byWalk') {
  const mistakes: string[] = [];
  let checked = 0;
  for (const vector of vectors) {
    const matcher = matcherOf(vector);
    for (const [index, path] of vector.paths.entries()) {
      checked++;
      const verdict = ask(matcher, path);
      if (verdict !== vector[expected][index]) {
        mistakes.push(`${JSON.stringify(vector.ignore)} on ${path}: ${String(verdict)}`);
      }
    }
  }
  return { mistakes, checked };
}

describe("the builder's own verdicts on 1,000 ignore files", () => {
  it('are met for every path by itself', () => {
    const { mistakes, checked } = wrong((matcher, path) => matcher.matchesOrParentMatches(path), 'byPath');
    expect(mistakes).toEqual([]);
    expect(checked).toBe(TOTAL);
  });

  it('are met for every path of a walk', () => {
    const { mistakes, checked } = wrong(byWalk, 'byWalk');
    expect(mistakes).toEqual([]);
    expect(checked).toBe(TOTAL);
  });

  it('differ between the two questions, so that both are really asked', () => {
    const differing = vectors.flatMap(({ byPath, byWalk: walk }) => byPath.filter((one, index) => one !== walk[index]));
    expect(differing.length).toBeGreaterThan(0);
  });
});
