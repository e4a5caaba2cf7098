import type { Sha256 } from '../evidence/facts';
import type { PastStep } from '../evidence/pastBuild';
import { withoutDigest } from '../plan/reference';

/** What tells which operation on which operations a step is. */
export type ChainLink = Pick<PastStep, 'kind' | 'opDigest' | 'inputs' | 'uses'> &
  Partial<Pick<PastStep, 'imageReference' | 'imagePlatform'>> & {
    /** Only the network knows what it is. */
    readonly isOpen?: boolean;
  };

/**
 * One digest for each step: equal ones are equal operations that take the same paths from equal operations, down to
 * images by their names and the build context by its name. Undefined for what stands on something that only the network
 * knows.
 */
export function chainDigests(steps: readonly ChainLink[], sha256: Sha256): readonly (string | undefined)[] {
  const digests: (string | undefined)[] = [];
  for (const step of steps) digests.push(chainDigest(step, digests, sha256));
  return digests;
}

function chainDigest(step: ChainLink, known: readonly (string | undefined)[], sha256: Sha256): string | undefined {
  if (step.isOpen === true || step.kind === 'opaque') return undefined;
  if (step.kind === 'image') return sha256(imageKey(step.imageReference ?? '', step.imagePlatform ?? ''));
  const inputs = step.inputs.map((input) => known[input]);
  if (inputs.some((input) => input === undefined)) return undefined;
  return sha256(JSON.stringify([step.opDigest, inputs, step.uses]));
}

/** An image by its name and platform; what it was resolved to is told apart. */
export function imageKey(reference: string, platform: string): string {
  return `image ${withoutDigest(reference)} ${platform}`;
}
