import * as vscode from 'vscode';
import { Setting } from './contributions';
import { settingValue } from './settings';

/** Extensions that build images with a command of a setting; the second is the older name of the first. */
const BUILDERS = [
  { extension: 'ms-azuretools.vscode-containers', setting: 'containers.commands.build' },
  { extension: 'ms-azuretools.vscode-docker', setting: 'docker.commands.build' },
] as const;

/** A sentence when another extension here builds with `--pull` and predictions are made without; it changes FROM. */
export function pullNote(dockerfile: vscode.Uri): string | undefined {
  if (settingValue(Setting.predictionPull, false, dockerfile)) return undefined;
  for (const { extension, setting } of BUILDERS) {
    const name = displayName(extension);
    if (name === undefined || !templatesOf(settingValue<unknown>(setting, '', dockerfile)).some(pulls)) continue;
    return vscode.l10n.t(
      '{0} builds with --pull, which asks the registry for newer base images; this prediction is for a build without. The setting layerInsight.prediction.pull changes that.',
      name,
    );
  }
  return undefined;
}

function displayName(extension: string): string | undefined {
  const manifest = vscode.extensions.getExtension(extension)?.packageJSON as { displayName?: unknown } | undefined;
  if (manifest === undefined) return undefined;
  return typeof manifest.displayName === 'string' ? manifest.displayName : extension;
}

/** The setting is one command line, or several with labels. */
function templatesOf(value: unknown): readonly string[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  return entries.flatMap((entry) => {
    const template: unknown =
      typeof entry === 'object' && entry !== null && 'template' in entry ? entry.template : entry;
    return typeof template === 'string' ? [template] : [];
  });
}

function pulls(template: string): boolean {
  return /(^|\s)--pull(\s|$|=true\b)/.test(template);
}
