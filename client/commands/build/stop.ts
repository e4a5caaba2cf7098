import * as vscode from 'vscode';
import { countsOf } from '../../builds/progress';
import { attempt, say } from '../asked';
import type { Services } from '../services';

interface BuildItem extends vscode.QuickPickItem {
  readonly id: string;
}

/** Stops a build: one that is named by its id, the only one, or one that the user chooses. */
export async function stopBuild(services: Services, named: unknown): Promise<void> {
  const id = typeof named === 'string' ? named : await chosen(services);
  if (id !== undefined) await attempt(services, () => services.runner.stop(id));
}

async function chosen({ builds }: Services): Promise<string | undefined> {
  const [first, ...others] = builds.running;
  if (first === undefined) say(vscode.l10n.t('Nothing is being built'));
  if (first === undefined || others.length === 0) return first?.id;
  const items = [first, ...others].map((view): BuildItem => {
    const { done, all } = countsOf(view);
    return { label: view.title, description: `${done}/${all}`, id: view.id };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layer Insight: Stop Build'),
    placeHolder: vscode.l10n.t('The build to stop'),
  });
  return picked?.id;
}
