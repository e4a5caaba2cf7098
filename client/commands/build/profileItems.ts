import * as vscode from 'vscode';
import { profilesFromFiles, type ProfileFromFile, type ProfilesFromFiles } from '../../builds/fileProfiles';
import type { BuildProfile } from '../../builds/profiles';
import { messageOf } from '../../failure';
import { basename } from '../../paths';
import type { Services } from '../services';

/** A profile to choose. */
export interface ProfileItem extends vscode.QuickPickItem {
  /** None: a heading, or the build without one. */
  readonly profile?: BuildProfile;
  /** Where it is none of the Dockerfile's own yet. */
  readonly found?: ProfileFromFile;
}

/**
 * Before the first build of a Dockerfile that compose or bake files build: asks whether it is built as they say. True:
 * it has a profile of theirs now; false: it has none; undefined: the user changed their mind.
 */
export async function isAdopted(services: Services, uri: vscode.Uri): Promise<boolean | undefined> {
  const { profiles } = await fromFiles(services, uri);
  if (profiles.length === 0) return false;
  const own: ProfileItem = {
    label: vscode.l10n.t('By itself'),
    detail: vscode.l10n.t('docker build, with a name that you give it'),
  };
  const picked = await vscode.window.showQuickPick([...itemsOfFiles(profiles), own], pickOptions(uri));
  if (picked === undefined) return undefined;
  if (picked.found === undefined) return false;
  await adopt(services, uri, picked.found);
  return services.profiles.use(uri.toString(), picked.found.profile.name);
}

/** The profiles of compose and bake files; what cannot be read holds nothing up. */
export async function fromFiles(services: Services, uri: vscode.Uri): Promise<ProfilesFromFiles> {
  try {
    return await profilesFromFiles(services, uri);
  } catch (error) {
    services.log.debug(`Compose and bake files: ${messageOf(error)}`);
    return { profiles: [], problems: [] };
  }
}

/** Makes a profile of a file one of the Dockerfile's own. */
export async function adopt(
  services: Services,
  uri: vscode.Uri,
  { profile, secretValues }: ProfileFromFile,
): Promise<void> {
  const text = uri.toString();
  await services.profiles.save(text, profile);
  const { buildArgs, ...others } = services.choices.of(text);
  // only in memory: choosing the profile takes them from here
  await services.choices.set(text, { ...others, buildArgs: { ...buildArgs, ...secretValues } });
}

/** Profiles of files, each file with a heading. */
export function itemsOfFiles(found: readonly ProfileFromFile[]): ProfileItem[] {
  const files = [...new Set(found.map(({ file }) => file))];
  return files.flatMap((file): ProfileItem[] => [
    // a whole path takes the room of the words beside it
    { label: vscode.workspace.asRelativePath(file), kind: vscode.QuickPickItemKind.Separator },
    ...found
      .filter((one) => one.file === file)
      .map((one) => {
        const without = one.leftOut.length === 0 ? [] : [vscode.l10n.t('without {0}', one.leftOut.join(', '))];
        const detail = [profileWords(one.profile), ...without].join(' · ');
        return { label: one.profile.name, detail, profile: one.profile, found: one };
      }),
  ]);
}

/** The Dockerfile's own profiles. */
export function itemsOf(services: Services, uri: vscode.Uri): ProfileItem[] {
  const current = services.profiles.current(uri.toString())?.name;
  return services.profiles.of(uri.toString()).map((profile) => {
    const description = profile.name === current ? vscode.l10n.t('current') : '';
    return { label: profile.name, description, detail: profileWords(profile), profile };
  });
}

/** What a list of profiles says of itself. */
export function pickOptions(uri: vscode.Uri): vscode.QuickPickOptions {
  return {
    title: vscode.l10n.t('Layer Insight: Build Profile of {0}', basename(uri)),
    placeHolder: vscode.l10n.t('How the next build is made'),
    matchOnDetail: true,
  };
}

/** What a profile says, without a value of an argument. */
function profileWords({ chosen, tags, secrets, ssh, secretArgs }: BuildProfile): string {
  const args = [...Object.keys(chosen.buildArgs ?? {}), ...secretArgs];
  return [
    tags.join(' ') || vscode.l10n.t('no name'),
    ...(chosen.target === undefined ? [] : [vscode.l10n.t('target {0}', chosen.target)]),
    ...(args.length === 0 ? [] : [vscode.l10n.t('arguments {0}', args.join(' '))]),
    ...(chosen.builder === undefined ? [] : [chosen.builder]),
    ...(secrets.length === 0 ? [] : [vscode.l10n.t('secrets {0}', secrets.map(({ id }) => id).join(' '))]),
    ...(ssh.length === 0 ? [] : [vscode.l10n.t('ssh {0}', ssh.join(' '))]),
  ].join(' · ');
}
