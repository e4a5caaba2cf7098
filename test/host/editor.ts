import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Prediction, PredictedStep } from '../../core/model';

export const extensionId = 'layer-insight.layer-insight';

/** The folder that is open: a copy of the example that tests may change. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return folder.uri;
}

/** A file of the open folder. */
export const file = (path: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder(), path);

/** Opens the Dockerfile in an editor, as a user does. */
export async function openDockerfile(name = 'Dockerfile'): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(file(name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** 0-based line of the first instruction that begins with a text. */
export function lineOf(document: vscode.TextDocument, text: string): number {
  for (let line = 0; line < document.lineCount; line++) if (document.lineAt(line).text.startsWith(text)) return line;
  throw new Error(`no line begins with ${text}`);
}

/** The text of the hints at the end of a line; empty without any. */
export async function hintOn(document: vscode.TextDocument, instruction: string): Promise<string> {
  const line = lineOf(document, instruction);
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[] | undefined>(
    'vscode.executeInlayHintProvider',
    document.uri,
    all,
  );
  return (hints ?? [])
    .filter((hint) => hint.position.line === line)
    .map((hint) => (typeof hint.label === 'string' ? hint.label : hint.label.map((part) => part.value).join('')))
    .join(' ');
}

/** What the pointer shows over an instruction's keyword. */
export async function hoverOn(document: vscode.TextDocument, instruction: string): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[] | undefined>(
    'vscode.executeHoverProvider',
    document.uri,
    new vscode.Position(lineOf(document, instruction), 1),
  );
  return (hovers ?? [])
    .flatMap((hover) => hover.contents)
    .map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))
    .join('\n');
}

/** The prediction that the editor holds for a Dockerfile. */
export async function prediction(document: vscode.TextDocument): Promise<Prediction> {
  const found = await vscode.commands.executeCommand<Prediction | undefined>(
    'layerInsight.prediction.get',
    document.uri.toString(),
  );
  assert.ok(found, 'no prediction for the Dockerfile');
  return found;
}

/** The predicted step of an instruction. */
export async function stepOf(document: vscode.TextDocument, instruction: string): Promise<PredictedStep> {
  const line = lineOf(document, instruction) + 1;
  const step = (await prediction(document)).steps.find((one) => one.line.start === line);
  assert.ok(step, `no step for ${instruction}`);
  return step;
}

/** Asks until the answer fits; fails with the last answer. Nobody presses refresh meanwhile. */
export async function eventually(ask: () => Promise<string>, expected: RegExp, timeoutMs = 20_000): Promise<string> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => `(${String(error)})`);
    if (expected.test(answer)) return answer;
    if (Date.now() > end)
      assert.fail(`expected ${String(expected)} within ${timeoutMs / 1000} s, last answer: "${answer}"`);
    await sleep(150);
  }
}
