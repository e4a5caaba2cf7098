import type { BuilderKind, PredictedStep } from '../model';

/** What decides which rule a verdict comes from. */
export type ClassifiedVerdict = Pick<PredictedStep, 'verdict' | 'certainty' | 'instruction'> & {
  readonly reason: Pick<PredictedStep['reason'], 'code'>;
};

/** Verdicts that come about in the same way share a name: `buildkit COPY cached certain same-as-build`. */
export function verdictClass(builder: BuilderKind, step: ClassifiedVerdict): string {
  return [builder, step.instruction, step.verdict, step.certainty, step.reason.code].join(' ');
}

/** The same in words: `COPY said to be cached (same-as-build)`. */
export function classInWords(name: string): string {
  const [, instruction = '', verdict = '', certainty = '', code = ''] = name.split(' ');
  const likely = certainty === 'likely' ? 'likely ' : '';
  return `${instruction} ${likely}${verdict} (${code})`;
}

/** Did the class say that there is a cached result? */
export function saidCached(name: string): boolean {
  return name.split(' ')[2] === 'cached';
}

/** Was the class certain, so that one mistake is one too many? */
export function isCertainClass(name: string): boolean {
  return name.split(' ')[3] === 'certain';
}
