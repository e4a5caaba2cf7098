import * as vscode from 'vscode';
import { DOCKERFILE_LANGUAGE } from '../../dockerfiles';
import { basename } from '../../paths';
import type { PastBuildRow } from '../../views/builds/view';
import { attempt } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** A preview would take the place of the Dockerfile's own, and the list of its builds would go with that. */
const BESIDE: vscode.TextDocumentShowOptions = { preview: false };

/** Opens the Dockerfile that a past build was made from, read-only. */
export async function openPastDockerfile(services: Services, row: PastBuildRow | undefined): Promise<void> {
  if (row === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    const document = await vscode.workspace.openTextDocument(await pastDockerfile(services, row));
    await vscode.window.showTextDocument(
      await vscode.languages.setTextDocumentLanguage(document, DOCKERFILE_LANGUAGE),
      BESIDE,
    );
  });
}

/** Opens it beside the Dockerfile as it is now. */
export async function diffPastDockerfile(services: Services, row: PastBuildRow | undefined): Promise<void> {
  if (row === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    const now = vscode.Uri.parse(row.uri);
    const past = await pastDockerfile(services, row);
    const title = vscode.l10n.t('{0} ({1}) ↔ now', basename(now), row.label);
    await vscode.commands.executeCommand('vscode.diff', past, now, title, BESIDE);
  });
}

async function pastDockerfile({ server, reports }: Services, { uri, ref, label }: PastBuildRow): Promise<vscode.Uri> {
  const text = await server.pastDockerfile(uri, ref);
  return reports.write(`${label}/${basename(vscode.Uri.parse(uri))}`, `${uri} ${ref}`, text);
}
