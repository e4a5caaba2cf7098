import { operationParts, type Sha256 } from '../evidence/facts';
import type { PastBuild, PastStep } from '../evidence/pastBuild';
import type { Plan, PlanOptions } from '../plan/graph';
import { imageFor } from '../plan/images';

/** What would be built now, in the form of a past build; nothing of it was executed. */
export function plannedBuild(
  plan: Plan,
  options: PlanOptions,
  context: string,
  patterns: readonly string[],
  sha256: Sha256,
): PastBuild {
  const steps = plan.vertices.map(({ id, op, inputs }): PastStep => {
    const own = plan.steps.filter(
      (step) => step.reachable && (step.vertex === id || (op.kind === 'image' && step.image === op.ref)),
    );
    const [first] = own;
    const image = op.kind === 'image' ? imageFor(options, op.ref, op.platform) : undefined;
    return {
      ...operationParts(op, inputs.length, sha256),
      ...(first === undefined ? {} : { instruction: first.instruction }),
      vertexDigest: '',
      inputs,
      ...(op.kind === 'image' ? { imageReference: op.ref, imagePlatform: op.platform } : {}),
      ...(image === undefined ? {} : { imageDigest: image.chainId }),
      ...(op.kind === 'local' ? { exclude: patterns } : {}),
      ...{ recordDigest: '', recordTextDigest: '' },
      lines: own.map(({ line }) => line),
      ...{ cached: false, done: false },
    };
  });
  const asked = {
    noCache: options.noCache,
    importsCache: options.cacheFrom.length > 0,
    args: [...options.buildArgs.keys()],
  };
  return { ref: 'now', ...{ createdAt: 0, completedAt: 0, asked, contextPath: context, steps, loose: [] } };
}
