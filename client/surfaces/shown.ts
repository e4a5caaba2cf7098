import type { DocumentStatus } from '../../server/protocol';
import type { ShownImages } from '../views/images/shown';

/** What is on the screen besides hints and views; tests ask for it, since decorations and items cannot be read back. */
export interface Shown {
  readonly status: DocumentStatus | undefined;
  readonly summary: ShownItem | undefined;
  readonly editCost: ShownItem | undefined;
  readonly language: ShownLanguageStatus | undefined;
  /** The language status with the accuracy; empty while there is none. */
  readonly accuracy: string;
  /** The row that is selected in the Layers view. */
  readonly selectedRow: string | undefined;
  readonly layersMessage: string;
  readonly images: ShownImages;
}

/** An item of the status bar. */
export interface ShownItem {
  readonly text: string;
  readonly tooltip: string;
  readonly accessibilityLabel: string;
}

export interface ShownLanguageStatus {
  readonly text: string;
  readonly detail: string;
  readonly severity: 'information' | 'warning' | 'error';
  readonly busy: boolean;
}
