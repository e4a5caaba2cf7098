import * as vscode from 'vscode';
import type { BuildOrder } from '../../core/model';
import type { BuildProposal } from '../../server/protocol';
import type { LanguageServer } from '../languageServer';
import { basename } from '../paths';
import { DOCKERFILE_LANGUAGE } from '../dockerfiles';
import type { BuildIntent } from './definition';
import type { BuildProfiles } from './profiles';

/**
 * What a build would be, as the server sees it: the Dockerfile is opened for that, and what was chosen for it counts.
 * Rejects with a sentence for the user where it cannot be built.
 */
export async function proposalFor(server: LanguageServer, uri: string, line?: number): Promise<BuildProposal> {
  await opened(uri);
  const builds = await server.builds();
  const proposal = await builds.proposal(uri, line);
  if (proposal === undefined) throw new Error(vscode.l10n.t('The Dockerfile is not open: {0}', uri));
  if (proposal.refusal !== '') throw new Error(proposal.refusal);
  return proposal;
}

/** The order for what is wanted. The Dockerfile is saved first: builders read files. */
export async function orderFor(
  server: LanguageServer,
  profiles: BuildProfiles,
  intent: BuildIntent,
): Promise<BuildOrder> {
  const { uri, profile, line, target, tags, cache } = intent;
  const document = await opened(uri);
  if (document.isDirty && !(await document.save())) {
    throw new Error(vscode.l10n.t('{0} could not be saved', basename(document.uri)));
  }
  if (profile !== undefined && !(await profiles.use(uri, profile))) {
    throw new Error(vscode.l10n.t('{0} has no build profile {1}', basename(document.uri), profile));
  }
  const { order } = await proposalFor(server, uri, line);
  const current = profiles.current(uri);
  return {
    ...order,
    ...(target === undefined ? {} : { target }),
    // a build up to a line is no image that somebody wants by its name
    tags: tags ?? (line === undefined ? (current?.tags ?? order.tags) : []),
    cache,
    secrets: current?.secrets ?? order.secrets,
    ssh: current?.ssh ?? order.ssh,
  };
}

async function opened(uri: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
  if (document.languageId !== DOCKERFILE_LANGUAGE) {
    const name = basename(document.uri);
    throw new Error(vscode.l10n.t('{0} is no Dockerfile to this editor: choose the language Dockerfile for it', name));
  }
  return document;
}

/** Files of the build context with changes that are not on disk: whether they are saved says the editor's own setting. */
export function unsavedIn(context: string): readonly string[] {
  return vscode.workspace.textDocuments
    .filter(({ isDirty, uri }) => isDirty && uri.scheme === 'file')
    .map(({ uri }) => uri.fsPath)
    .filter((path) => path.startsWith(context) && /^[\\/]/.test(path.slice(context.length)))
    .map((path) => path.slice(context.length + 1));
}
