import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  Color,
  Command,
  ContextKey,
  InternalCommand,
  ItemCommand,
  LAYER_SCHEME,
  PROBLEM_MATCHER,
  Setting,
  Submenu,
  TASK_TYPE,
  View,
  ViewContainer,
  WebviewPanel,
  Walkthrough,
} from '../../client/contributions';
import { definitionOf } from '../../client/builds/definition';
import { root } from '../hosts/paths.mjs';
import { manifest, texts, whenClauses } from './manifest';

const { commands, viewsContainers, views, viewsWelcome, submenus, menus, colors, configuration, walkthroughs } =
  manifest.contributes;
const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

describe('the manifest and the code declare the same', () => {
  it('commands', () => {
    const declared = [Command, ItemCommand, InternalCommand].flatMap((ids): string[] => Object.values(ids));
    expect(sorted(commands.map(({ command }) => command))).toEqual(sorted(declared));
  });

  it('views and their containers', () => {
    expect(viewsContainers.activitybar.map(({ id }) => id)).toEqual(Object.values(ViewContainer));
    expect(Object.keys(views)).toEqual(Object.values(ViewContainer));
    const ids = Object.values(views).flatMap((entries) => entries.map(({ id }) => id));
    expect(sorted(ids)).toEqual(sorted(Object.values(View)));
  });

  it('settings', () => {
    expect(sorted(Object.keys(configuration.properties))).toEqual(sorted(Object.values(Setting)));
  });

  it('colours', () => {
    expect(sorted(colors.map(({ id }) => id))).toEqual(sorted(Object.values(Color)));
  });

  it('submenus and walkthroughs', () => {
    expect(submenus.map(({ id }) => id)).toEqual(Object.values(Submenu));
    expect(walkthroughs.map(({ id }) => id)).toEqual(Object.values(Walkthrough));
    const used = Object.values(menus)
      .flat()
      .flatMap(({ submenu }) => submenu ?? []);
    expect(sorted(new Set(used))).toEqual(sorted(Object.values(Submenu)));
    for (const id of Object.values(Submenu)) expect(menus[id]?.length, id).toBeGreaterThan(0);
  });

  it('context keys', () => {
    const used = whenClauses().flatMap((clause) => clause.match(/layerInsight\.\w+(\.\w+)*/g) ?? []);
    const views = new Set<string>(Object.values(View));
    expect(sorted(new Set(used.filter((id) => !views.has(id))))).toEqual(sorted(Object.values(ContextKey)));
  });
});

describe('commands', () => {
  const palette = new Map((menus['commandPalette'] ?? []).map(({ command, when }) => [command, when]));

  it('have our category', () => {
    expect(commands.filter(({ category }) => category !== 'Layer Insight')).toEqual([]);
  });

  it('appear in the palette when they make sense, internal ones never', () => {
    const hidden = [...Object.values(InternalCommand), ...Object.values(ItemCommand)];
    for (const id of hidden) expect(palette.get(id), id).toBe('false');
    // those about images and disk usage need no Dockerfile
    const ofEngine = new Set<string>([
      Command.exploreImage,
      Command.openArchive,
      Command.exploreRegistryImage,
      Command.showImageReport,
      Command.compareImages,
      Command.findInLayers,
      Command.showDisk,
      Command.measureDisk,
      Command.runImage,
      Command.shellInImage,
      Command.showContainerLog,
      Command.shellInContainer,
      Command.stopContainer,
      Command.removeContainer,
      Command.openPort,
    ]);
    for (const id of Object.values(Command)) {
      // the introduction is for those who have no Dockerfile yet
      if (id === Command.openWalkthrough) expect(palette.has(id)).toBe(false);
      else if (ofEngine.has(id)) expect(palette.get(id)).toBe('isWorkspaceTrusted');
      else expect(palette.get(id), id).toMatch(/^layerInsight\./);
    }
  });

  it('of menus and welcome texts exist', () => {
    const focus = Object.values(View).map((view) => `${view}.focus`);
    const ids = new Set([...commands.map(({ command }) => command), ...focus]);
    for (const { command, submenu } of Object.values(menus).flat()) {
      if (submenu === undefined) expect(ids, command).toContain(command);
    }
    const links = Object.values(texts).flatMap((text) => text.match(/command:layerInsight[\w.]*/g) ?? []);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(ids, link).toContain(link.replace('command:', ''));
  });
});

describe('views', () => {
  it('have pictures', () => {
    const icons = [...viewsContainers.activitybar, ...Object.values(views).flat()].map(({ icon }) => icon);
    for (const icon of [manifest.icon, ...icons]) expect(existsSync(join(root, icon)), icon).toBe(true);
  });

  it('are welcomed with exactly one action', () => {
    for (const { view, contents } of viewsWelcome) {
      expect(Object.values(View)).toContain(view);
      expect(texts[contents.slice(1, -1)]?.match(/\]\(command:/g), contents).toHaveLength(1);
      expect(texts[contents.slice(1, -1)], contents).toMatch(/\n\[[^\]]+\]\(command:[^)]+\)$/);
    }
  });

  it('have one welcome for each state', () => {
    const states = viewsWelcome.map(({ view, when }) => `${view}: ${when}`);
    expect(new Set(states).size).toBe(states.length);
    for (const { when } of viewsWelcome) expect(when).toMatch(/^!?isWorkspaceTrusted/);
  });
});

describe('the walkthrough', () => {
  const steps = walkthroughs.flatMap((one) => one.steps);

  it('has six steps with small pictures', () => {
    expect(steps).toHaveLength(6);
    for (const { media } of steps) expect(statSync(join(root, media.svg)).size, media.svg).toBeLessThan(8_000);
  });

  it('asks for one thing in each step, which also ends it', () => {
    const ids = new Set(commands.map(({ command }) => command));
    for (const { id, description, completionEvents } of steps) {
      expect(texts[description.slice(1, -1)]?.match(/\]\(command:/g), id).toHaveLength(1);
      expect(completionEvents.length, id).toBeGreaterThan(0);
      for (const event of completionEvents) {
        const [kind, what = ''] = event.split(/:(.*)/s);
        if (kind === 'onCommand') expect(ids).toContain(what);
        else if (kind === 'onView') expect(Object.values(View)).toContain(what);
        else expect(kind).toBe('onContext');
      }
    }
  });
});

describe('tasks', () => {
  it('have the properties that a definition is made of', () => {
    const [definition, ...others] = manifest.contributes.taskDefinitions;
    expect(others).toEqual([]);
    expect(definition?.type).toBe(TASK_TYPE);
    expect(definition?.required).toEqual(['dockerfile']);
    const intent = { cache: 'none', profile: 'p', target: 't', tags: ['a'], line: 1 } as const;
    expect(sorted(Object.keys(definition?.properties ?? {}))).toEqual(
      sorted(Object.keys(definitionOf(TASK_TYPE, 'Dockerfile', intent)).filter((name) => name !== 'type')),
    );
  });
});

describe('the problem matcher', () => {
  const [matcher] = manifest.contributes.problemMatchers;
  const place = (line: string) => {
    const found = new RegExp(matcher?.pattern.regexp ?? '').exec(line);
    return found && `${found[matcher?.pattern.file ?? 0] ?? ''} ${found[matcher?.pattern.line ?? 0] ?? ''}`;
  };

  it('has our name', () => {
    expect(manifest.contributes.problemMatchers.map(({ name }) => name)).toEqual([PROBLEM_MATCHER]);
  });

  it.each([
    // docker buildx, before the lines of the file that it quotes
    ['Dockerfile:12', 'Dockerfile 12'],
    ['Dockerfile.dev:3', 'Dockerfile.dev 3'],
    ['api/Containerfile:7', 'api/Containerfile 7'],
    ['prod.dockerfile:1', 'prod.dockerfile 1'],
    ['C:\\shop\\Dockerfile:4', 'C:\\shop\\Dockerfile 4'],
    // our own terminals
    ['/shop/Dockerfile:12: error: exit code 1', '/shop/Dockerfile 12'],
    ['ERROR: /shop/Dockerfile:12: exit code 1', '/shop/Dockerfile 12'],
  ])('finds %s', (line, expected) => expect(place(line)).toBe(expected));

  it.each([
    '#1 [internal] load build definition from Dockerfile',
    'Dockerfile:12a',
    '  12 | >>> RUN false',
    '#8 0.1 src/app.js:12',
    'ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: FOO',
  ])('leaves %s', (line) => expect(place(line)).toBeNull());
});

describe('keybindings', () => {
  // those that fit (Alt+F8 and the like) are the editor's own
  it('are left to the user', () => {
    expect(manifest.contributes.keybindings).toBeUndefined();
  });
});

describe('pictures of the gutter', () => {
  it.each(['cached', 'rebuild', 'rebuild-inherited', 'may-hit', 'fails'])('%s is there and small', (kind) => {
    for (const theme of ['dark', 'light']) {
      expect(statSync(join(root, 'client', 'media', 'gutter', `${kind}-${theme}.svg`)).size).toBeLessThan(1_000);
    }
  });
});

describe('activation', () => {
  it('waits for a Dockerfile, or for a file of an image or a panel that the editor opens again', () => {
    expect(manifest.activationEvents).toEqual([
      ...['onLanguage:dockerfile', `onFileSystem:${LAYER_SCHEME}`],
      ...Object.values(WebviewPanel).map((id) => `onWebviewPanel:${id}`),
    ]);
  });
});
