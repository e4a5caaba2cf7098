import * as vscode from 'vscode';
import type { TerminalCommand } from '../../core/model';

/** Exit codes of docker and podman where the program that they should start is not there, or cannot be started. */
const NOT_STARTED = [126, 127];

/** Says whether a program could not be started at all. */
export function couldNotStart(code: number | undefined): boolean {
  return code !== undefined && NOT_STARTED.includes(code);
}

/**
 * Runs a program in a terminal of its own as it is, without a shell. Resolves at its end with its exit code, undefined
 * when there is none.
 */
export async function runInTerminal(name: string, command: TerminalCommand): Promise<number | undefined> {
  const { program, args, env } = command;
  const execution = new vscode.ProcessExecution(program, [...args], { env: { ...env } });
  // every run is one of its own, also of the same name
  const definition = { type: 'process', layerInsight: `${name} ${Date.now()}` };
  const task = new vscode.Task(definition, vscode.TaskScope.Workspace, name, 'Layer Insight', execution, []);
  task.presentationOptions = {
    ...{ reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.New },
    ...{ focus: true, echo: true, showReuseMessage: false },
  };
  const started = await vscode.tasks.executeTask(task);
  return new Promise((resolve) => {
    const listeners: vscode.Disposable[] = [];
    const end = (code: number | undefined): void => {
      for (const listener of listeners) listener.dispose();
      resolve(code);
    };
    listeners.push(
      vscode.tasks.onDidEndTaskProcess((event) => {
        if (event.execution === started) end(event.exitCode);
      }),
      // a task whose process never came ends without one
      vscode.tasks.onDidEndTask((event) => {
        if (event.execution === started) setTimeout(() => end(undefined), 500);
      }),
    );
  });
}
