import * as vscode from 'vscode';
import type { SecretSource } from '../../../core/model';
import type { BuildProfile } from '../../builds/profiles';
import { chooseArguments } from '../chooseArguments';
import { chooseBuilder } from '../chooseBuilder';
import { chooseTarget } from '../chooseTarget';
import type { Services } from '../services';
import { askTags } from './ask';
import { askName, pickProfile, withProfiles } from './profiles';

interface PartItem extends vscode.QuickPickItem {
  /** The profile afterwards; undefined: nothing to keep. */
  readonly edit: (profile: BuildProfile) => Promise<BuildProfile | undefined>;
}

/** Changes a profile of the current Dockerfile part by part, until the user is done. It becomes the current one. */
export async function editProfile(services: Services): Promise<void> {
  await withProfiles(services, async (uri) => {
    const picked = await pickProfile(services, uri);
    if (picked === undefined) return;
    const text = uri.toString();
    await services.profiles.use(text, picked.name);
    for (;;) {
      const profile = services.profiles.current(text);
      if (profile === undefined) return;
      const title = vscode.l10n.t('Layer Insight: Edit Build Profile {0}', profile.name);
      const part = await vscode.window.showQuickPick(partsOf(services, text, profile, title), {
        title,
        placeHolder: vscode.l10n.t('A part to change; Escape when done'),
      });
      if (part === undefined) return;
      const edited = await part.edit(profile);
      if (edited !== undefined) await services.profiles.save(text, edited, profile.name);
    }
  });
}

function partsOf(services: Services, uri: string, profile: BuildProfile, title: string): readonly PartItem[] {
  const { chosen, tags, secrets, ssh } = profile;
  // target, arguments and builder are chosen as ever, and then kept
  const asChosen = (choose: (services: Services) => Promise<void>) => async (now: BuildProfile) => {
    await choose(services);
    return services.profiles.ofChoices(uri, now.name, now);
  };
  const args = [...Object.keys(chosen.buildArgs ?? {}), ...profile.secretArgs];
  return [
    item(vscode.l10n.t('Names of the Image'), tags.join(' '), async (now) => {
      const edited = await askTags(title, now.tags);
      return edited && { ...now, tags: edited };
    }),
    item(vscode.l10n.t('Target'), chosen.target ?? '', asChosen(chooseTarget)),
    item(vscode.l10n.t('Build Arguments'), args.join(' '), asChosen(chooseArguments)),
    item(vscode.l10n.t('Build Context'), chosen.context ?? '', async (now) => {
      const context = await askContext(title, chosen.context);
      return context && chooseMore(services, uri, now, context);
    }),
    item(vscode.l10n.t('Platform'), chosen.platform ?? '', async (now) => {
      const platform = await askPlatform(title, chosen.platform ?? '');
      return platform && chooseMore(services, uri, now, platform);
    }),
    item(vscode.l10n.t('Builder'), chosen.builder ?? '', asChosen(chooseBuilder)),
    item(vscode.l10n.t('Secrets'), secrets.map(secretText).join(' '), async (now) => {
      const edited = await askSecrets(title, now.secrets);
      return edited && { ...now, secrets: edited };
    }),
    item('SSH', ssh.join(' '), async (now) => {
      const prompt = vscode.l10n.t('Agents and keys as docker build --ssh takes them, with blanks between');
      const typed = await vscode.window.showInputBox({
        title,
        prompt,
        value: now.ssh.join(' '),
        placeHolder: 'default',
      });
      return typed === undefined ? undefined : { ...now, ssh: words(typed) };
    }),
    item(vscode.l10n.t('Rename…'), '', async (now) => {
      const name = await askName(title, now.name);
      return name === undefined ? undefined : { ...now, name };
    }),
    item(vscode.l10n.t('Forget This Profile'), '', async (now) => {
      await services.profiles.remove(uri, now.name);
      return undefined;
    }),
  ];
}

/** Chooses a folder or a platform, which empty is what it would be without, and keeps that. */
async function chooseMore(
  services: Services,
  uri: string,
  profile: BuildProfile,
  more: { readonly context: string } | { readonly platform: string },
): Promise<BuildProfile> {
  const next = Object.entries({ ...services.choices.of(uri), ...more }).filter(([, value]) => value !== '');
  await services.choices.set(uri, Object.fromEntries(next));
  return services.profiles.ofChoices(uri, profile.name, profile);
}

async function askContext(title: string, now: string | undefined): Promise<{ readonly context: string } | undefined> {
  const other = vscode.l10n.t('A folder…');
  const usual = vscode.l10n.t('As the settings say');
  const picked = await vscode.window.showQuickPick([usual, other], { title, placeHolder: now ?? usual });
  if (picked === undefined) return undefined;
  if (picked === usual) return { context: '' };
  const [folder] =
    (await vscode.window.showOpenDialog({
      ...{ title, canSelectFolders: true, canSelectFiles: false, openLabel: vscode.l10n.t('Build Context') },
      ...(now === undefined ? {} : { defaultUri: vscode.Uri.file(now) }),
    })) ?? [];
  return folder && { context: folder.fsPath };
}

async function askPlatform(title: string, value: string): Promise<{ readonly platform: string } | undefined> {
  const typed = await vscode.window.showInputBox({
    ...{ title, value, placeHolder: 'linux/arm64' },
    prompt: vscode.l10n.t("The platform that the image is for; empty: the builder's own"),
    validateInput: (text) =>
      /^\s*(\w+\/\w+(\/\w+)?)?\s*$/.test(text) ? undefined : vscode.l10n.t('Not a platform like linux/arm64'),
  });
  return typed === undefined ? undefined : { platform: typed.trim() };
}

function item(label: string, description: string, edit: PartItem['edit']): PartItem {
  return { label, description, edit };
}

async function askSecrets(title: string, now: readonly SecretSource[]): Promise<readonly SecretSource[] | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Where the builder reads secrets, with blanks between: id=FILE, or id=$VARIABLE. No values'),
    value: now.map(secretText).join(' '),
    placeHolder: 'npm=/home/me/.npmrc token=$GITHUB_TOKEN',
    validateInput: (text) => {
      const bad = words(text).find((word) => secretOf(word) === undefined);
      return bad === undefined ? undefined : vscode.l10n.t('Neither id=FILE nor id=$VARIABLE: {0}', bad);
    },
  });
  return typed === undefined ? undefined : words(typed).flatMap((word) => secretOf(word) ?? []);
}

function secretText(secret: SecretSource): string {
  return `${secret.id}=${'file' in secret ? secret.file : `$${secret.variable}`}`;
}

function secretOf(word: string): SecretSource | undefined {
  const [, id, variable, file] = /^([\w.-]+)=(?:\$(\w+)|([^$,]+))$/.exec(word) ?? [];
  if (id === undefined) return undefined;
  if (variable !== undefined) return { id, variable };
  return file === undefined ? undefined : { id, file };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
