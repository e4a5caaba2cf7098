import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../hosts/paths.mjs';
import { readText } from './manifest';

interface Output {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string }[];
}

/** What esbuild says about a bundle. */
function bundle(path: string): Output {
  expect(existsSync(join(root, 'dist', 'meta.json')), 'dist/meta.json is missing: run `npm run build` first').toBe(
    true,
  );
  const { outputs } = JSON.parse(readText('dist/meta.json')) as { readonly outputs: Readonly<Record<string, Output>> };
  const output = outputs[path];
  if (output === undefined) throw new Error(`${path} is not in dist/meta.json: run \`npm run build\` first`);
  return output;
}

const inputsOf = (path: string): string[] => Object.keys(bundle(path).inputs);
const importsOf = (path: string): string[] => bundle(path).imports.map((one) => one.path);

/** Names of the npm packages in a bundle. */
function packagesOf(path: string): Set<string> {
  const names = inputsOf(path).map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

describe('dist/extension.js', () => {
  it('has of our code only client, protocol and model', () => {
    const ours = inputsOf('dist/extension.js').filter((input) => !input.startsWith('node_modules/'));
    expect(ours).toContain('client/extension.ts');
    expect(ours.filter((input) => !/^(client|server\/protocol|core\/model)\//.test(input))).toEqual([]);
    // of pages only what they say
    expect(ours.filter((input) => input.startsWith('client/webview/'))).toEqual(['client/webview/protocol.ts']);
  });

  it('has of packages only the language client and what it needs', () => {
    const needed =
      /^(vscode-languageclient|vscode-languageserver-(protocol|types|textdocument)|vscode-jsonrpc|minimatch|brace-expansion|balanced-match|semver)$/;
    expect([...packagesOf('dist/extension.js')].filter((name) => !needed.test(name))).toEqual([]);
  });
});

describe('dist/webview/diskUsage.js', () => {
  const path = 'dist/webview/diskUsage.js';

  it('has of our code only the page and the model', () => {
    const ours = inputsOf(path).filter((input) => !input.startsWith('node_modules/'));
    expect(ours).toContain('client/webview/diskUsage/main.ts');
    expect(ours.filter((input) => !/^(client\/webview|core\/model)\//.test(input))).toEqual([]);
  });

  it('has of packages only those for pages, and asks for nothing at run time', () => {
    const needed = /^(lit|lit-html|lit-element|@lit\/reactive-element|@vscode-elements\/elements|d3-hierarchy)$/;
    expect([...packagesOf(path)].filter((name) => !needed.test(name))).toEqual([]);
    expect(importsOf(path)).toEqual([]);
  });

  it('has icons and styles beside it, and all are small', () => {
    const files = ['diskUsage.js', 'diskUsage.css', 'codicon.ttf'].map((name) => join(root, 'dist', 'webview', name));
    for (const file of files) expect(statSync(file).size, file).toBeLessThan(600_000);
  });
});

describe.each(['dist/server.js', 'dist/cli.js', 'dist/cliMain.js', 'dist/hashWorker.js'])('%s', (path) => {
  it('has no code of the editor side', () => {
    expect(inputsOf(path).filter((input) => input.startsWith('client/'))).toEqual([]);
    expect(packagesOf(path)).not.toContain('vscode-languageclient');
    expect(importsOf(path)).not.toContain('vscode');
  });
});

describe.each(['dist/cli.js', 'dist/cliMain.js', 'dist/hashWorker.js'])('%s', (path) => {
  it('knows no language server', () => {
    expect(inputsOf(path).filter((input) => input.startsWith('server/'))).toEqual([]);
  });
});
