import type { HistoryEntry } from './images.js';
import { layerBytes } from './images.js';
import type { JudgedLine } from './lines.js';
import type { Provenance, ProvenanceStep } from './provenance.js';

/**
 * Gives the lines of the exported chain the sizes that `docker history` shows. A line whose size is not beyond doubt
 * keeps null.
 */
export function assignLayerBytes(
  lines: readonly JudgedLine[],
  provenance: Provenance,
  history: readonly HistoryEntry[],
): JudgedLine[] {
  const steps = [...provenance.steps.values()];
  const chain = steps
    .filter((step) => (step.kind === 'exec' || step.kind === 'file') && step.layers.length > 0)
    .sort((a, b) => a.layers.length - b.layers.length);
  const all = chain.at(-1)?.layers ?? [];
  const bases = steps.filter(
    (step) => step.kind === 'source' && step.layers.every((layer, index) => layer === all[index]),
  );
  const base = Math.max(0, ...bases.map((step) => step.layers.length));
  // what ONBUILD runs has the line of its FROM, which does not tell the instruction
  const keywordOf = (step: ProvenanceStep): string | undefined => {
    const line = lines.find((one) => one.step === step.id);
    return line?.origin === 'onbuild' ? undefined : (line?.instruction ?? '');
  };
  // One step per layer above the base, else the chain is not understood (a merge, an ADD that shares a step).
  const oneEach = chain.every((step, index) => step.layers.length === base + index + 1);
  const bytes = oneEach ? layerBytes(history, chain.map(keywordOf)) : undefined;
  if (!bytes) return [...lines];
  const sizes = new Map(chain.map((step, index) => [step.id, bytes[index] ?? null]));
  return lines.map((one) => (one.step === undefined ? one : { ...one, layerBytes: sizes.get(one.step) ?? null }));
}
