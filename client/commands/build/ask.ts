import * as vscode from 'vscode';
import type { ArgumentChoice, BuildProposal, DocumentStatus } from '../../../server/protocol';
import { FIRST_PROFILE } from '../../builds/profiles';
import { badTag, proposedTag, tagsIn } from '../../builds/tags';
import { looksSecret } from '../../choices/secrets';
import { basename } from '../../paths';
import type { Services } from '../services';
import { isAdopted } from './profileItems';

/** Arguments that builders set themselves, or take from their environment. */
const BUILT_IN =
  /^(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)$|^BUILDKIT_|^SOURCE_DATE_EPOCH$|^(HTTPS?|FTP|NO|ALL)_PROXY$/i;

/**
 * Asks what is not remembered: the name of the image with the first build of a Dockerfile, and values of arguments
 * that nothing gives one. Later it asks nothing, but for values that are not kept. False: the user changed their mind.
 */
export async function isAnswered(services: Services, uri: vscode.Uri, proposal: BuildProposal): Promise<boolean> {
  const text = uri.toString();
  if (services.profiles.current(text) !== undefined) {
    return askValues(services, uri, services.profiles.missingSecrets(text));
  }
  const adopted = await isAdopted(services, uri);
  if (adopted === undefined) return false;
  if (adopted) return askValues(services, uri, services.profiles.missingSecrets(text));
  const tags = await askTags(vscode.l10n.t('Layer Insight: Build {0}', basename(uri)), [proposedTag(uri.path)]);
  if (tags === undefined) return false;
  const status = await services.server.status(text);
  if (!(await askArguments(services, uri, openArguments(status, proposal)))) return false;
  const profile = services.profiles.ofChoices(text, FIRST_PROFILE, { tags, secrets: [], ssh: [] });
  await services.profiles.save(text, profile);
  return true;
}

/** Asks for the names of an image; undefined: the user changed their mind. */
export async function askTags(title: string, now: readonly string[]): Promise<readonly string[] | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t(
      'Name of the image, several with blanks between; empty: none. Remembered for this Dockerfile',
    ),
    value: now.join(' '),
    ignoreFocusOut: true,
    validateInput: (text) => {
      const bad = badTag(tagsIn(text));
      return bad === undefined ? undefined : vscode.l10n.t('{0} is no name of an image', bad);
    },
  });
  return typed === undefined ? undefined : tagsIn(typed);
}

function openArguments(status: DocumentStatus | undefined, { order }: BuildProposal): readonly ArgumentChoice[] {
  return (status?.arguments ?? []).filter(
    ({ name, defaultValue }) => defaultValue === '' && !(name in order.buildArgs) && !BUILT_IN.test(name),
  );
}

/** Arguments without a value may be meant so: one click goes on without. */
async function askArguments(services: Services, uri: vscode.Uri, open: readonly ArgumentChoice[]): Promise<boolean> {
  if (open.length === 0) return true;
  const names = open.map(({ name }) => name);
  const without = vscode.l10n.t('Build without a value for {0}', names.join(', '));
  const give = vscode.l10n.t('Give values…');
  const picked = await vscode.window.showQuickPick([without, give], {
    title: vscode.l10n.t('Layer Insight: Build {0}', basename(uri)),
    placeHolder: vscode.l10n.t('Build arguments to which nothing gives a value'),
  });
  if (picked === undefined) return false;
  return picked === without || askValues(services, uri, names);
}

async function askValues(services: Services, uri: vscode.Uri, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    const value = await askValue(name);
    if (value === undefined) return false;
    const { buildArgs = {}, ...others } = services.choices.of(uri.toString());
    await services.choices.set(uri.toString(), { ...others, buildArgs: { ...buildArgs, [name]: value } });
  }
  return true;
}

function askValue(name: string): Thenable<string | undefined> {
  const secret = looksSecret(name);
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Layer Insight: Value of {0}', name),
    prompt: secret
      ? vscode.l10n.t('Looks like a secret: kept until this window closes, never stored or logged')
      : vscode.l10n.t('Remembered for this Dockerfile in this workspace'),
    password: secret,
    ignoreFocusOut: true,
  });
}
