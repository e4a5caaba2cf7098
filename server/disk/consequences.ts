import { recordCosts } from '../../core/evidence/recordCosts';
import type { DiskPlan, DiskReport, LostSteps, ReclaimItem, ReclaimPlan } from '../../core/model';
import type { TakenAway } from '../../core/predict/without';
import type { Analysis } from '../analysis';
import type { WhatIf } from '../whatIf';

/** An open Dockerfile, as far as it is asked what it would lose. */
export type AskedDockerfile = Pick<Analysis, 'uri' | 'dockerfile' | 'present'> & {
  readonly whatIf: Pick<WhatIf, 'without'>;
};

/** What making something again took, as far as the builders of the open Dockerfiles remember; in milliseconds. */
export function costsOf(dockerfiles: readonly AskedDockerfile[]): (item: ReclaimItem) => number | null {
  const known = new Set(dockerfiles.flatMap((one) => one.present()?.evidence ?? []));
  const costs = new Map([...known].flatMap((evidence) => [...recordCosts(evidence)]));
  return ({ kind, id }) => (kind === 'build-cache' ? (costs.get(id) ?? null) : null);
}

/** What a plan takes away from the builders. */
export function takenAwayBy({ items }: ReclaimPlan, report: DiskReport): TakenAway {
  const ids = (kind: string): string[] => items.filter((item) => item.kind === kind).map(({ id }) => id);
  const images = new Set(ids('image').map((id) => id.replace(/^sha256:/, '')));
  const names = report.images
    .filter(({ id }) => images.has(id.replace(/^sha256:/, '')))
    .flatMap((image) => image.names);
  return { records: new Set(ids('build-cache')), images, names };
}

/** What the open Dockerfiles would lose by a plan. */
export function consequencesOf(
  plan: ReclaimPlan,
  report: DiskReport,
  dockerfiles: readonly AskedDockerfile[],
): Pick<DiskPlan, 'lost' | 'dockerfiles' | 'notCovered'> {
  const taken = takenAwayBy(plan, report);
  if (taken.records.size === 0 && taken.images.size === 0) return { lost: [], dockerfiles: 0, notCovered: [] };
  const lost: LostSteps[] = [];
  const untold: string[] = [];
  for (const dockerfile of dockerfiles) {
    const steps = dockerfile.whatIf.without(taken);
    if (steps === undefined) untold.push(dockerfile.dockerfile);
    else if (steps.length > 0) lost.push(lostOf(dockerfile, steps));
  }
  return {
    ...{ lost, dockerfiles: dockerfiles.length - untold.length },
    notCovered: [
      ...untold.map((path) => `What ${path} would lose is not known: no engine was asked for it yet.`),
      'Only Dockerfiles that are open here were looked at.',
    ],
  };
}

function lostOf({ uri, dockerfile }: AskedDockerfile, steps: NonNullable<ReturnType<WhatIf['without']>>): LostSteps {
  const lost = steps.map(({ now, then }) => ({
    line: now.line.start - 1,
    text: now.text,
    verdict: then.verdict,
    lastDurationMs: then.lastDurationMs ?? now.lastDurationMs,
  }));
  return { uri, dockerfile, steps: lost, estimatedMs: lost.reduce((sum, step) => sum + (step.lastDurationMs ?? 0), 0) };
}
