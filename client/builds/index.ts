import type * as vscode from 'vscode';
import type { BuildChoicesStore } from '../choices/buildChoices';
import { DisposableStore } from '../disposables';
import type { LanguageServer } from '../languageServer';
import { BuildsFeed } from './buildsFeed';
import { BuildLenses } from './lenses';
import { LiveLines } from './liveLines';
import { BuildMessages } from './messages';
import { BuildProfiles } from './profiles';
import { BuildProgress } from './progress';
import { BuildRunner } from './runner';
import { BuildTasks } from './taskProvider';

/** What builds stand on. */
export interface BuildsParts {
  readonly server: LanguageServer;
  readonly choices: BuildChoicesStore;
  readonly log: vscode.LogOutputChannel;
  /** Of the workspace. */
  readonly state: vscode.Memento;
}

/** Everything around builds: tasks, what runs, lines, messages. Cheap until something is built. */
export class Builds implements vscode.Disposable {
  private readonly store = new DisposableStore();

  /** What commands work with. */
  readonly parts: {
    readonly builds: BuildsFeed;
    readonly profiles: BuildProfiles;
    readonly runner: BuildRunner;
    readonly liveLines: LiveLines;
  };

  constructor({ server, choices, log, state }: BuildsParts) {
    const builds = this.store.add(new BuildsFeed(server));
    const profiles = new BuildProfiles(choices, state, log);
    const runner = this.store.add(new BuildRunner(server, builds, profiles, state));
    const liveLines = this.store.add(new LiveLines(builds));
    this.store.add(new BuildTasks(runner, profiles));
    this.store.add(new BuildMessages(runner, log));
    this.store.add(new BuildProgress(runner, builds));
    this.store.add(new BuildLenses(server));
    this.parts = { builds, profiles, runner, liveLines };
  }

  dispose(): void {
    this.store.dispose();
  }
}
