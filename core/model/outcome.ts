import type { Problem } from './prediction';

/** A value computed from user input, with what was wrong with that input. Bad input is never an exception. */
export interface Outcome<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}
