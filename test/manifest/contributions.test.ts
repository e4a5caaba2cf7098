import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Color, Command, ContextKey, InternalCommand, Setting, View, ViewContainer } from '../../client/contributions';
import { root } from '../hosts/paths.mjs';
import { manifest, texts, whenClauses } from './manifest';

const { commands, viewsContainers, views, viewsWelcome, menus, colors, configuration } = manifest.contributes;
const sorted = (ids: Iterable<string>): string[] => [...ids].sort();

describe('the manifest and the code declare the same', () => {
  it('commands', () => {
    const declared = [...Object.values(Command), ...Object.values(InternalCommand)];
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
    expect(sorted(palette.keys())).toEqual(sorted(commands.map(({ command }) => command)));
    for (const id of Object.values(InternalCommand)) expect(palette.get(id), id).toBe('false');
    for (const id of Object.values(Command)) expect(palette.get(id), id).toMatch(/^layerInsight\./);
  });

  it('of menus and welcome texts exist', () => {
    const ids = new Set(commands.map(({ command }) => command));
    for (const { command } of Object.values(menus).flat()) expect(ids, command).toContain(command);
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

  it('are welcomed with at least one action', () => {
    for (const { view, contents } of viewsWelcome) {
      expect(Object.values(View)).toContain(view);
      expect(texts[contents.slice(1, -1)]).toMatch(/\n\[[^\]]+\]\(command:/);
    }
  });
});

describe('activation', () => {
  it('waits for a Dockerfile', () => {
    expect(manifest.activationEvents).toEqual(['onLanguage:dockerfile']);
  });
});
