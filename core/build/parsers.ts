import type { BuilderKind, PredictedStep } from '../model';
import { BuildahParser } from './buildah/output';
import { PlainParser } from './buildkit/plain';
import { RawjsonParser, type TextDecoding } from './buildkit/rawjson';
import { ClassicParser } from './classic/output';
import type { BuildxProgress } from './command';
import type { OutputParser } from './events';

/** The reader of what a builder prints. */
export function parserFor(
  builder: Exclude<BuilderKind, 'none'>,
  steps: readonly PredictedStep[],
  decoder: () => TextDecoding,
  progress: BuildxProgress,
): OutputParser {
  switch (builder) {
    case 'buildkit':
      return progress === 'plain' ? new PlainParser(steps) : new RawjsonParser(steps, decoder);
    case 'classic':
      return new ClassicParser(steps);
    case 'buildah':
      return new BuildahParser(steps);
  }
}
