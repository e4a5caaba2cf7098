import * as vscode from 'vscode';
import type { ChosenBuilder } from '../../server/protocol';
import { basename } from '../paths';
import { askedDockerfile, attempt } from './asked';
import type { Services } from './services';

interface BuilderItem extends vscode.QuickPickItem {
  readonly builder: ChosenBuilder | undefined;
}

/** Asks which family of builder the builds of the Dockerfile are made with. */
export async function chooseBuilder(services: Services): Promise<void> {
  const asked = askedDockerfile(services);
  if (asked === undefined) return;
  const uri = asked.uri.toString();
  await attempt(services, async () => {
    const { builder: chosen, ...others } = services.choices.of(uri);
    const item = (builder: ChosenBuilder | undefined, label: string, detail: string): BuilderItem => ({
      ...{ label, detail, builder },
      ...(builder === chosen ? { description: vscode.l10n.t('current') } : {}),
    });
    const items = [
      item(undefined, vscode.l10n.t('As docker chooses'), vscode.l10n.t('DOCKER_BUILDKIT, buildx, the docker context')),
      item('buildkit', 'BuildKit', vscode.l10n.t('docker buildx build')),
      item('classic', vscode.l10n.t("Docker's classic builder"), vscode.l10n.t('DOCKER_BUILDKIT=0 docker build')),
      item('buildah', vscode.l10n.t('Podman (Buildah)'), vscode.l10n.t('podman build')),
    ];
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Layer Insight: Builder of {0}', basename(asked.uri)),
      placeHolder: vscode.l10n.t('What the next build is made with'),
      matchOnDetail: true,
    });
    if (picked === undefined) return;
    const { builder } = picked;
    await services.choices.set(uri, builder === undefined ? others : { ...others, builder });
  });
}
