import * as vscode from 'vscode';
import { TASK_TYPE } from '../contributions';
import { isDockerfile } from '../dockerfiles';
import { definitionOf, wantedBy } from './definition';
import type { BuildProfiles } from './profiles';
import { folderOf, pathIn, type BuildRunner } from './runner';

/** Dockerfiles of the workspace that tasks are offered for. */
const MAX_DOCKERFILES = 20;
/** Files that the editor takes for Dockerfiles by their names. */
export const DOCKERFILES = '**/{Dockerfile,Containerfile,Dockerfile.*,Containerfile.*,*.Dockerfile,*.dockerfile}';

/** Offers a task for each profile of each Dockerfile, and runs those of `tasks.json`. */
export class BuildTasks implements vscode.TaskProvider, vscode.Disposable {
  private readonly registration: vscode.Disposable;

  constructor(
    private readonly runner: BuildRunner,
    private readonly profiles: BuildProfiles,
  ) {
    this.registration = vscode.tasks.registerTaskProvider(TASK_TYPE, this);
  }

  dispose(): void {
    this.registration.dispose();
  }

  async provideTasks(token: vscode.CancellationToken): Promise<vscode.Task[]> {
    if (!vscode.workspace.isTrusted) return [];
    const found = await vscode.workspace.findFiles(DOCKERFILES, '**/node_modules/**', MAX_DOCKERFILES, token);
    const open = vscode.workspace.textDocuments.filter(isDockerfile).map(({ uri }) => uri);
    const files = new Map([...open, ...found].map((uri) => [uri.toString(), uri]));
    return [...files].flatMap(([text, uri]) => {
      const names = this.profiles.of(text).map(({ name }) => name);
      const folder = folderOf(uri);
      const task = (profile?: string) =>
        this.runner.task(
          definitionOf(TASK_TYPE, pathIn(text, folder), {
            cache: 'all',
            ...(profile === undefined ? {} : { profile }),
          }),
          folder,
        );
      return names.length === 0 ? [task()] : names.map(task);
    });
  }

  /** A task of `tasks.json`: with what is written there, and not with what its definition would be called. */
  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { definition, scope } = task;
    const dockerfile: unknown = definition['dockerfile'];
    if (typeof dockerfile !== 'string') return undefined;
    const folder = typeof scope === 'object' ? scope : undefined;
    const resolved = this.runner.task(definitionOf(TASK_TYPE, dockerfile, wantedBy(definition)), folder);
    // the editor finds the task again by the very definition that it asked about
    resolved.definition = definition;
    return resolved;
  }
}
