import type { Verdict } from '../../core/model';

/** What the picture of a node is chosen from: a verdict, or the kind of thing. */
export type LayerIcon = Verdict | 'stage' | 'cause' | 'file' | 'notice';

/** One row of the Layers view, ready to be shown. */
export interface LayerNode {
  /** Stays the same for the same thing over answers, so that the tree keeps what is open and selected. */
  readonly id: string;
  readonly label: string;
  /** Dimmed text behind the label: verdict, size, time. */
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly icon: LayerIcon;
  /** The whole row as a sentence, for screen readers. */
  readonly accessibilityLabel: string;
  /** 0-based line to reveal; none for rows that are no place in the file. */
  readonly line?: number;
  /** Path relative to the build context to open; for rows that are a file. */
  readonly file?: string;
  /** Closed at first; without children it is ignored. */
  readonly collapsed: boolean;
  readonly children: readonly LayerNode[];
}

/** The Layers view of one Dockerfile. */
export interface LayersView {
  readonly uri: string;
  /** Name of the Dockerfile with target and builder, for the view's description. */
  readonly title: string;
  /** `5/8 cached · ≈12 s`. */
  readonly summary: string;
  /** Absolute path of the build context. */
  readonly context: string;
  readonly nodes: readonly LayerNode[];
}
