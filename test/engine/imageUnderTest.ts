import { join } from 'node:path';
import { expect } from 'vitest';
import { HardLinks, keyOf } from '../../core/image/hardLinks.js';
import { StackedTree } from '../../core/image/stackedTree.js';
import type { LayersDocument } from '../../core/image/layersDocument.js';
import type { OpenImage } from '../../core/node/image/openImage.js';
import { describeFile } from '../judge/imageFiles.js';
import { run, type Finished } from '../judge/run.js';

/** Our command line, as it is bundled. */
export const CLI = process.env['LAYER_INSIGHT_CLI'] ?? join(import.meta.dirname, '../../dist/cli.js');

/** Runs our command line. */
export function layerInsight(args: readonly string[], env: Readonly<Record<string, string | undefined>>, cwd?: string) {
  return run(process.execPath, [CLI, ...args], { env, cwd, timeoutMs: 60_000 });
}

/** `layers --json` of an image, archive or folder. */
export async function layersOf(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  options: readonly string[] = [],
): Promise<LayersDocument> {
  const result = await layerInsight(['layers', name, '--json', ...options], env);
  expect(result.stderr).toBe('');
  expect(result.code).toBe(0);
  return JSON.parse(result.stdout) as LayersDocument;
}

/** The refusal of a command: its one sentence. */
export function refusalOf(result: Finished): string {
  expect(result.stdout).toBe('');
  expect(result.code).toBe(2);
  return result.stderr.trim();
}

/** What a container of the image sees as we stack its layers, in the form of the judge. */
export function stackedFiles({ layers }: Pick<OpenImage, 'layers'>): ReadonlyMap<string, string> {
  const entries = layers.map((layer) => layer.entries);
  const links = new HardLinks();
  const tree = new StackedTree(entries);
  tree.applyAll({ placed: (node) => links.note(tree, node) });
  const nodes = [...tree.below()];
  const names = new Map<string, string[]>();
  for (const { path, place } of nodes) {
    if (place === undefined) continue;
    const key = keyOf(links.contentOf(place));
    names.set(key, [...(names.get(key) ?? []), path]);
  }
  const lines = new Map<string, string>();
  for (const { path, place } of nodes) {
    const own = place && entries[place.layer]?.at(place.index);
    if (place === undefined || own === undefined) {
      // nothing was said of it: it is there for what is in it
      lines.set(path, describeFile({ path, type: 'directory', mode: '0755', uid: 0, gid: 0, size: 0, link: '' }));
      continue;
    }
    const content = links.contentOf(place);
    const file = entries[content.layer]?.at(content.index) ?? own;
    const mode = own.mode.toString(8).padStart(4, '0');
    const others = (names.get(keyOf(content)) ?? []).filter((name) => name !== path).sort();
    lines.set(path, describeFile({ ...own, path, mode, type: file.type, size: file.size, link: file.link }, others));
  }
  return lines;
}
