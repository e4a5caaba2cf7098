import type { LayerRow } from './node';

/**
 * The row of the instruction that a 0-based line belongs to: the last one that begins at or above it. Of a stage that
 * is folded away only the stage: following the cursor opens nothing.
 */
export function rowOfLine(
  stages: readonly LayerRow[],
  line: number,
  isOpen: (stage: LayerRow) => boolean,
): LayerRow | undefined {
  let found: { readonly stage: LayerRow; readonly step: LayerRow } | undefined;
  for (const stage of stages) {
    for (const step of stage.children) {
      const at = step.node.line;
      if (at !== undefined && at <= line && (found?.step.node.line ?? -1) < at) found = { stage, step };
    }
  }
  return found && (isOpen(found.stage) ? found.step : found.stage);
}

/** Whether a row is another one or below it. */
export function isWithin(row: LayerRow | undefined, outer: LayerRow): boolean {
  for (let at = row; at !== undefined; at = at.parent) if (at.node.id === outer.node.id) return true;
  return false;
}
