import * as vscode from 'vscode';
import type { PredictedStep } from '../../core/model';
import { Command, Setting } from '../contributions';
import { DisposableStore } from '../disposables';
import { DOCKERFILE_LANGUAGE } from '../dockerfiles';
import type { LanguageServer } from '../languageServer';
import { settingValue } from '../settings';

/** Links above stages for those who switched them on: what is built by a click. */
export class BuildLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());

  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly server: LanguageServer) {
    const selector = { language: DOCKERFILE_LANGUAGE, scheme: 'file' };
    this.store.add(vscode.languages.registerCodeLensProvider(selector, this));
    this.store.add(server.onDidChangePrediction(() => this.changed.fire()));
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(Setting.codeLensEnabled)) this.changed.fire();
      }),
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  async provideCodeLenses(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    if (!vscode.workspace.isTrusted || !settingValue(Setting.codeLensEnabled, false, uri)) return [];
    const prediction = await this.server.prediction(uri.toString(), token);
    return prediction === undefined ? [] : lensesOf(uri, stagesOf(prediction.steps));
  }
}

function stagesOf(steps: readonly PredictedStep[]): readonly PredictedStep[] {
  return steps.filter(({ instruction, stageIndex }) => instruction === 'FROM' && stageIndex >= 0);
}

/** One at the top for the whole, and one for each stage but the last, which is the whole. */
function lensesOf(uri: vscode.Uri, stages: readonly PredictedStep[]): vscode.CodeLens[] {
  const [first] = stages;
  if (first === undefined) return [];
  const lens = (line: number, title: string, command: string, args: readonly unknown[]) =>
    new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command, arguments: [...args] });
  const top = first.line.start - 1;
  return [
    lens(top, vscode.l10n.t('Build'), Command.build, [uri]),
    lens(top, vscode.l10n.t('Build and run'), Command.buildAndRun, [uri]),
    ...stages
      .slice(0, -1)
      .map(({ line, stage }) =>
        lens(line.start - 1, vscode.l10n.t('Build to this stage'), Command.buildStage, [uri, stage]),
      ),
  ];
}
