import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Uri } from 'vscode';
import { pullNote } from '../../../client/containerTools';

interface Editor {
  settings: Record<string, unknown>;
  extensions: Record<string, { readonly packageJSON: unknown }>;
}

const editor = vi.hoisted((): Editor => ({ settings: {}, extensions: {} }));

vi.mock('vscode', () => ({
  workspace: {
    getConfiguration: () => ({ get: (id: string, missing: unknown) => editor.settings[id] ?? missing }),
  },
  extensions: { getExtension: (id: string) => editor.extensions[id] },
  l10n: { t: (text: string, ...values: readonly string[]) => text.replace('{0}', values[0] ?? '') },
}));

const dockerfile = { scheme: 'file', path: '/shop/Dockerfile' } as unknown as Uri;
const PULLS = 'docker build --pull --rm -f "${dockerfile}" -t ${tag} "${context}"';

describe('the note about builds with --pull', () => {
  beforeEach(() => {
    editor.settings = {};
    editor.extensions = { 'ms-azuretools.vscode-containers': { packageJSON: { displayName: 'Container Tools' } } };
  });

  it.each<[string, unknown]>([
    ['one command', PULLS],
    [
      'several commands',
      [
        { label: 'plain', template: 'docker build .' },
        { label: 'pull', template: PULLS },
      ],
    ],
    ['the flag with a value', 'docker build --pull=true .'],
  ])('is there for %s', (_, command) => {
    editor.settings['containers.commands.build'] = command;
    expect(pullNote(dockerfile)).toMatch(/^Container Tools builds with --pull/);
  });

  it.each<[string, unknown]>([
    ['a command without', 'docker build --rm .'],
    ['another flag', 'docker build --pull-nothing .'],
    ['the flag switched off', 'docker build --pull=false .'],
    ['something else than commands', [1, null, { label: 'x' }]],
  ])('is not there for %s', (_, command) => {
    editor.settings['containers.commands.build'] = command;
    expect(pullNote(dockerfile)).toBeUndefined();
  });

  it('is not there when predictions are for builds with --pull, too', () => {
    editor.settings = { 'containers.commands.build': PULLS, 'layerInsight.prediction.pull': true };
    expect(pullNote(dockerfile)).toBeUndefined();
  });

  it('is only about extensions that are installed', () => {
    editor.extensions = {};
    editor.settings['containers.commands.build'] = PULLS;
    expect(pullNote(dockerfile)).toBeUndefined();
    editor.extensions = { 'ms-azuretools.vscode-docker': { packageJSON: {} } };
    editor.settings['docker.commands.build'] = PULLS;
    expect(pullNote(dockerfile)).toMatch(/^ms-azuretools\.vscode-docker builds/);
  });
});
