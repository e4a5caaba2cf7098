import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { ensureBaseImage } from '../hosts/baseImage.js';
import { findProgram } from '../hosts/paths.mjs';
import { buildSuite } from './buildSuite.js';
import { engineForSuite } from './engine.js';

const engine = await engineForSuite('builds by the command line');

describe.skipIf(engine === undefined)('layer-insight build', () => {
  const folder = mkdtempSync('/tmp/li-old-buildx-');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  // of before 0.13: says so, and refuses to tell its progress as data
  const old = `#!/bin/sh
case "$*" in
  "buildx version") echo 'github.com/docker/buildx v0.12.1 30feaa1a915b869ebc2eea6328624b49facd4bfb'; exit 0 ;;
  *rawjson*) echo 'ERROR: invalid progress mode rawjson' >&2; exit 1 ;;
esac
exec '${findProgram('docker') ?? ''}' "$@"
`;
  writeFileSync(join(folder, 'docker'), old);
  chmodSync(join(folder, 'docker'), 0o755);

  const program = ['docker', 'buildx', 'build'];
  buildSuite({ ...{ name: 'with BuildKit', base: ensureBaseImage, args: [], env: {}, program } });
  buildSuite({
    ...{ name: 'with a BuildKit that prints for people only', base: ensureBaseImage, args: [], program },
    env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
  });
});
