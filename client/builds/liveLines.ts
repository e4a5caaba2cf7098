import * as vscode from 'vscode';
import type { BuildStep, StepComparison } from '../../core/model';
import type { BuildView } from '../../server/protocol';
import { Color, Command } from '../contributions';
import { DisposableStore } from '../disposables';
import { dockerfileEditors } from '../dockerfiles';
import { link, trustedMarkdown } from '../hoverActions';
import { isRunning, type BuildsFeed } from './buildsFeed';
import { hoverText } from './hover';
import { movedLine } from './movedLines';
import { stepWords, type LineWords, type Tone } from './words';

const COLORS: Readonly<Record<Tone, string>> = {
  quiet: 'editorCodeLens.foreground',
  running: Color.maybe,
  good: Color.cached,
  warning: Color.rebuild,
  failed: Color.fails,
};

/** Seconds pass on the lines once a second. */
const TICK_MS = 1000;

/** What a line of a Dockerfile shows of its build; for tests as well. */
export interface ShownBuildLine extends LineWords {
  /** 0-based. */
  readonly line: number;
}

/** What is on the lines of one Dockerfile. */
interface OnLines {
  view: BuildView;
  /** Where instructions are now that began on a line (1-based, as the build saw the text). */
  readonly moved: Map<number, number>;
}

/** How far each instruction is, behind it: while a build runs, and until the text is edited afterwards. */
export class LiveLines implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly type: vscode.TextEditorDecorationType;
  private readonly builds = new Map<string, OnLines>();
  /** Ids of builds that were on the lines. */
  private readonly began = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(feed: BuildsFeed) {
    this.type = this.store.add(
      vscode.window.createTextEditorDecorationType({
        after: { margin: '0 0 0 2em' },
        // behind the hints: else the editor puts it between the text and them
        isWholeLine: true,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
    this.store.add(feed.onDidChange((view) => this.follow(view)));
    this.store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.paintAll()));
    this.store.add(vscode.workspace.onDidChangeTextDocument((event) => this.edited(event)));
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri.toString())));
  }

  dispose(): void {
    clearInterval(this.timer);
    this.store.dispose();
  }

  /** What the lines of a Dockerfile show. */
  shown(uri: string): readonly ShownBuildLine[] {
    const build = this.builds.get(uri);
    if (build === undefined) return [];
    return build.view.live.steps.flatMap((step) => {
      const words = wordsOf(build.view, step);
      return words === undefined ? [] : [{ line: placeOf(build, step), ...words }];
    });
  }

  private follow(view: BuildView): void {
    const shown = this.builds.get(view.uri);
    if (shown?.view.id === view.id) shown.view = view;
    // a build that was taken from the lines, by an edit or by a later build, does not come back with its end
    else if (this.began.has(view.id)) return;
    else this.builds.set(view.uri, { view, moved: new Map() });
    this.began.add(view.id);
    this.paint(view.uri);
    this.tick();
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const uri = document.uri.toString();
    const build = this.builds.get(uri);
    if (build === undefined || contentChanges.length === 0) return;
    if (!isRunning(build.view)) {
      this.forget(uri);
      return;
    }
    for (const { line } of build.view.live.steps) {
      const at = build.moved.get(line.start) ?? line.start - 1;
      build.moved.set(line.start, movedLine(at, contentChanges));
    }
    this.paint(uri);
  }

  private forget(uri: string): void {
    if (this.builds.delete(uri)) this.paint(uri);
  }

  /** Runs only while something runs that somebody sees. */
  private tick(): void {
    const seen = new Set(dockerfileEditors().map((editor) => editor.document.uri.toString()));
    const runs = [...this.builds].some(([uri, { view }]) => isRunning(view) && seen.has(uri));
    if (runs && this.timer === undefined) this.timer = setInterval(() => this.paintAll(), TICK_MS);
    if (runs) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private paintAll(): void {
    for (const uri of this.builds.keys()) this.paint(uri);
    this.tick();
  }

  private paint(uri: string): void {
    const build = this.builds.get(uri);
    for (const editor of dockerfileEditors()) {
      if (editor.document.uri.toString() === uri) editor.setDecorations(this.type, build ? marks(editor, build) : []);
    }
  }
}

function marks({ document }: vscode.TextEditor, build: OnLines): vscode.DecorationOptions[] {
  return build.view.live.steps.flatMap((step): vscode.DecorationOptions[] => {
    const words = wordsOf(build.view, step);
    const line = placeOf(build, step);
    if (words === undefined || line >= document.lineCount) return [];
    const after = { contentText: words.text, color: new vscode.ThemeColor(COLORS[words.tone]) };
    return [{ range: document.lineAt(line).range, renderOptions: { after }, hoverMessage: hoverOf(build.view, step) }];
  });
}

function wordsOf(view: BuildView, step: BuildStep): LineWords | undefined {
  return stepWords(step, Date.now(), view.units, comparisonOf(view, step));
}

function comparisonOf({ comparison }: BuildView, { line, instruction }: BuildStep): StepComparison | undefined {
  return comparison.find((one) => one.line.start === line.start && one.instruction === instruction);
}

/** What the builder wrote stays untrusted: links are a block of their own. */
function hoverOf(view: BuildView, step: BuildStep): vscode.MarkdownString[] {
  const links = [
    link(vscode.l10n.t('Log of This Step'), Command.showStepLog, [view.id, step.line.start]),
    link(vscode.l10n.t('Whole Log'), Command.showBuildLog, [view.id]),
    ...(isRunning(view) ? [link(vscode.l10n.t('Stop'), Command.stopBuild, [view.id])] : []),
    ...(view.comparison.length > 0 ? [link(vscode.l10n.t('Report'), Command.showBuildReport, [view.id])] : []),
  ];
  const text = new vscode.MarkdownString(hoverText(view, step, comparisonOf(view, step)));
  return [text, trustedMarkdown(links.join('&nbsp;&nbsp;·&nbsp;&nbsp;'))];
}

function placeOf({ moved }: OnLines, { line }: BuildStep): number {
  return moved.get(line.start) ?? line.start - 1;
}
