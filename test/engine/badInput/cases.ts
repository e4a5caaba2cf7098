import type { BadInput } from './input.js';
import { METADATA } from './metadata.js';
import { STAGES, TRIGGERS } from './stages.js';
import { DIRECTIVES, TEXT } from './text.js';
import { COPIES, RUNS } from './values.js';

/** Everything that is shown to the builder. */
export const BAD_INPUT: readonly BadInput[] = [
  ...TEXT,
  ...DIRECTIVES,
  ...STAGES,
  ...RUNS,
  ...COPIES,
  ...METADATA,
  ...TRIGGERS,
];
