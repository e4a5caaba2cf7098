import * as vscode from 'vscode';
import type { LiveBuild } from '../../core/model';
import type { BuildView } from '../../server/protocol';
import { Command, InternalCommand, Setting } from '../contributions';
import { DisposableStore } from '../disposables';
import { showFailure } from '../failure';
import { settingValue } from '../settings';
import type { BuildRunner, EndedBuild } from './runner';

/** Tells how builds ended, each once, with what one may want to do next. */
export class BuildMessages implements vscode.Disposable {
  private readonly store = new DisposableStore();

  constructor(
    runner: BuildRunner,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(runner.onDidEnd((ended) => void this.tell(ended)));
  }

  dispose(): void {
    this.store.dispose();
  }

  private async tell({ build, reason, isQuiet }: EndedBuild): Promise<void> {
    if (build === undefined) {
      if (reason !== '') await showFailure(vscode.l10n.t('Layer Insight: {0}', reason), this.log);
      return;
    }
    const { state } = build.live;
    if (state === 'succeeded' && !isQuiet) await tellSuccess(build);
    if (state === 'failed' || state === 'lost') await tellFailure(build);
    if (state === 'canceled') {
      vscode.window.setStatusBarMessage(vscode.l10n.t('The build of {0} was stopped', build.title), 5000);
    }
  }
}

async function tellSuccess(build: BuildView): Promise<void> {
  const { id, title, summary, live, tags } = build;
  const image = tags[0] ?? live.image;
  const actions: readonly Action[] = [
    { title: vscode.l10n.t('Show Report'), command: Command.showBuildReport, args: [id] },
    ...(image === null
      ? []
      : [
          { title: vscode.l10n.t('Run Image'), command: Command.runImage, args: [image] },
          ...(isShown(live)
            ? [{ title: vscode.l10n.t('Explore Layers'), command: Command.exploreImage, args: [image] }]
            : []),
        ]),
  ];
  // what was not as predicted is marked on the lines, and in the report
  const text =
    summary === '' ? vscode.l10n.t('{0} was built', title) : vscode.l10n.t('{0} was built · {1}', title, summary);
  await act(vscode.window.showInformationMessage(text, ...actions));
}

/** The Images view shows the images of one engine. */
function isShown({ builder }: LiveBuild): boolean {
  return (settingValue<string>(Setting.engineKind, 'auto') === 'podman') === (builder === 'buildah');
}

async function tellFailure(build: BuildView): Promise<void> {
  const { id, uri, title, live } = build;
  const failed = live.steps.find(({ state }) => state === 'failed');
  const why = live.state === 'lost' ? vscode.l10n.t('the builder or the engine went away') : firstLine(live.error);
  const actions: readonly Action[] = [
    // with the server went its logs, not so with the engine
    ...(live.state === 'lost' && live.exitCode === null
      ? []
      : [{ title: vscode.l10n.t('Show Log'), command: Command.showBuildLog, args: [id] }]),
    ...(failed === undefined
      ? []
      : [
          {
            title: vscode.l10n.t('Go to Line'),
            command: InternalCommand.revealLine,
            args: [uri, failed.line.start - 1],
          },
        ]),
  ];
  const text =
    why === ''
      ? vscode.l10n.t('The build of {0} failed.', title)
      : vscode.l10n.t('The build of {0} failed: {1}', title, why);
  await act(vscode.window.showErrorMessage(text, ...actions));
}

interface Action extends vscode.MessageItem {
  readonly command: string;
  readonly args: readonly unknown[];
}

async function act(chosen: Thenable<Action | undefined>): Promise<void> {
  const action = await chosen;
  if (action !== undefined) await vscode.commands.executeCommand(action.command, ...action.args);
}

function firstLine(text: string | null): string {
  const line =
    (text ?? '')
      .split('\n')
      .find((one) => one.trim() !== '')
      ?.trim() ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
