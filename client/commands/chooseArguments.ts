import * as vscode from 'vscode';
import type { ArgumentChoice } from '../../server/protocol';
import { looksSecret } from '../choices/secrets';
import { Setting } from '../contributions';
import { DisposableStore } from '../disposables';
import { basename } from '../paths';
import { settingValue } from '../settings';
import { askedDockerfile, attempt, say } from './asked';
import type { Services } from './services';

/** Asks for values of build arguments until the user is done. */
export async function chooseArguments(services: Services): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  await attempt(services, async () => {
    const uri = asked.uri.toString();
    const status = await services.server.status(uri);
    if (status === undefined || status.arguments.length === 0) {
      say(vscode.l10n.t('{0} declares no build argument', basename(asked.uri)));
      return;
    }
    for (;;) {
      const picked = await pickArgument(services, asked.uri, status.arguments);
      if (picked === undefined) return;
      const { buildArgs = {}, ...others } = services.choices.of(uri);
      const rest = Object.fromEntries(Object.entries(buildArgs).filter(([name]) => name !== picked.name));
      const value = picked.forget ? undefined : await askValue(picked.name, buildArgs[picked.name]);
      if (value === undefined && !picked.forget) continue;
      await services.choices.set(uri, {
        ...others,
        buildArgs: value === undefined ? rest : { ...rest, [picked.name]: value },
      });
    }
  });
}

interface ArgumentItem extends vscode.QuickPickItem {
  readonly name: string;
}

interface Picked {
  readonly name: string;
  readonly forget: boolean;
}

function pickArgument(
  services: Services,
  uri: vscode.Uri,
  declared: readonly ArgumentChoice[],
): Promise<Picked | undefined> {
  const chosen = services.choices.of(uri.toString()).buildArgs ?? {};
  const settings = settingValue<Readonly<Record<string, unknown>>>(Setting.predictionBuildArgs, {}, uri);
  const forget: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('discard'),
    tooltip: vscode.l10n.t('As the settings say'),
  };
  const store = new DisposableStore();
  const pick = store.add(vscode.window.createQuickPick<ArgumentItem>());
  pick.title = vscode.l10n.t('Layer Insight: Build Arguments of {0}', basename(uri));
  pick.placeholder = vscode.l10n.t('An argument to give a value for the next build; Escape when done');
  pick.items = declared.map(({ name, defaultValue }) => ({
    name,
    label: name,
    description: valueWords(name, chosen[name], settings[name], defaultValue),
    ...(name in chosen ? { buttons: [forget] } : {}),
  }));
  return new Promise((resolve) => {
    const end = (picked: Picked | undefined) => {
      resolve(picked);
      store.dispose();
    };
    store.add(pick.onDidAccept(() => end(pick.activeItems[0] && { name: pick.activeItems[0].name, forget: false })));
    store.add(pick.onDidTriggerItemButton(({ item }) => end({ name: item.name, forget: true })));
    store.add(pick.onDidHide(() => end(undefined)));
    pick.show();
  });
}

/** The value with where it comes from. A secret is not put on the screen. */
function valueWords(name: string, chosen: string | undefined, setting: unknown, defaultValue: string): string {
  const show = (value: string) => (looksSecret(name) ? '••••••' : value === '' ? '""' : value);
  if (chosen !== undefined) return vscode.l10n.t('{0} · chosen here', show(chosen));
  if (typeof setting === 'string' || typeof setting === 'number')
    return vscode.l10n.t('{0} · from the settings', show(String(setting)));
  if (defaultValue === '') return vscode.l10n.t('no value');
  return vscode.l10n.t('{0} · from the Dockerfile', show(defaultValue));
}

function askValue(name: string, now: string | undefined): Thenable<string | undefined> {
  const secret = looksSecret(name);
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Layer Insight: Value of {0}', name),
    prompt: secret
      ? vscode.l10n.t('Looks like a secret: kept until this window closes, never stored or logged')
      : vscode.l10n.t('Remembered for this Dockerfile in this workspace'),
    password: secret,
    ignoreFocusOut: true,
    ...(secret || now === undefined ? {} : { value: now }),
  });
}
