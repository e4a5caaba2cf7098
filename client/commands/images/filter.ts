import * as vscode from 'vscode';
import type { LayerFileChange } from '../../../server/protocol';
import { CHANGES } from '../../views/images/options';
import { attempt } from '../asked';
import type { Services } from '../services';

interface ChangeItem extends vscode.QuickPickItem {
  readonly change: LayerFileChange;
}

/** Asks which files the Images view shows, by what their layer did to them; tests give the answer. */
export async function filterChanges(services: Services, shown: unknown): Promise<void> {
  await attempt(services, async () => {
    const { options } = services.images;
    const chosen = Array.isArray(shown)
      ? CHANGES.filter((change) => shown.includes(change))
      : await pickChanges(options.current.hidden);
    // nothing at all is never meant
    if (chosen === undefined || chosen.length === 0) return;
    await options.set({ hidden: CHANGES.filter((change) => !chosen.includes(change)) });
  });
}

async function pickChanges(hidden: readonly LayerFileChange[]): Promise<readonly LayerFileChange[] | undefined> {
  const items = CHANGES.map((change): ChangeItem => ({
    change,
    ...wordsOf(change),
    picked: !hidden.includes(change),
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layer Insight: Files That Are Shown'),
    placeHolder: vscode.l10n.t('What a layer does to the files that are shown below it'),
    canPickMany: true,
  });
  return picked?.map(({ change }) => change);
}

function wordsOf(change: LayerFileChange): { readonly label: string; readonly description: string } {
  switch (change) {
    case 'added':
      return { label: vscode.l10n.t('Added'), description: vscode.l10n.t('no lower layer has them') };
    case 'modified':
      return { label: vscode.l10n.t('Modified'), description: vscode.l10n.t('a lower layer has them, too') };
    case 'removed':
      return { label: vscode.l10n.t('Removed'), description: vscode.l10n.t('their bytes stay in a lower layer') };
    case 'unmodified':
      return { label: vscode.l10n.t('Unmodified'), description: vscode.l10n.t('of lower layers, in the view of all') };
  }
}
