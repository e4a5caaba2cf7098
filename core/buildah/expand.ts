import { expandWord } from '../dockerfile/expand';

/** What Buildah's own expansion does not know: patterns, and an error for what is not set. */
const UNKNOWN_MODIFIER = /\$\{\w+(?:[#%/]|:?\?|[-+])/;

/** Expands variables of one word (openshift/imagebuilder shell_parser.go); an error says what is not predicted. */
export function expandBuildah(
  word: string,
  variables: ReadonlyMap<string, string>,
  escape: string,
): { readonly value: string; readonly error?: string } {
  if (UNKNOWN_MODIFIER.test(word)) return { value: word, error: `what Buildah makes of ${word} is not predicted` };
  const { value, error } = expandWord(word, variables, { escape });
  return error === undefined ? { value } : { value, error };
}
