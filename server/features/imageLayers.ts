import { imageHistory } from '../../core/node/engines/imageHistory';
import { formatBytes } from '../../core/model';
import type { DockerfileSettings } from '../settings';

/** The layers of an image as text, in the order of a Dockerfile, with the bytes of each; or why they are not known. */
export async function imageLayers(
  settings: DockerfileSettings,
  env: NodeJS.ProcessEnv,
  image: string,
): Promise<string> {
  const builder = settings.builder === '' ? undefined : settings.builder;
  const answer = await imageHistory({ program: settings.dockerPath, builder, env }, image);
  if (answer.kind === 'none') return answer.failure.message;
  const steps = [...answer.entries].reverse();
  const total = steps.reduce((sum, { bytes }) => sum + bytes, 0);
  const sizes = steps.map(({ bytes }) => (bytes === 0 ? '' : formatBytes(bytes, settings.units)));
  const width = Math.max(...sizes.map((size) => size.length), 4);
  const lines = steps.map(
    ({ createdBy }, index) =>
      `${String(index + 1).padStart(3)}  ${(sizes[index] ?? '').padStart(width)}  ${words(createdBy)}`,
  );
  return [image, `${steps.length} steps, ${formatBytes(total, settings.units)} in all`, '', ...lines, ''].join('\n');
}

/** As it stood in the Dockerfile, as far as the engine keeps it. */
function words(createdBy: string): string {
  return createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
    .replace(/\s*# buildkit$/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/\s+/g, ' ');
}
