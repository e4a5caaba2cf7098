import { contextOf, imageRowOf, keyOf, uriOf, type ImageRow } from './node';
import type { ImagesTree } from './view';

/** A row of the Images view as tests read it. */
export interface ShownImageRow {
  readonly key: string;
  readonly kind: string;
  readonly label: string;
  readonly description: string;
  /** What menus choose by. */
  readonly context: string;
  /** Label of the image that it belongs to. */
  readonly image: string;
  /** Address of its file. */
  readonly uri: string | undefined;
  readonly isSelected: boolean;
}

/** The rows below one; without a key those of images. */
export async function shownRows(images: ImagesTree, key: unknown): Promise<readonly ShownImageRow[]> {
  const rows = typeof key === 'string' ? await images.children(key) : await images.images();
  const selected = images.selection;
  return rows.map((row) => ({
    key: keyOf(row),
    kind: row.node.kind,
    label: row.node.label,
    description: row.node.description,
    context: contextOf(row),
    image: imageRowOf(row).node.label,
    uri: uriOf(row)?.toString(),
    isSelected: selected !== undefined && keyOf(selected) === keyOf(row),
  }));
}

/** What is above the rows and which one is selected, as tests read it. */
export interface ShownImages {
  readonly message: string;
  readonly selected: ShownSelection | undefined;
  readonly visible: boolean;
}

interface ShownSelection {
  readonly label: string;
  readonly image: string;
}

export function shownImages(images: ImagesTree): ShownImages {
  const row: ImageRow | undefined = images.selection;
  const selected = row && { label: row.node.label, image: imageRowOf(row).node.label };
  return { message: images.messageText, selected, visible: images.visible };
}
