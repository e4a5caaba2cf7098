import * as vscode from 'vscode';
import type { BuildProfile } from '../../builds/profiles';
import { basename } from '../../paths';
import { askedDockerfile, attempt, say } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';
import { askTags } from './ask';

interface ProfileItem extends vscode.QuickPickItem {
  readonly profile: BuildProfile;
}

/** Makes a profile of the current Dockerfile the one that is built and predicted. */
export async function chooseProfile(services: Services, named: unknown): Promise<void> {
  await withProfiles(services, async (uri) => {
    const name = typeof named === 'string' ? named : (await pickProfile(services, uri))?.name;
    if (name === undefined) return;
    if (await services.profiles.use(uri.toString(), name)) say(vscode.l10n.t('Builds with the profile {0}', name));
    else say(vscode.l10n.t('{0} has no build profile {1}', basename(uri), name));
  });
}

/** Keeps what is chosen for the current Dockerfile under a name. */
export async function saveProfile(services: Services, named: unknown): Promise<void> {
  await withDockerfile(services, async (uri) => {
    const text = uri.toString();
    const current = services.profiles.current(text);
    const title = vscode.l10n.t('Layer Insight: Save Build Profile of {0}', basename(uri));
    const name = typeof named === 'string' ? named : await askName(title, current?.name ?? '');
    if (name === undefined) return;
    const tags = current?.tags ?? (await askTags(title, []));
    if (tags === undefined) return;
    const others = { tags, secrets: current?.secrets ?? [], ssh: current?.ssh ?? [] };
    await services.profiles.save(text, services.profiles.ofChoices(text, name, others));
    say(vscode.l10n.t('The profile {0} is remembered for this workspace', name));
  });
}

/** Asks for a profile of a Dockerfile. */
export async function pickProfile(services: Services, uri: vscode.Uri): Promise<BuildProfile | undefined> {
  const current = services.profiles.current(uri.toString())?.name;
  const items = services.profiles.of(uri.toString()).map((profile): ProfileItem => {
    const description = profile.name === current ? vscode.l10n.t('current') : '';
    return { label: profile.name, description, detail: profileWords(profile), profile };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layer Insight: Build Profile of {0}', basename(uri)),
    placeHolder: vscode.l10n.t('How the next build is made'),
    matchOnDetail: true,
  });
  return picked?.profile;
}

/** Asks for the name of a profile; undefined: the user changed their mind. */
export async function askName(title: string, value: string): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Name of the profile'),
    value,
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('Name the profile') : undefined),
  });
  return name?.trim();
}

/** Runs something for the current Dockerfile if it has profiles; else says how it gets one. */
export async function withProfiles(services: Services, run: (uri: vscode.Uri) => Promise<void>): Promise<void> {
  await withDockerfile(services, async (uri) => {
    if (services.profiles.of(uri.toString()).length > 0) return run(uri);
    say(vscode.l10n.t('{0} has no build profile yet: its first build makes one', basename(uri)));
  });
}

async function withDockerfile(services: Services, run: (uri: vscode.Uri) => Promise<void>): Promise<void> {
  if (!isAllowed()) return;
  const asked = askedDockerfile(services);
  if (asked !== undefined) await attempt(services, () => run(asked.uri));
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
