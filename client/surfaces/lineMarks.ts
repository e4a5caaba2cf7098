import * as vscode from 'vscode';
import type { DocumentStatus, LineMarkKind } from '../../server/protocol';
import { Color, Setting } from '../contributions';
import { DisposableStore } from '../disposables';
import { dockerfileEditors } from '../dockerfiles';
import { settingValue } from '../settings';
import type { StatusFeed } from '../statusFeed';

const COLORS: Readonly<Record<LineMarkKind, string>> = {
  cached: Color.cached,
  rebuild: Color.rebuild,
  'rebuild-inherited': Color.rebuildInherited,
  'may-hit': Color.maybe,
  fails: Color.fails,
};
const KINDS = Object.keys(COLORS) as readonly LineMarkKind[];

/** Where marks are shown. */
type Place = 'gutter' | 'ruler';
/** The values of the setting that want marks there. */
const WANTED: Readonly<Record<Place, readonly string[]>> = {
  gutter: ['gutter', 'both'],
  ruler: ['overviewRuler', 'both'],
};

type DecorationTypes = Readonly<Record<LineMarkKind, vscode.TextEditorDecorationType>>;

/** Icons beside the line numbers and marks in the overview ruler, in every editor that shows a Dockerfile. */
export class LineMarks implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly types = new Map<Place, DecorationTypes>();
  /** What each editor shows: marks move with the text, so the same answer is not painted again. */
  private painted = new WeakMap<vscode.TextEditor, DocumentStatus>();

  constructor(
    private readonly feed: StatusFeed,
    private readonly mediaFolder: vscode.Uri,
  ) {
    this.store.add(feed.onDidChange(() => this.paint()));
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(Setting.marks)) this.configure();
      }),
    );
    this.configure();
  }

  dispose(): void {
    this.store.dispose();
    for (const place of [...this.types.keys()]) this.drop(place);
  }

  private configure(): void {
    const wanted = settingValue(Setting.marks, 'gutter');
    for (const place of ['gutter', 'ruler'] as const) {
      if (!WANTED[place].includes(wanted)) this.drop(place);
      else if (!this.types.has(place)) this.types.set(place, this.create(place));
    }
    this.painted = new WeakMap();
    this.paint();
  }

  private create(place: Place): DecorationTypes {
    const entries = KINDS.map((kind) => [
      kind,
      vscode.window.createTextEditorDecorationType(
        place === 'gutter' ? this.gutterOptions(kind) : rulerOptions(COLORS[kind]),
      ),
    ]);
    return Object.fromEntries(entries) as DecorationTypes;
  }

  private gutterOptions(kind: LineMarkKind): vscode.DecorationRenderOptions {
    const icon = (theme: string): vscode.ThemableDecorationRenderOptions => ({
      gutterIconPath: vscode.Uri.joinPath(this.mediaFolder, `${kind}-${theme}.svg`),
      gutterIconSize: 'contain',
    });
    return { dark: icon('dark'), light: icon('light'), rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed };
  }

  private drop(place: Place): void {
    for (const type of Object.values(this.types.get(place) ?? {})) type.dispose();
    this.types.delete(place);
  }

  private clear(editor: vscode.TextEditor): void {
    this.painted.delete(editor);
    for (const types of this.types.values()) for (const kind of KINDS) editor.setDecorations(types[kind], []);
  }

  /** Old marks stay while a new answer is awaited. */
  private paint(): void {
    for (const editor of dockerfileEditors()) {
      if (this.feed.ended) this.clear(editor);
      const status = this.feed.of(editor.document.uri);
      if (status === undefined || this.painted.get(editor) === status) continue;
      this.painted.set(editor, status);
      for (const [place, types] of this.types) {
        for (const kind of KINDS) editor.setDecorations(types[kind], rangesOf(editor.document, status, kind, place));
      }
    }
  }
}

function rulerOptions(color: string): vscode.DecorationRenderOptions {
  return {
    overviewRulerColor: new vscode.ThemeColor(color),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  };
}

/** Whole lines: text put before a line then moves its mark. The ruler is for finding what is not cached. */
function rangesOf(
  document: vscode.TextDocument,
  status: DocumentStatus,
  kind: LineMarkKind,
  place: Place,
): vscode.Range[] {
  if (place === 'ruler' && kind === 'cached') return [];
  return status.marks
    .filter((mark) => mark.kind === kind && mark.line < document.lineCount)
    .map((mark) => document.lineAt(mark.line).range);
}
