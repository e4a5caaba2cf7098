import * as vscode from 'vscode';
import type { BuildProfile } from '../../builds/profiles';
import { basename } from '../../paths';
import { askedDockerfile, attempt, say } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';
import { askTags } from './ask';
import { adopt, fromFiles, itemsOf, itemsOfFiles, pickOptions } from './profileItems';

/** Makes a profile of the current Dockerfile, its own or one of a compose or bake file, the one that is built and predicted. */
export async function chooseProfile(services: Services, named: unknown): Promise<void> {
  await withDockerfile(services, async (uri) => {
    const name = typeof named === 'string' ? named : await pickAny(services, uri);
    if (name === undefined) return;
    if (typeof named === 'string') await adoptNamed(services, uri, named);
    if (await services.profiles.use(uri.toString(), name)) say(vscode.l10n.t('Builds with the profile {0}', name));
    else say(vscode.l10n.t('{0} has no build profile {1}', basename(uri), name));
  });
}

/** A name that is none of the Dockerfile's own profiles may be one of a file. */
async function adoptNamed(services: Services, uri: vscode.Uri, wanted: string): Promise<void> {
  if (services.profiles.of(uri.toString()).some(({ name }) => name === wanted)) return;
  const found = (await fromFiles(services, uri)).profiles.find(({ profile }) => profile.name === wanted);
  if (found !== undefined) await adopt(services, uri, found);
}

/** Asks for a profile of the Dockerfile or of a file beside it, which then becomes one of the Dockerfile; its name. */
async function pickAny(services: Services, uri: vscode.Uri): Promise<string | undefined> {
  const { profiles, problems } = await fromFiles(services, uri);
  const own = itemsOf(services, uri);
  if (own.length === 0 && profiles.length === 0) {
    say(problems[0] ?? vscode.l10n.t('{0} has no build profile yet: its first build makes one', basename(uri)));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick([...own, ...itemsOfFiles(profiles)], pickOptions(uri));
  if (picked?.found !== undefined) await adopt(services, uri, picked.found);
  return picked?.profile?.name;
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
  const picked = await vscode.window.showQuickPick(itemsOf(services, uri), pickOptions(uri));
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
