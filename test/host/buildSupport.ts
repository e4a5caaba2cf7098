import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ShownBuilds } from '../../client/builds/shown';
import type { BuildView } from '../../server/protocol';
import { eventually, file, lineOf } from './editor';

const execute = promisify(execFile);

/** What the editor shows of all builds of this window. */
export const shownBuilds = () => vscode.commands.executeCommand<ShownBuilds>('layerInsight.builds.shown.get');

/** The build that was begun last. */
export async function newestBuild(): Promise<BuildView> {
  const [view] = (await shownBuilds()).builds;
  assert.ok(view, 'nothing was built');
  return view;
}

/** Processes of this machine whose command line fits: `pid command line`, one a line. */
export async function processes(fits: RegExp): Promise<string> {
  const { stdout } = await execute('ps', ['-eo', 'pid=,args=']);
  const lines = stdout.split('\n').map((line) => line.trim());
  return lines.filter((line) => fits.test(line.replace(/^\d+ /, ''))).join('\n');
}

/** Kills these processes. */
export async function kill(fits: RegExp): Promise<void> {
  for (const line of (await processes(fits)).split('\n')) {
    if (line !== '') process.kill(Number.parseInt(line, 10), 'SIGKILL');
  }
}

/** Presses Enter in whatever a command asks, until it is over. */
export async function accepting(command: Thenable<unknown>): Promise<void> {
  const isOver = Promise.resolve(command).then(() => 'over');
  await eventually(async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return Promise.race([isOver, sleep(300).then(() => 'open')]);
  }, /^over$/);
}

/** A folder of the workspace with Dockerfiles that a test builds. */
export class BuildFolder {
  private main: vscode.TextDocument | undefined;

  /** @param name unlike any other, so that no earlier build matches what is built in it */
  constructor(readonly name: string) {}

  /** The Dockerfile that was opened first. */
  get document(): vscode.TextDocument {
    assert.ok(this.main, 'no Dockerfile was opened');
    return this.main;
  }

  get uri(): vscode.Uri {
    return this.document.uri;
  }

  async write(name: string, text: string): Promise<void> {
    await vscode.workspace.fs.writeFile(file(`${this.name}/${name}`), new TextEncoder().encode(text));
  }

  async open(name = 'Dockerfile'): Promise<vscode.TextDocument> {
    const opened = await vscode.workspace.openTextDocument(file(`${this.name}/${name}`));
    await vscode.window.showTextDocument(opened);
    this.main ??= opened;
    return opened;
  }

  /** Another text in the editor; it is not saved. */
  async replace(text: string): Promise<void> {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(this.uri, new vscode.Range(0, 0, this.document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
  }

  line(instruction: string): number {
    return lineOf(this.document, instruction);
  }

  cursor(instruction: string): void {
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document, this.document);
    const position = new vscode.Position(this.line(instruction), 0);
    editor.selection = new vscode.Selection(position, position);
  }

  /** What is behind an instruction. */
  async behind(instruction: string, of = this.document): Promise<string> {
    const lines = (await shownBuilds()).lines[of.uri.toString()] ?? [];
    return lines.find(({ line }) => line === lineOf(of, instruction))?.text ?? '';
  }

  /** What the newest build did with an instruction. */
  async stateOf(instruction: string): Promise<string> {
    const line = this.line(instruction) + 1;
    return (await newestBuild()).live.steps.find((step) => step.line.start === line)?.state ?? 'none';
  }

  /** Errors in the Dockerfile, each behind its 0-based line. */
  errors(): Promise<string> {
    return Promise.resolve(
      vscode.languages
        .getDiagnostics(this.uri)
        .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)
        .map(({ range, message }) => `${range.start.line}: ${message}`)
        .join('\n'),
    );
  }

  /** Processes that build something in this folder. */
  builders(): Promise<string> {
    return processes(new RegExp(` build .*${this.name}`));
  }

  /** Ends what a failed test left running, forgets what was chosen for its Dockerfiles, and removes them. */
  async remove(): Promise<void> {
    const views = (await shownBuilds()).builds.filter(({ uri }) => uri.includes(this.name));
    for (const { id, live } of views)
      if (live.durationMs === null) await vscode.commands.executeCommand('layerInsight.build.stop', id);
    for (const uri of new Set(views.map((view) => view.uri)))
      await vscode.commands.executeCommand('layerInsight.choices.set', { uri });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(file(this.name), { recursive: true });
  }
}
