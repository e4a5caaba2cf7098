import * as vscode from 'vscode';
import type { EditCost } from '../../server/protocol';
import { isDockerfile } from '../dockerfiles';
import { basename } from '../paths';
import { attempt } from './asked';
import { revealLine } from './revealLine';
import type { Services } from './services';

/** Dockerfiles that are opened to answer when none is. */
const MAX_DOCKERFILES = 10;
const DOCKERFILES = '**/{Dockerfile,Containerfile,Dockerfile.*,Containerfile.*,*.Dockerfile,*.dockerfile}';

/** Answers what a change of a file makes rebuild: of the explorer, of source control, else of the active editor. */
export async function showEditCost(services: Services, resource: unknown): Promise<void> {
  const file = fileOf(resource) ?? vscode.window.activeTextEditor?.document.uri;
  if (file?.scheme !== 'file') return;
  await attempt(services, async () => {
    const costs = await askWithProgress(services, file);
    if (costs === undefined) return;
    const items = await itemsOf(costs);
    const picked = await vscode.window.showQuickPick(items.length > 0 ? items : [nothing(file)], {
      title: vscode.l10n.t('Layer Insight: What {0} Rebuilds', basename(file)),
      placeHolder: vscode.l10n.t('Steps that the next build executes when this file changes'),
    });
    if (picked?.place !== undefined) await revealLine(picked.place.uri, picked.place.line);
  });
}

function fileOf(resource: unknown): vscode.Uri | undefined {
  if (resource instanceof vscode.Uri) return resource;
  const uri: unknown =
    typeof resource === 'object' && resource !== null && 'resourceUri' in resource ? resource.resourceUri : undefined;
  return uri instanceof vscode.Uri ? uri : undefined;
}

async function askWithProgress({ server }: Services, file: vscode.Uri): Promise<readonly EditCost[] | undefined> {
  const hasOpen = vscode.workspace.textDocuments.some(isDockerfile);
  if (hasOpen) return server.editCosts(file.toString());
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Layer Insight: looking for Dockerfiles'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_, token) => {
    const found = await vscode.workspace.findFiles(DOCKERFILES, '**/node_modules/**', MAX_DOCKERFILES, token);
    for (const uri of found) {
      if (token.isCancellationRequested) return undefined;
      const document = await vscode.workspace.openTextDocument(uri);
      // its answer is waited for: the cost is read from it
      if (isDockerfile(document)) await server.prediction(uri.toString(), token);
    }
    return token.isCancellationRequested ? undefined : server.editCosts(file.toString(), token);
  });
}

interface StepItem extends vscode.QuickPickItem {
  readonly place?: { readonly uri: string; readonly line: number };
}

function nothing(file: vscode.Uri): StepItem {
  return { label: vscode.l10n.t('Nothing: no open Dockerfile takes {0}', basename(file)) };
}

async function itemsOf(costs: readonly EditCost[]): Promise<StepItem[]> {
  const items: StepItem[] = [];
  for (const cost of costs) {
    items.push({ label: cost.text, kind: vscode.QuickPickItemKind.Separator });
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(cost.uri, true));
    for (const line of cost.lines) {
      items.push({
        label: line < document.lineCount ? document.lineAt(line).text.trim() : '',
        description: vscode.l10n.t('line {0}', line + 1),
        ...(cost.takenBy.includes(line) ? { detail: vscode.l10n.t('takes the file') } : {}),
        place: { uri: cost.uri, line },
      });
    }
  }
  return items;
}
