import * as vscode from 'vscode';
import { DOCKERFILE_LANGUAGE } from '../../dockerfiles';
import { basename } from '../../paths';
import type { PastBuildRow } from '../../views/builds/view';
import { attempt } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** Opens the Dockerfile that a past build was made from, read-only. */
export async function openPastDockerfile(services: Services, row: PastBuildRow | undefined): Promise<void> {
  if (row === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    const document = await vscode.workspace.openTextDocument(await pastDockerfile(services, row));
    await vscode.window.showTextDocument(await vscode.languages.setTextDocumentLanguage(document, DOCKERFILE_LANGUAGE));
  });
}

/** Opens it beside the Dockerfile as it is now. */
export async function diffPastDockerfile(services: Services, row: PastBuildRow | undefined): Promise<void> {
  if (row === undefined || !isAllowed()) return;
  await attempt(services, async () => {
    const now = vscode.Uri.parse(row.uri);
    const past = await pastDockerfile(services, row);
    const title = vscode.l10n.t('{0} ({1}) ↔ now', basename(now), row.label);
    await vscode.commands.executeCommand('vscode.diff', past, now, title);
  });
}

async function pastDockerfile({ server, reports }: Services, { uri, ref, label }: PastBuildRow): Promise<vscode.Uri> {
  const text = await server.pastDockerfile(uri, ref);
  return reports.write(`${label}/${basename(vscode.Uri.parse(uri))}`, `${uri} ${ref}`, text);
}
