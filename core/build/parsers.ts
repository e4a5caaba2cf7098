import type { BuilderKind, PredictedStep } from '../model';
import { BuildahParser } from './buildah/output';
import { RawjsonParser, type TextDecoding } from './buildkit/rawjson';
import { ClassicParser } from './classic/output';
import type { OutputParser } from './events';

/** The reader of what a builder prints. */
export function parserFor(
  builder: Exclude<BuilderKind, 'none'>,
  steps: readonly PredictedStep[],
  decoder: () => TextDecoding,
): OutputParser {
  switch (builder) {
    case 'buildkit':
      return new RawjsonParser(steps, decoder);
    case 'classic':
      return new ClassicParser(steps);
    case 'buildah':
      return new BuildahParser(steps);
  }
}
