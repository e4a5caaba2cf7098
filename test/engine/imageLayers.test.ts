import { describe, expect, it } from 'vitest';
import { imageLayers } from '../../server/features/imageLayers.js';
import { readSettings } from '../../server/settings.js';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { run } from '../judge/run.js';
import { engineForSuite } from './engine.js';

const engine = await engineForSuite('layers of an image');
const settings = readSettings({});

describe.skipIf(engine === undefined)('the layers of an image', () => {
  it('are as many as docker history prints, with the same bytes in all', async () => {
    const image = await ensureBaseImage();
    const printed = await run('docker', ['history', '--human=false', '--format', '{{.Size}}', image]);
    const sizes = printed.stdout.trim().split('\n').map(Number);
    const text = await imageLayers(settings, process.env, image);
    expect(text.split('\n')[0]).toBe(image);
    expect(text.split('\n')[1]).toMatch(new RegExp(`^${sizes.length} steps, `));
    expect(text.trim().split('\n')).toHaveLength(sizes.length + 3);
  });

  it('of an image that is not there are a sentence that names it', async () => {
    const text = await imageLayers(settings, process.env, 'layer-insight-test/no-such-image:1');
    expect(text).toBe('layer-insight-test/no-such-image:1 is not on this engine.');
  });

  it('of an engine that is not there are what was looked for', async () => {
    const env = { ...process.env, DOCKER_HOST: 'unix:///tmp/layer-insight-no-engine.sock' };
    expect(await imageLayers(settings, env, 'busybox')).toContain('/tmp/layer-insight-no-engine.sock');
  });
});
