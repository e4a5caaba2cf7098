import * as vscode from 'vscode';
import type { BuildChoice } from '../../server/protocol';
import { basename } from '../paths';
import { askedDockerfile, attempt, say } from './asked';
import type { Services } from './services';

/** What would be built now, in place of the id of a build. */
const NOW = 'now';

interface BuildItem extends vscode.QuickPickItem {
  readonly ref: string;
}

/** Names the first thing in which two builds of a Dockerfile differ; ids of builds (or `now`) that are given are not asked for. */
export async function explainMiss(services: Services, before: unknown, after: unknown): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  await attempt(services, async () => {
    const uri = asked.uri.toString();
    const builds = await services.server.pastBuilds(uri);
    if (builds.length === 0) {
      say(vscode.l10n.t('No build of {0} is remembered', basename(asked.uri)));
      return;
    }
    const later = typeof after === 'string' ? after : await askLater(builds);
    if (later === undefined) return;
    const earlier = typeof before === 'string' ? before : await askEarlier(builds, later);
    if (earlier === undefined) return;
    const text = await services.server.explainBuilds({ uri, before: earlier, after: later });
    const name = vscode.l10n.t('{0} difference of builds', basename(asked.uri));
    const document = services.reports.write(`${name}.txt`, `${uri} ${earlier} ${later}`, text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
  });
}

async function askLater(builds: readonly BuildChoice[]): Promise<string | undefined> {
  const now: BuildItem = {
    label: vscode.l10n.t('Now'),
    detail: vscode.l10n.t('What would be built from the files as they are'),
    ref: NOW,
  };
  // the oldest one has nothing to be compared with
  return ask([now, ...builds.slice(0, -1).map(itemOf)], vscode.l10n.t('The build that missed the cache'));
}

async function askEarlier(builds: readonly BuildChoice[], later: string): Promise<string | undefined> {
  const place = builds.findIndex(({ ref }) => ref === later);
  const earlier = builds.slice(place + 1).map(itemOf);
  return ask(earlier, vscode.l10n.t('The earlier build whose results it did not find'));
}

async function ask(items: readonly BuildItem[], placeHolder: string): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Layer Insight: Explain This Miss'),
    placeHolder,
    matchOnDescription: true,
  });
  return picked?.ref;
}

function itemOf({ ref, label, description, detail }: BuildChoice): BuildItem {
  return { label, description, detail, ref };
}
