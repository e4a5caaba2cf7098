import { describe, expect, it } from 'vitest';
import { manifest, readText, texts } from './manifest';

const { properties } = manifest.contributes.configuration;
const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
const scopes = ['application', 'machine', 'machine-overridable', 'window', 'resource', 'language-overridable'];

describe('settings', () => {
  it.each(Object.entries(properties))('%s has scope, default, place and description', (_, setting) => {
    expect(scopes).toContain(setting.scope);
    expect(setting.default).toBeDefined();
    expect(setting.order).toBeTypeOf('number');
    expect(setting.markdownDescription).toMatch(/^%.+%$/);
    expect(setting.enumDescriptions?.length).toBe(setting.enum?.length);
  });

  it('are few', () => {
    expect(Object.keys(properties).length).toBeLessThanOrEqual(20);
  });

  it('have different places', () => {
    const orders = Object.values(properties).map(({ order }) => order);
    expect(new Set(orders).size).toBe(orders.length);
  });

  it('link to settings that exist', () => {
    const links = Object.values(texts).flatMap((text) => text.match(/#layerInsight[\w.]*(?=#)/g) ?? []);
    for (const link of links) expect(Object.keys(properties)).toContain(link.slice(1));
  });
});

describe('restricted settings', () => {
  it('exist', () => {
    expect(restricted.filter((id) => !(id in properties))).toEqual([]);
  });

  it('are all that name a program or an engine', () => {
    const engine = Object.keys(properties).filter((id) => id.startsWith('layerInsight.engine.'));
    expect(engine.length).toBeGreaterThan(0);
    expect(engine.filter((id) => !restricted.includes(id))).toEqual([]);
    for (const id of engine) expect(properties[id]?.scope, id).toBe('machine-overridable');
  });

  it('cannot make a workspace talk to servers by itself', () => {
    expect(properties['layerInsight.network.lookups']).toMatchObject({ scope: 'machine', default: false });
    expect(restricted).toContain('layerInsight.network.lookups');
  });

  it('are all that change what a build is asked for', () => {
    const prediction = Object.keys(properties).filter((id) => id.startsWith('layerInsight.prediction.'));
    expect(prediction.length).toBeGreaterThan(0);
    expect(prediction.filter((id) => !restricted.includes(id))).toEqual([]);
  });
});

describe('the README', () => {
  const rows = new Map(
    [...readText('README.md').matchAll(/^\| `(layerInsight\.[\w.]+)`( \\\*)? +\| `(.*?)` +\|/gm)].map(
      ([, id = '', star, initially]) => [id, { isRestricted: star !== undefined, initially }] as const,
    ),
  );

  it('has every setting in the order of the settings editor', () => {
    const ids = Object.entries(properties).sort(([, a], [, b]) => (a.order ?? 0) - (b.order ?? 0));
    expect([...rows.keys()]).toEqual(ids.map(([id]) => id));
  });

  it.each(Object.entries(properties))('says of %s what it is at first, and whether trust counts', (id, setting) => {
    expect(rows.get(id)).toEqual({ isRestricted: restricted.includes(id), initially: JSON.stringify(setting.default) });
  });
});
