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

/** What a line is marked as; only what a reader should see at a glance has a mark. */
export type LineMarkKind = 'cached' | 'rebuild' | 'rebuild-inherited' | 'may-hit' | 'fails';

export interface LineMark {
  /** 0-based. */
  readonly line: number;
  readonly kind: LineMarkKind;
}

/** A stage that can be the target of a build. */
export interface TargetChoice {
  readonly name: string;
  /** Its FROM. */
  readonly detail: string;
}

/** A build argument that the Dockerfile declares. */
export interface ArgumentChoice {
  readonly name: string;
  /** The value in the Dockerfile; empty where it has none. */
  readonly defaultValue: string;
}

/** How the server stands with the engine. */
export type EngineStateCode =
  'starting' | 'ready' | 'none' | 'not-found' | 'not-reachable' | 'permission-denied' | 'unsupported' | 'untrusted';

export interface EngineState {
  readonly code: EngineStateCode;
  /** `Docker 28.5.2, BuildKit 0.25.2, builder default`, or what was looked for and what to do. */
  readonly message: string;
}

/** A Dockerfile at a glance: status bar, gutter, moving between predicted rebuilds. */
export interface DocumentStatus {
  readonly uri: string;
  /** `5/8 cached · ≈12 s`; empty while there is no answer. */
  readonly text: string;
  readonly accessibilityLabel: string;
  /** Markdown: what the answer holds for, and how old it is. */
  readonly tooltip: string;
  readonly marks: readonly LineMark[];
  /** 0-based lines of what rebuilds, may rebuild or fails, in their order. */
  readonly rebuilds: readonly number[];
  /** When engine and files were last looked at, in milliseconds since the epoch; null: not yet. */
  readonly checkedAt: number | null;
  /** The engine of this Dockerfile, which others need not share; null: none has answered, or none is asked. */
  readonly engine: EngineState | null;
  /** `certain verdicts: 412 of 412 right over 57 builds`; null before a build could be compared. */
  readonly accuracy: string | null;
  /** What the build will not see as it is on the screen. */
  readonly unsaved: readonly string[];
  readonly target: string;
  readonly targets: readonly TargetChoice[];
  readonly arguments: readonly ArgumentChoice[];
}

/** One past build to choose. */
export interface BuildChoice {
  readonly ref: string;
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** What a change of one file costs the next build of one Dockerfile. */
export interface EditCost {
  /** Of the Dockerfile. */
  readonly uri: string;
  readonly dockerfile: string;
  /** 0-based lines of the steps that take the file. */
  readonly takenBy: readonly number[];
  /** 0-based lines of everything that is executed again. */
  readonly lines: readonly number[];
  /** What these steps took when they were last executed, in milliseconds. */
  readonly lastMs: number;
  /** Steps among them of which no time is known. */
  readonly unknown: number;
  /** `Dockerfile: 3 steps rebuild, ≈12 s`. */
  readonly text: string;
}
