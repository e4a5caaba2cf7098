import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bakeTargets } from '../../core/node/build/bakeTargets.js';
import { engineForSuite } from './engine.js';

const installed = await engineForSuite('bake and compose files');

const BAKE = `variable "TAG" { default = "dev" }
group "default" { targets = ["app"] }
target "app" {
  args = { VERSION = "1" }
  tags = ["shop:\${TAG}"]
  target = "final"
}
target "elsewhere" {
  inherits = ["app"]
  context = "./sub"
}
target "m" {
  name = "m-\${v}"
  matrix = { v = ["a", "b"] }
  platforms = ["linux/amd64"]
  secret = ["id=npm,src=token"]
}
`;
const COMPOSE = `services:
  web:
    image: web:1
    build:
      context: .
      target: final
      args:
        COLOR: "\${LI_TEST_COLOR:-red}"
  db:
    image: postgres
  short:
    build: ./sub
`;

describe.skipIf(installed === undefined)('bake and compose files, read by buildx itself', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await realpath(await mkdtemp('/tmp/li-bake-'));
    await mkdir(join(folder, 'sub'));
    const files = {
      token: '',
      Dockerfile: 'FROM scratch\n',
      'sub/Dockerfile': 'FROM scratch\n',
      'docker-bake.hcl': BAKE,
    };
    for (const [name, text] of Object.entries({ ...files, 'compose.yaml': COMPOSE })) {
      await writeFile(join(folder, name), text);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('say how a Dockerfile is built, with neither an engine nor the network', async () => {
    const env = { ...process.env, DOCKER_HOST: 'unix:///there/is/none.sock', LI_TEST_COLOR: 'blue' };
    const { signal } = new AbortController();
    const question = { dockerfile: join(folder, 'Dockerfile'), folders: [folder], program: 'docker', env, signal };
    const { profiles, problems } = await bakeTargets(question);
    expect(problems).toEqual([]);
    const secrets = [{ id: 'npm', file: join(folder, 'token') }];
    expect(profiles).toMatchObject([
      { kind: 'bake', name: 'app', context: folder, target: 'final', args: { VERSION: '1' }, tags: ['shop:dev'] },
      { kind: 'bake', name: 'm-a', platform: 'linux/amd64', secrets, leftOut: [] },
      { kind: 'bake', name: 'm-b' },
      { kind: 'compose', name: 'web', context: folder, target: 'final', args: { COLOR: 'blue' }, tags: ['web:1'] },
    ]);
    const sub = await bakeTargets({ ...question, dockerfile: join(folder, 'sub/Dockerfile') });
    expect(sub.profiles.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['bake elsewhere', 'compose short']);
  });
});
