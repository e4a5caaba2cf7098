import * as vscode from 'vscode';
import { askedDockerfile, attempt } from '../asked';
import { runImage } from '../containers/runImage';
import { isAllowed } from '../images/asked';
import type { Services } from '../services';

/** Runs an image: one that is named, else the one that was built last from the current Dockerfile, else one to name. */
export async function runBuiltImage(services: Services, named: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const image = typeof named === 'string' ? named : (lastImage(services) ?? (await askImage()));
    if (image !== undefined) await runImage(services, image);
  });
}

function lastImage(services: Services): string | undefined {
  const { builds, profiles } = services;
  const uri = askedDockerfile(services)?.uri.toString();
  if (uri === undefined) return undefined;
  const built = builds.all.find((view) => view.uri === uri && view.live.state === 'succeeded');
  return built?.tags[0] ?? built?.live.image ?? profiles.current(uri)?.tags[0];
}

async function askImage(): Promise<string | undefined> {
  const image = await vscode.window.showInputBox({
    title: vscode.l10n.t('Layer Insight: Run Image'),
    prompt: vscode.l10n.t('Name or ID of an image on the engine'),
  });
  return image === undefined || image.trim() === '' ? undefined : image.trim();
}
