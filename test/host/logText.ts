import { strict as assert } from 'node:assert';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Everything that our log has written in this window. */
export async function logText(): Promise<string> {
  const report = process.env['LAYER_INSIGHT_HOST_REPORT'];
  assert.ok(report !== undefined);
  const folder = dirname(report);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('Layer Insight.log'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('\n');
}
