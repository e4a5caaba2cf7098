import * as vscode from 'vscode';
import type { TerminalCommand } from '../../core/model';

/** Exit codes of docker and podman where the program that they should start is not there, or cannot be started. */
const NOT_STARTED = [126, 127];

/** Milliseconds after the end of a task in which its exit code may still be told. */
const PROCESS_GRACE = 500;

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
  return codeOf(task);
}

/** Starts a task and waits for its end, which may come before the editor says that it was started. */
async function codeOf(task: vscode.Task): Promise<number | undefined> {
  const codes = new Map<vscode.TaskExecution, number | undefined>();
  let tell: (() => void) | undefined;
  const listeners = [
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      codes.set(execution, exitCode);
      tell?.();
    }),
    // a task whose process never came ends without one
    vscode.tasks.onDidEndTask(({ execution }) => {
      setTimeout(() => {
        if (!codes.has(execution)) codes.set(execution, undefined);
        tell?.();
      }, PROCESS_GRACE);
    }),
  ];
  try {
    const started = await vscode.tasks.executeTask(task);
    await new Promise<void>((resolve) => {
      tell = () => {
        if (codes.has(started)) resolve();
      };
      tell();
    });
    return codes.get(started);
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}
