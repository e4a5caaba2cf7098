import * as vscode from 'vscode';
import { basename } from '../paths';
import { askedDockerfile, attempt } from './asked';
import type { Services } from './services';

interface BaselineItem extends vscode.QuickPickItem {
  /** Undefined: what the engine has built. Empty: to be typed. */
  readonly commit: string | undefined;
}

/** Asks what counts as the last build of the Dockerfile: the engine's own past, or a git commit. */
export async function chooseBaseline(services: Services): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  const uri = asked.uri.toString();
  await attempt(services, async () => {
    const { commit: chosen, ...others } = services.choices.of(uri);
    const title = vscode.l10n.t('Layer Insight: Compare {0} with', basename(asked.uri));
    const commit = await pickCommit(title, chosen);
    if (commit === 'nothing picked') return;
    await services.choices.set(uri, commit.ref === undefined ? others : { ...others, commit: commit.ref });
  });
}

async function pickCommit(
  title: string,
  chosen: string | undefined,
): Promise<{ readonly ref: string | undefined } | 'nothing picked'> {
  const usual = ['HEAD', '@{upstream}', 'origin/HEAD'];
  const known = chosen === undefined || usual.includes(chosen) ? usual : [chosen, ...usual];
  const details: Readonly<Record<string, string>> = {
    HEAD: vscode.l10n.t('the last commit of this working tree'),
    '@{upstream}': vscode.l10n.t('the branch that this one follows'),
    'origin/HEAD': vscode.l10n.t('the default branch of the remote repository'),
  };
  const item = (commit: string | undefined, label: string, detail: string): BaselineItem => ({
    ...{ label, detail, commit },
    ...(commit === chosen ? { description: vscode.l10n.t('current') } : {}),
  });
  const items = [
    item(undefined, vscode.l10n.t('What this engine has built'), vscode.l10n.t('its history and its cache')),
    ...known.map((ref) => item(ref, `$(git-commit) ${ref}`, details[ref] ?? '')),
    item('', vscode.l10n.t('Another commit…'), vscode.l10n.t('a branch, a tag or an id, as git names it')),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t('What a builder is taken to have in its cache'),
    matchOnDetail: true,
  });
  if (picked === undefined) return 'nothing picked';
  if (picked.commit !== '') return { ref: picked.commit };
  const typed = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('A branch, a tag or an id of a commit'),
    validateInput: (text) => (/^\s*-|^\s*$/.test(text) ? vscode.l10n.t('Name a commit') : undefined),
  });
  return typed === undefined ? 'nothing picked' : { ref: typed.trim() };
}
