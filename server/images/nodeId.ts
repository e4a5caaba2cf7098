/** What the id of a row names; rows are found again by nothing else. */
export type NodeId =
  | { readonly kind: 'image' | 'base'; readonly image: string }
  | { readonly kind: 'step'; readonly image: string; readonly step: number }
  | { readonly kind: 'layer'; readonly image: string; readonly layer: number }
  | { readonly kind: 'file'; readonly image: string; readonly layer: number; readonly path: string }
  | { readonly kind: 'notice'; readonly text: string };

/** Writes an id as text. */
export function idText(id: NodeId): string {
  return JSON.stringify(id);
}

/** Reads an id; undefined when it is none of ours. */
export function readId(text: string): NodeId | undefined {
  try {
    const id = JSON.parse(text) as NodeId;
    return typeof id === 'object' && typeof id.kind === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
