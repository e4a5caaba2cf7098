import type { Reason } from '../../model';
import type { ProjectInput } from '../../predict/project';
import type { EvidenceResult } from './loadEvidence';

/** The parts of a project's input that depend on whether there is evidence. */
export function evidenceParts(
  result: EvidenceResult,
): Pick<ProjectInput, 'evidence' | 'classic' | 'buildah' | 'builder' | 'noEvidence'> {
  if (result.kind === 'evidence') return { evidence: result.evidence, builder: result.evidence.builder };
  if (result.kind === 'classic') {
    return { evidence: undefined, classic: result.evidence, builder: result.evidence.builder };
  }
  if (result.kind === 'buildah') {
    return { evidence: undefined, buildah: result.evidence, builder: result.evidence.builder };
  }
  const { failure, builder } = result;
  const noEvidence: Reason = {
    code: failure.code === 'unsupported' ? 'unsupported-builder' : 'no-engine',
    message: failure.message,
  };
  return { evidence: undefined, builder, noEvidence };
}
