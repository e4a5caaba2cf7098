import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../judge/run.js';
import { ensureBaseImage } from './baseImage.js';

/**
 * Before the suites of a real engine: one build alone uses their base image. As long as the first build that does goes on,
 * and those that begin meanwhile, no other finds what is kept on the image, so that tests which begin side by side would
 * meet what only some of them are about.
 */
export default async function firstBuild(): Promise<void> {
  if (process.env['LAYER_INSIGHT_FIRST_BUILD'] !== '1') return;
  const image = await ensureBaseImage();
  const folder = mkdtempSync(join(tmpdir(), 'li-first-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\nRUN true\n`);
    const build = ['buildx', 'build', '--output', 'type=cacheonly', folder];
    const { code, stderr } = await run('docker', build, { timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`docker ${build.join(' ')}: ${stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
