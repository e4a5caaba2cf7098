import * as vscode from 'vscode';
import type { BuildView } from '../../server/protocol';
import { TASK_TYPE } from '../contributions';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';
import type { BuildsFeed } from './buildsFeed';
import { definitionOf, isSameBuild, wantedBy, type BuildDefinition, type BuildIntent } from './definition';
import { orderFor, unsavedIn } from './orders';
import type { BuildProfiles } from './profiles';
import { BuildTerminal, type BegunBuild } from './terminal';

/** A build that is over, or never began. */
export interface EndedBuild {
  readonly intent: BuildIntent;
  /** Undefined: it did not begin. */
  readonly build: BuildView | undefined;
  /** Why it did not begin; empty when somebody changed their mind. */
  readonly reason: string;
  /** Whoever asked goes on with the image: nobody has to be told. */
  readonly isQuiet: boolean;
}

interface RunOptions {
  readonly isQuiet?: boolean;
}

/** Runs builds as tasks of the editor. */
export class BuildRunner implements vscode.Disposable {
  private readonly store = new DisposableStore();
  private readonly ended = this.store.add(new vscode.EventEmitter<EndedBuild>());
  private readonly began = this.store.add(new vscode.EventEmitter<string>());
  /** Builds begin one after the other: choosing a profile and asking for its order must not mix. */
  private beginning: Promise<unknown> = Promise.resolve();
  private lastIntent: BuildIntent | undefined;

  /** A build is over, or could not begin. */
  readonly onDidEnd = this.ended.event;
  /** The id of a build that runs from now on. */
  readonly onDidBegin = this.began.event;

  constructor(
    private readonly server: LanguageServer,
    private readonly feed: BuildsFeed,
    private readonly profiles: BuildProfiles,
    private readonly state: vscode.Memento,
  ) {}

  dispose(): void {
    this.store.dispose();
  }

  /** What was built last in this workspace. */
  get last(): BuildIntent | undefined {
    return this.lastIntent ?? this.state.get<BuildIntent>(LAST_KEY);
  }

  /** Runs a build to its end; the build as it ended, undefined when it did not begin. */
  async run(intent: BuildIntent, options: RunOptions = {}): Promise<BuildView | undefined> {
    const folder = folderOf(vscode.Uri.parse(intent.uri, true));
    const definition = definitionOf(TASK_TYPE, pathIn(intent.uri, folder), intent);
    const active = vscode.tasks.taskExecutions.find(({ task }) => isSameBuild(task.definition, definition));
    if (active !== undefined && !(await this.isReplaced(active))) return undefined;
    let tell: (build: BuildView | undefined) => void = () => undefined;
    const over = new Promise<BuildView | undefined>((resolve) => (tell = resolve));
    const task = this.task(definition, folder, { ...options, done: ({ build }) => tell(build) });
    const execution = await vscode.tasks.executeTask(task);
    const build = await over;
    // its terminal lasts a moment longer than the build: until then the editor takes it for running
    await endOf(execution);
    return build;
  }

  /** The task of a definition, as it is run and as it is offered. */
  task(
    definition: BuildDefinition,
    folder: vscode.WorkspaceFolder | undefined,
    options: RunOptions & { readonly done?: (ended: EndedBuild) => void } = {},
  ): vscode.Task {
    const task = new vscode.Task(
      { ...definition },
      folder ?? vscode.TaskScope.Workspace,
      taskName(definition),
      'Layer Insight',
      new vscode.CustomExecution((resolved) => Promise.resolve(this.terminal(resolved, folder, options))),
      [],
    );
    task.group = vscode.TaskGroup.Build;
    task.presentationOptions = {
      // the lines of the Dockerfile show how far it is
      reveal: vscode.TaskRevealKind.Silent,
      panel: vscode.TaskPanelKind.Dedicated,
      echo: false,
      focus: false,
      showReuseMessage: false,
    };
    return task;
  }

  /** Ends a build. */
  async stop(id: string): Promise<void> {
    await (await this.server.builds()).stop(id);
  }

  private terminal(
    definition: vscode.TaskDefinition,
    folder: vscode.WorkspaceFolder | undefined,
    { isQuiet = false, done }: RunOptions & { readonly done?: (ended: EndedBuild) => void },
  ): BuildTerminal {
    const uri = uriIn(definition['dockerfile'], folder);
    const intent: BuildIntent = { uri: uri?.toString() ?? '', ...wantedBy(definition) };
    return new BuildTerminal({
      feed: this.feed,
      onDidPrint: this.server.onDidPrintBuild,
      begin: () => this.begin(intent),
      stop: (id) => this.stop(id),
      ended: (build, reason) => {
        const ended: EndedBuild = { intent, build, reason, isQuiet };
        done?.(ended);
        this.ended.fire(ended);
      },
    });
  }

  private begin(intent: BuildIntent): Promise<BegunBuild> {
    const begun = this.beginning.then(async () => {
      if (!vscode.workspace.isTrusted) throw new Error(vscode.l10n.t('This workspace is restricted: nothing is built'));
      if (intent.uri === '') throw new Error(vscode.l10n.t('The task names no Dockerfile'));
      const order = await orderFor(this.server, this.profiles, intent);
      await this.remember(intent);
      const { id } = await (await this.server.builds()).start(intent.uri, order);
      this.began.fire(id);
      return { id, unsaved: unsavedIn(order.context) };
    });
    this.beginning = begun.catch(() => undefined);
    return begun;
  }

  private async remember(intent: BuildIntent): Promise<void> {
    this.lastIntent = intent;
    await this.state.update(LAST_KEY, intent);
  }

  /** Asks about a build that runs already. */
  private async isReplaced(active: vscode.TaskExecution): Promise<boolean> {
    const again = vscode.l10n.t('Stop and Build Again');
    const question = vscode.l10n.t('{0} is being built already.', active.task.name);
    if ((await vscode.window.showInformationMessage(question, again)) !== again) return false;
    active.terminate();
    await endOf(active);
    return true;
  }
}

/** Resolves when the editor does not list a task as running any more. */
async function endOf(execution: vscode.TaskExecution): Promise<void> {
  if (!vscode.tasks.taskExecutions.includes(execution)) return;
  await new Promise<void>((resolve) => {
    const listening = vscode.tasks.onDidEndTask((end) => {
      if (end.execution !== execution) return;
      listening.dispose();
      resolve();
    });
  });
}

const LAST_KEY = 'lastBuild';

/** The workspace folder of a Dockerfile. */
export function folderOf(uri: vscode.Uri): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.getWorkspaceFolder(uri);
}

/** How a definition names a Dockerfile. */
export function pathIn(uri: string, folder: vscode.WorkspaceFolder | undefined): string {
  const file = vscode.Uri.parse(uri, true);
  if (folder === undefined) return file.fsPath;
  return vscode.workspace.asRelativePath(file, false);
}

function uriIn(dockerfile: unknown, folder: vscode.WorkspaceFolder | undefined): vscode.Uri | undefined {
  if (typeof dockerfile !== 'string' || dockerfile === '') return undefined;
  if (/^([\\/]|[A-Za-z]:[\\/])/.test(dockerfile)) return vscode.Uri.file(dockerfile);
  const base = (folder ?? vscode.workspace.workspaceFolders?.[0])?.uri;
  return base && vscode.Uri.joinPath(base, dockerfile);
}

/** `Dockerfile`, `api/Dockerfile: test`, `Dockerfile to line 12, without cache`. */
function taskName({ dockerfile, target, tags = [], profile, noCache, line }: BuildDefinition): string {
  const what = profile ?? target ?? tags[0];
  const details = [
    ...(line === undefined ? [] : [vscode.l10n.t('to line {0}', line)]),
    ...(noCache === true ? [vscode.l10n.t('without cache')] : []),
    ...(typeof noCache === 'string' ? [vscode.l10n.t('without cache of {0}', noCache)] : []),
  ];
  return [what === undefined ? dockerfile : `${dockerfile}: ${what}`, ...details].join(', ');
}
