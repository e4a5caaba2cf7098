import type { BuildahEvidence } from '../buildah/imageStore';
import type { ClassicEvidence } from '../classic/imageStore';
import { indexEvidence, type Evidence } from '../evidence/evidence';
import type { Sha256 } from '../evidence/facts';
import type { PredictedStep, Prediction } from '../model';
import { normalizeReference } from '../plan/reference';

/** What is taken away from an engine. */
export interface TakenAway {
  /** Ids of cache records. */
  readonly records: ReadonlySet<string>;
  /** Ids of images, with or without `sha256:`. */
  readonly images: ReadonlySet<string>;
  /** All names of these images. */
  readonly names: readonly string[];
}

/** The kinds of evidence that a prediction may stand on. */
interface EvidenceOfAnyKind {
  readonly evidence: Evidence | undefined;
  readonly classic?: ClassicEvidence | undefined;
  readonly buildah?: BuildahEvidence | undefined;
}

/**
 * Evidence as it would be without some things. BuildKit looks for records, which stay when an image with the same layer
 * goes; only an image that a FROM names is missed. The other builders look for images.
 */
export function evidenceWithout<T extends EvidenceOfAnyKind>(known: T, taken: TakenAway, sha256: Sha256): T {
  const { evidence, classic, buildah } = known;
  const isTaken = ({ id }: { readonly id: string }): boolean => taken.images.has(bareId(id)) || taken.images.has(id);
  return {
    ...known,
    evidence: evidence && buildkitWithout(evidence, taken, sha256),
    classic: classic && withoutImages(classic, isTaken),
    buildah: buildah && withoutImages(buildah, isTaken),
  };
}

function buildkitWithout(evidence: Evidence, { records, names }: TakenAway, sha256: Sha256): Evidence {
  const gone = new Set(names.map((name) => normalizeReference(name) ?? name));
  const images = [...evidence.images].map(([name, info]) => [name, gone.has(name) ? undefined : info] as const);
  const left = evidence.records.filter(({ id }) => !records.has(id));
  if (left.length === evidence.records.length && images.every(([name, info]) => evidence.images.get(name) === info)) {
    return evidence;
  }
  return indexEvidence({ ...evidence, records: left, images: new Map(images) }, sha256);
}

function withoutImages<
  I extends { readonly id: string },
  E extends { readonly images: readonly I[]; readonly named: ReadonlyMap<string, I | undefined> },
>(evidence: E, isTaken: (image: I) => boolean): E {
  const named = [...evidence.named].map(
    ([name, image]) => [name, image !== undefined && isTaken(image) ? undefined : image] as const,
  );
  return { ...evidence, named: new Map(named), images: evidence.images.filter((image) => !isTaken(image)) };
}

/** The steps that are in the cache by one prediction and not, or perhaps not, by another one of the same text. */
export function lostSteps(now: Prediction, then: Prediction): { readonly now: PredictedStep; then: PredictedStep }[] {
  return now.steps.flatMap((step, index) => {
    const later = then.steps[index];
    if (step.verdict !== 'cached' || later === undefined || later.verdict === 'cached') return [];
    return [{ now: step, then: later }];
  });
}

function bareId(id: string): string {
  return id.replace(/^sha256:/, '');
}
