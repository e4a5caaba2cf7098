import { findDirective } from '../dockerfile/directives';
import type { Plan, PlanOptions, PlanStep } from './graph';
import { normalizeReference } from './reference';
import { VertexStore } from './vertices';

/** Frontends that read Dockerfiles by the builder's own rules, perhaps by those of another release. */
const OFFICIAL = /^docker\.io\/docker\/dockerfile(?:-upstream)?[:@]/;

/**
 * Another frontend (`# syntax=`) decides what is wrong with a file: what would stop the builder's own one is no reason
 * to say that the build fails. Undefined where the plan can stay as it is. An official frontend may know instructions
 * and flags that are not known here; what else is wrong is wrong for it, too.
 */
export function foreignPlan(plan: Plan, text: string, { buildArgs }: PlanOptions): Plan | undefined {
  const given = buildArgs.get('BUILDKIT_SYNTAX');
  const found = given === undefined ? findDirective('syntax', text) : { value: given, line: undefined };
  if (found === undefined) return undefined;
  const [image = ''] = found.value.trim().split(' ');
  const isOfficial = OFFICIAL.test(normalizeReference(image) ?? '');
  const isItsOwn = (message: string): boolean => !isOfficial || /^unknown (?:flag|instruction):/.test(message);
  const complaints = plan.problems.filter(({ code, message }) => code === 'bad-instruction' && isItsOwn(message));
  if (complaints.length === 0) return undefined;

  const uncovered = `the frontend image ${image} (# syntax) decides how this file is read`;
  const store = new VertexStore();
  const steps = plan.steps.map(({ line, stage, stageIndex, instruction, text: written }): PlanStep => {
    const vertex = store.add({ kind: 'opaque', text: `${line.start} ${written}` }, [], { uncovered });
    return { line, stage, stageIndex, instruction, text: written, reachable: true, vertex };
  });
  const [first] = complaints;
  const message = `${uncovered}; the builder's own would stop here: ${first?.message ?? ''}`;
  const line = first?.line ?? found.line;
  return {
    ...{ vertices: store.vertices, steps, root: store.vertices.at(-1)?.id, target: plan.target, images: [], uncovered },
    problems: [{ code: 'other-frontend', message, ...(line === undefined ? {} : { line }) }],
  };
}
