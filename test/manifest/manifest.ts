import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../hosts/paths.mjs';

/** One setting of the manifest, as far as the tests read it. */
export interface SettingSchema {
  readonly scope?: string;
  readonly order?: number;
  readonly default?: unknown;
  readonly markdownDescription?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
}

interface CommandEntry {
  readonly command: string;
  readonly title: string;
  readonly category?: string;
  readonly enablement?: string;
}

interface MenuEntry {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface WalkthroughStep {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
  readonly completionEvents: readonly string[];
}

/** The parts of `package.json` that the tests read. */
export interface Manifest {
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly CommandEntry[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string; readonly when: string }[];
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly WalkthroughStep[] }[];
    readonly keybindings?: readonly unknown[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
    readonly colors: readonly { readonly id: string; readonly defaults: Readonly<Record<string, string>> }[];
    readonly taskDefinitions: readonly {
      readonly type: string;
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, unknown>>;
    }[];
    readonly problemMatchers: readonly {
      readonly name: string;
      readonly pattern: { readonly regexp: string; readonly file: number; readonly line: number };
    }[];
    readonly configuration: { readonly properties: Readonly<Record<string, SettingSchema>> };
  };
}

/** The text of a file of the checkout. */
export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** `package.json`. */
export const manifest = JSON.parse(readText('package.json')) as Manifest;

/** `package.nls.json`: the texts of the manifest. */
export const texts = JSON.parse(readText('package.nls.json')) as Readonly<Record<string, string>>;

/** Every expression over context keys in the manifest. */
export function whenClauses(): string[] {
  const { commands, menus, viewsWelcome, walkthroughs } = manifest.contributes;
  const entries = [...Object.values(menus).flat(), ...viewsWelcome];
  const events = walkthroughs.flatMap(({ steps }) => steps.flatMap((step) => step.completionEvents));
  return [
    ...entries.flatMap((entry) => (entry.when === undefined ? [] : [entry.when])),
    ...commands.flatMap((entry) => (entry.enablement === undefined ? [] : [entry.enablement])),
    ...events.flatMap((event) => (event.startsWith('onContext:') ? [event] : [])),
  ];
}
