import * as vscode from 'vscode';
import { lineOfWords, proposedRun, type RunDefaults, type RunOrder } from '../../../core/model';
import type { LastRun } from '../../containers/rememberedRuns';
import { askCommand, askEnvironment, askMounts, askName, askPorts, askValue, type Question } from './runQuestions';

interface FormItem extends vscode.QuickPickItem {
  readonly act: 'run' | Question;
}

/**
 * Shows how an image would be run, first of all as last time or as the image wants it, until the user runs it. What
 * should be different is changed from the same list. Undefined: the user changed their mind.
 */
export async function askRun(
  name: string,
  image: string,
  defaults: RunDefaults,
  last: LastRun | undefined,
): Promise<RunOrder | undefined> {
  let order = last?.order ?? proposedRun(image, defaults);
  let isChanged = false;
  for (;;) {
    const first = isChanged
      ? vscode.l10n.t('$(play) Run')
      : last === undefined
        ? vscode.l10n.t('$(play) Run as the Image Wants It')
        : vscode.l10n.t('$(play) Run as Last Time');
    const items = formItems(first, order, defaults);
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Layer Insight: Run {0}', name),
      placeHolder: vscode.l10n.t('Run it, or choose what should be different'),
      ignoreFocusOut: true,
    });
    if (picked === undefined) return undefined;
    if (picked.act === 'run') return withSecrets(order, last?.missing ?? []);
    const answer = await picked.act(order, defaults);
    if (answer === undefined) continue;
    order = { ...order, ...answer };
    isChanged = true;
  }
}

/** Values that were not kept are asked for again. */
async function withSecrets(order: RunOrder, missing: readonly string[]): Promise<RunOrder | undefined> {
  let { environment } = order;
  for (const variable of missing.filter((name) => !(name in environment))) {
    const value = await askValue(variable, undefined);
    if (value === undefined) return undefined;
    environment = { ...environment, [variable]: value };
  }
  return { ...order, environment };
}

function formItems(first: string, order: RunOrder, defaults: RunDefaults): FormItem[] {
  const { ports, mounts, command, name, remove, detached, environment } = order;
  const none = vscode.l10n.t('none');
  const own = lineOfWords(defaults.command) || lineOfWords(defaults.entrypoint) || none;
  return [
    { label: first, description: orderWords(order), act: 'run' },
    { label: '', kind: vscode.QuickPickItemKind.Separator, act: 'run' },
    { label: vscode.l10n.t('Ports'), description: ports.join(' ') || none, act: askPorts },
    // values may be nobody's business
    {
      label: vscode.l10n.t('Environment'),
      description: Object.keys(environment).join(' ') || none,
      act: askEnvironment,
    },
    { label: vscode.l10n.t('Mounts'), description: lineOfWords(mounts) || none, act: askMounts },
    {
      label: vscode.l10n.t('Command'),
      description: command.length > 0 ? lineOfWords(command) : vscode.l10n.t('the image’s own: {0}', own),
      act: askCommand,
    },
    { label: vscode.l10n.t('Name'), description: name || vscode.l10n.t('the engine makes one up'), act: askName },
    {
      label: detached ? vscode.l10n.t('In the Background') : vscode.l10n.t('In a Terminal'),
      description: detached ? vscode.l10n.t('change to a terminal') : vscode.l10n.t('change to the background'),
      act: () => Promise.resolve({ detached: !detached }),
    },
    {
      label: remove ? vscode.l10n.t('Removed When It Ends') : vscode.l10n.t('Kept When It Ends'),
      description: remove ? vscode.l10n.t('change to keep it (no --rm)') : vscode.l10n.t('change to remove it (--rm)'),
      act: () => Promise.resolve({ remove: !remove }),
    },
  ];
}

/** An order in a few words, without a value of a variable. */
function orderWords({ ports, mounts, detached, remove, name }: RunOrder): string {
  return [
    ...(name === '' ? [] : [name]),
    detached ? vscode.l10n.t('in the background') : vscode.l10n.t('in a terminal'),
    ...(remove ? ['--rm'] : []),
    ...ports,
    ...mounts,
  ].join(' · ');
}
