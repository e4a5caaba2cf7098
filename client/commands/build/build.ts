import * as vscode from 'vscode';
import type { BuildCacheUse } from '../../../core/model';
import type { BuildIntent } from '../../builds/definition';
import { proposalFor } from '../../builds/orders';
import type { BuildView } from '../../../server/protocol';
import { isDockerfile } from '../../dockerfiles';
import { basename } from '../../paths';
import { askedDockerfile, attempt, say } from '../asked';
import { runImage } from '../containers/runImage';
import { engineOf } from './runBuiltImage';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';
import { isAnswered } from './ask';

/** Builds a Dockerfile: that of a menu, else the current one. `tags`: instead of those of its profile, without a question. */
export async function build(services: Services, resource: unknown, tags: unknown): Promise<void> {
  await withDockerfile(services, resource, (uri) => order(services, uri, { ...namesOf(tags) }));
}

/** Builds, and asks how the image is to be run. */
export async function buildAndRun(services: Services, resource: unknown, tags: unknown): Promise<void> {
  await withDockerfile(services, resource, async (uri) => {
    const ended = await order(services, uri, { ...namesOf(tags) }, true);
    if (ended?.live.state !== 'succeeded') return;
    const image = ended.tags[0] ?? ended.live.image;
    if (image === null) say(vscode.l10n.t('The builder keeps the image to itself: give it a name to run it'));
    else await runImage(services, image, image, undefined, engineOf(ended));
  });
}

/** Builds a stage: one that is named, else that under the cursor. */
export async function buildStage(services: Services, resource: unknown, named: unknown): Promise<void> {
  await withDockerfile(services, resource, async (uri) => {
    const target = typeof named === 'string' ? named : await stageAt(services, uri, lineOf(services, uri, resource));
    if (target === undefined) say(vscode.l10n.t('No stage is under the cursor'));
    else await order(services, uri, { target });
  });
}

/** Builds up to the end of the instruction on a line: of a menu, a 0-based one that is named, or the cursor's. */
export async function buildToLine(services: Services, resource: unknown, named: unknown): Promise<void> {
  await withDockerfile(services, resource, async (uri) => {
    const line = typeof named === 'number' ? named : lineOf(services, uri, resource);
    if (line === undefined) say(vscode.l10n.t('Put the cursor on an instruction first'));
    else await order(services, uri, { line: line + 1 });
  });
}

/** Builds without results of past builds: none at all, or none of one stage. */
export async function buildWithoutCache(services: Services, resource: unknown, named: unknown): Promise<void> {
  await withDockerfile(services, resource, async (uri) => {
    const cache = typeof named === 'string' ? cacheBut(named) : await askCache(services, uri);
    if (cache !== undefined) await order(services, uri, { cache });
  });
}

/** Builds again what was built last. */
export async function rebuildLast(services: Services): Promise<void> {
  if (!isAllowed()) return;
  const last = services.runner.last;
  if (last === undefined) {
    say(vscode.l10n.t('Nothing was built in this workspace yet'));
    return;
  }
  const { uri, ...wanted } = last;
  await attempt(services, () => order(services, vscode.Uri.parse(uri, true), wanted));
}

/** The Dockerfile of what a menu hands over: a resource, or a line of its editor. */
export function dockerfileOf(services: Services, resource: unknown): vscode.Uri | undefined {
  if (resource instanceof vscode.Uri) return resource;
  if (typeof resource === 'string') return vscode.Uri.parse(resource, true);
  const uri: unknown =
    typeof resource === 'object' && resource !== null && 'uri' in resource ? resource.uri : undefined;
  return uri instanceof vscode.Uri ? uri : askedDockerfile(services)?.uri;
}

async function order(
  services: Services,
  uri: vscode.Uri,
  wanted: Partial<Omit<BuildIntent, 'uri'>>,
  isQuiet = false,
): Promise<BuildView | undefined> {
  const proposal = await proposalFor(services.server, uri.toString(), wanted.line);
  // a build up to a line has no name, and a name that is given needs no question
  const isAsked = wanted.line === undefined && wanted.tags === undefined;
  if (isAsked && !(await isAnswered(services, uri, proposal))) return undefined;
  return services.runner.run({ uri: uri.toString(), cache: 'all', ...wanted }, { isQuiet });
}

async function withDockerfile(
  services: Services,
  resource: unknown,
  run: (uri: vscode.Uri) => Promise<unknown>,
): Promise<void> {
  if (!isAllowed()) return;
  const uri = dockerfileOf(services, resource);
  if (uri === undefined) say(vscode.l10n.t('Open a Dockerfile first'));
  else await attempt(services, () => run(uri));
}

/** The stage of a 0-based line; the last one needs no name, but one does no harm. */
async function stageAt(services: Services, uri: vscode.Uri, line: number | undefined): Promise<string | undefined> {
  if (line === undefined) return undefined;
  const prediction = await services.server.prediction(uri.toString());
  const above = prediction?.steps.filter((step) => step.stageIndex >= 0 && step.line.start <= line + 1);
  return above?.at(-1)?.stage;
}

/** The 0-based line of a menu beside the line numbers, else that of the cursor. */
function lineOf(services: Services, uri: vscode.Uri, resource: unknown): number | undefined {
  if (typeof resource === 'object' && resource !== null && 'lineNumber' in resource) {
    const { lineNumber } = resource;
    // the editor counts from 1 there
    if (typeof lineNumber === 'number') return lineNumber - 1;
  }
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  const editor = editors.find(
    (one) => one !== undefined && isDockerfile(one.document) && one.document.uri.toString() === uri.toString(),
  );
  return (editor ?? askedDockerfile(services)?.editor)?.selection.active.line;
}

interface CacheItem extends vscode.QuickPickItem {
  readonly cache: BuildCacheUse;
}

async function askCache(services: Services, uri: vscode.Uri): Promise<BuildCacheUse | undefined> {
  const status = await services.server.status(uri.toString());
  const whole: CacheItem = { label: vscode.l10n.t('All stages'), cache: 'none' };
  const stages = (status?.targets ?? []).map(({ name, detail }): CacheItem => ({
    label: name,
    detail,
    cache: { exceptStage: name },
  }));
  const picked = await vscode.window.showQuickPick(stages.length > 1 ? [whole, ...stages] : [whole], {
    title: vscode.l10n.t('Layer Insight: Build {0} without Cache', basename(uri)),
    placeHolder: vscode.l10n.t('What is executed again even where a result is kept'),
    matchOnDetail: true,
  });
  return picked?.cache;
}

function cacheBut(stage: string): BuildCacheUse {
  return stage === '' ? 'none' : { exceptStage: stage };
}

/** A menu hands over other things than names there. */
function namesOf(tags: unknown): { readonly tags?: readonly string[] } {
  const isNames = Array.isArray(tags) && tags.every((tag): tag is string => typeof tag === 'string');
  return isNames ? { tags } : {};
}
