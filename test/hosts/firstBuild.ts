import { ensureBaseImage } from './baseImage.js';
import { firstUse } from './engine.mjs';

/** Before the suites of a real engine: one build alone uses their base image. */
export default async function firstBuild(): Promise<void> {
  if (process.env['LAYER_INSIGHT_FIRST_BUILD'] !== '1') return;
  const failed = await firstUse(await ensureBaseImage(), process.env);
  if (failed !== undefined) throw new Error(failed);
}
