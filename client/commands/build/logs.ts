import * as vscode from 'vscode';
import type { BuildView } from '../../../server/protocol';
import { askedDockerfile, attempt, say } from '../asked';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** Opens what a build printed: one that is named by its id, else the newest of the current Dockerfile. */
export async function showBuildLog(services: Services, named: unknown): Promise<void> {
  await withBuild(services, named, async (build) => {
    const text = await (await services.server.builds()).log(build.id);
    await show(services, vscode.l10n.t('{0} build log', build.title), build.id, text);
  });
}

/** Opens what the instruction on a line printed: a 1-based line of a build that is named, else that under the cursor. */
export async function showStepLog(services: Services, named: unknown, wanted: unknown): Promise<void> {
  await withBuild(services, named, async (build) => {
    const line = typeof wanted === 'number' ? wanted : lineIn(services, named);
    const step = build.live.steps.find((one) => line !== undefined && one.line.start <= line && line <= one.line.end);
    if (step === undefined) {
      say(vscode.l10n.t('No instruction of the build is on this line'));
      return;
    }
    const text = await (await services.server.builds()).log(build.id, step.line.start);
    const name = vscode.l10n.t('{0} build log, line {1}', build.title, step.line.start);
    await show(services, name, `${build.id}#${step.line.start}`, text);
  });
}

/** Opens predicted against actual of a build. */
export async function showBuildReport(services: Services, named: unknown): Promise<void> {
  await withBuild(services, named, async (build) => {
    const text = await (await services.server.builds()).report(build.id);
    await show(services, vscode.l10n.t('{0} build report', build.title), build.id, text);
  });
}

async function withBuild(services: Services, named: unknown, run: (build: BuildView) => Promise<void>): Promise<void> {
  if (!isAllowed()) return;
  const { builds } = services;
  const uri = askedDockerfile(services)?.uri.toString();
  const build =
    (typeof named === 'string' ? builds.of(named) : undefined) ??
    (uri === undefined ? undefined : builds.latestOf(uri)) ??
    builds.all[0];
  if (build === undefined) say(vscode.l10n.t('Nothing was built in this window yet'));
  else await attempt(services, () => run(build));
}

/** The 1-based line of a menu beside the line numbers, else that of the cursor. */
function lineIn(services: Services, resource: unknown): number | undefined {
  if (typeof resource === 'object' && resource !== null && 'lineNumber' in resource) {
    const { lineNumber } = resource;
    if (typeof lineNumber === 'number') return lineNumber;
  }
  const line = askedDockerfile(services)?.editor?.selection.active.line;
  return line === undefined ? undefined : line + 1;
}

async function show(services: Services, name: string, source: string, text: string | undefined): Promise<void> {
  if (text === undefined) {
    say(vscode.l10n.t('That build is not known any more'));
    return;
  }
  // a name with slashes would look like folders
  const document = services.reports.write(`${name.replaceAll('/', ' ')}.txt`, `build ${source}`, text);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(document));
}
