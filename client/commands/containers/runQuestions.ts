import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { lineOfWords, wordsOf, type RunDefaults, type RunOrder } from '../../../core/model';
import { looksSecret } from '../../choices/secrets';

type Answer = Partial<RunOrder> | undefined;

/** Asks for one part of an order; undefined: the user changed their mind. */
export type Question = (order: RunOrder, defaults: RunDefaults) => Promise<Answer>;

function ask(options: vscode.InputBoxOptions): Thenable<string | undefined> {
  return vscode.window.showInputBox({ ignoreFocusOut: true, ...options });
}

/** Asks for published ports. */
export const askPorts: Question = async ({ ports }, defaults) => {
  const exposed = defaults.ports.join(' ') || vscode.l10n.t('none');
  const line = await ask({
    title: vscode.l10n.t('Layer Insight: Ports'),
    prompt: vscode.l10n.t('Machine:container, several with spaces. The image exposes: {0}', exposed),
    placeHolder: '127.0.0.1:8080:80',
    value: ports.join(' '),
    validateInput: (text) => {
      const wrong = wordsOf(text).find((port) => !/^(?:[\w.:[\]]*:)?\d+(?:-\d+)?(?:\/(?:tcp|udp|sctp))?$/.test(port));
      return wrong === undefined ? undefined : vscode.l10n.t('"{0}" is no port as in 8080:80', wrong);
    },
  });
  return line === undefined ? undefined : { ports: [...wordsOf(line)] };
};

/** Asks for folders and volumes. */
export const askMounts: Question = async ({ mounts }, defaults) => {
  const volumes = defaults.volumes.join(' ');
  const line = await ask({
    title: vscode.l10n.t('Layer Insight: Mounts'),
    prompt:
      volumes === ''
        ? vscode.l10n.t('Folder or volume:path in the container[:ro], several with spaces')
        : vscode.l10n.t(
            'Folder or volume:path in the container[:ro]. Without one, a new volume is made for {0}',
            volumes,
          ),
    placeHolder: `.:/src:ro data:${defaults.volumes[0] ?? '/data'}`,
    value: lineOfWords(mounts),
    validateInput: (text) => {
      const wrong = wordsOf(text).find((mount) => !mount.includes('/'));
      return wrong === undefined ? undefined : vscode.l10n.t('"{0}" names no path in the container', wrong);
    },
  });
  return line === undefined ? undefined : { mounts: wordsOf(line).map(absoluteMount) };
};

/** As a shell in the workspace would give it to the engine, which knows neither of the two. */
function absoluteMount(mount: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (/^~(?=[/:])/.test(mount)) return `${homedir()}${mount.slice(1)}`;
  const relative = /^(\.\.?(?:\/[^:]*)?):(.*)$/.exec(mount);
  if (relative === null || folder === undefined) return mount;
  return `${join(folder, relative[1] ?? '')}:${relative[2] ?? ''}`;
}

/** Asks for what is run instead of the image's own command. */
export const askCommand: Question = async ({ command }, { entrypoint, command: own }) => {
  const line = await ask({
    title: vscode.l10n.t('Layer Insight: Command'),
    prompt:
      entrypoint.length === 0
        ? vscode.l10n.t('Instead of the image’s own; empty for that. No shell reads it')
        : vscode.l10n.t('Arguments of {0}; empty for the image’s own. No shell reads it', lineOfWords(entrypoint)),
    placeHolder: lineOfWords(own),
    value: lineOfWords(command),
  });
  return line === undefined ? undefined : { command: [...wordsOf(line)] };
};

/** Asks for the name of the container. */
export const askName: Question = async ({ name }) => {
  const answer = await ask({
    title: vscode.l10n.t('Layer Insight: Name of the Container'),
    prompt: vscode.l10n.t('Empty: the engine makes one up'),
    value: name,
    validateInput: (text) =>
      text === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)
        ? undefined
        : vscode.l10n.t('Letters, digits, "_", "." and "-", the first a letter or a digit'),
  });
  return answer === undefined ? undefined : { name: answer };
};

interface VariableItem extends vscode.QuickPickItem {
  /** Undefined: another one. */
  readonly variable: string | undefined;
}

/** Asks for variables until the user is done. */
export const askEnvironment: Question = async (order, defaults) => {
  let environment = order.environment;
  for (;;) {
    const picked = await pickVariable(environment, defaults);
    if (picked === undefined) return { environment };
    const variable = picked.variable ?? (await askVariable());
    if (variable === undefined || variable === '') continue;
    const value = await askValue(variable, environment[variable]);
    if (value === undefined) continue;
    const others = Object.entries(environment).filter(([name]) => name !== variable);
    // an empty value takes a variable away that was chosen here
    const isGone = value === '' && variable in environment;
    environment = Object.fromEntries(isGone ? others : [...others, [variable, value]]);
  }
};

function pickVariable(environment: RunOrder['environment'], defaults: RunDefaults): Thenable<VariableItem | undefined> {
  const chosen = Object.entries(environment).map(([variable, value]): VariableItem => ({
    ...{ label: variable, variable },
    description: looksSecret(variable) ? '••••••' : value,
  }));
  const own = defaults.environment
    .filter((variable) => !(variable in environment))
    .map((variable): VariableItem => ({
      ...{ label: variable, variable, description: vscode.l10n.t('as the image says') },
    }));
  const other: VariableItem = { label: vscode.l10n.t('$(add) Another Variable…'), variable: undefined };
  return vscode.window.showQuickPick([...chosen, other, ...own], {
    title: vscode.l10n.t('Layer Insight: Environment'),
    placeHolder: vscode.l10n.t('A variable to give a value; Escape when done'),
  });
}

function askVariable(): Thenable<string | undefined> {
  return ask({
    title: vscode.l10n.t('Layer Insight: Environment'),
    prompt: vscode.l10n.t('Name of the variable'),
    validateInput: (text) => (/[=\s]/.test(text) ? vscode.l10n.t('Only the name: its value is asked next') : undefined),
  });
}

/** Asks for the value of a variable. */
export function askValue(variable: string, now: string | undefined): Thenable<string | undefined> {
  const secret = looksSecret(variable);
  return ask({
    title: vscode.l10n.t('Layer Insight: Value of {0}', variable),
    prompt: secret
      ? vscode.l10n.t('Looks like a secret: kept until this window closes, never stored or logged')
      : vscode.l10n.t('Remembered for this image in this workspace'),
    password: secret,
    ...(secret || now === undefined ? {} : { value: now }),
  });
}
