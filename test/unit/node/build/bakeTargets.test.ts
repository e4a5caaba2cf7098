import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBakeTargets } from '../../../../core/build/bakeFile';
import { bakeTargets, type FileProfiles } from '../../../../core/node/build/bakeTargets';

describe('targets as bake prints them', () => {
  it('are read with what a build from here would be without', () => {
    const printed = {
      group: { default: { targets: ['app'] } },
      target: {
        app: {
          ...{ context: 'web', dockerfile: 'D', target: 'final', args: { A: '1', NONE: null }, tags: ['shop:1'] },
          ...{
            platforms: ['linux/arm64'],
            labels: { a: 'b' },
            contexts: { base: 'target:x' },
            output: ['type=docker'],
          },
          secret: [{ id: 'npm', src: 'token' }, { id: 'key', env: 'KEY' }, 'id=old,src=f'],
          ssh: [{ id: 'default' }, { id: 'k', paths: ['/a'] }, 'plain'],
        },
        both: { platforms: ['linux/amd64', 'linux/arm64'], 'dockerfile-inline': 'FROM scratch' },
      },
    };
    expect(readBakeTargets(printed)).toEqual([
      {
        ...{ name: 'app', context: 'web', dockerfile: 'D', isInline: false, target: 'final', args: { A: '1' } },
        ...{ tags: ['shop:1'], platform: 'linux/arm64', ssh: ['default', 'k=/a', 'plain'] },
        secrets: [
          { id: 'npm', file: 'token' },
          { id: 'key', variable: 'KEY' },
          { id: 'old', file: 'f' },
        ],
        leftOut: ['labels', 'contexts'],
      },
      {
        ...{ name: 'both', context: '.', dockerfile: 'Dockerfile', isInline: true, target: '', args: {}, tags: [] },
        ...{ platform: '', secrets: [], ssh: [], leftOut: ['platforms'] },
      },
    ]);
    expect(readBakeTargets('nonsense')).toEqual([]);
  });
});

/** A docker that knows `buildx bake` only, and answers what a test has put beside the file. */
const SCRIPT = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
const file = args[args.indexOf('--file') + 1];
fs.appendFileSync(__dirname + '/calls', process.cwd() + ' ' + args.join(' ') + '\\n');
const answer = JSON.parse(fs.readFileSync(file + '.answer', 'utf8'));
if (args.some((arg) => arg.startsWith('--list'))) {
  if (answer.old) { process.stderr.write('ERROR: unknown flag: --list'); process.exit(1); }
  process.stdout.write(JSON.stringify(Object.keys(answer.target).map((name) => ({ name })).concat({ name: 'g', group: true })));
} else if (answer.fails) { process.stderr.write('x:1\\nERROR: ' + answer.fails + '\\n'); process.exit(1); }
else process.stdout.write(JSON.stringify(answer));
`;

describe('profiles from files', () => {
  let folder = '';
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'li-bake-')));
    mkdirSync(join(folder, 'web'));
    writeFileSync(join(folder, 'docker'), SCRIPT);
    chmodSync(join(folder, 'docker'), 0o755);
    for (const name of ['Dockerfile', 'web/Dockerfile']) writeFileSync(join(folder, name), 'FROM scratch\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, answer: unknown): void => {
    writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, `${name}.answer`), JSON.stringify(answer));
  };
  const ask = (dockerfile: string, folders = [folder]): Promise<FileProfiles> =>
    bakeTargets({
      ...{ dockerfile: join(folder, dockerfile), folders, program: join(folder, 'docker'), env: process.env },
      signal: new AbortController().signal,
    });
  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

  it('are those targets of files beside and above that mean this Dockerfile, each asked where it is', async () => {
    const web = { context: 'web', args: { A: '1' }, secret: [{ id: 's', src: 'key' }] };
    put('compose.yaml', { target: { web, other: { context: '.' }, far: { context: 'https://x.example/y.git' } } });
    put('web/docker-bake.hcl', { target: { one: { context: '.', tags: ['w:1'] }, two: { 'dockerfile-inline': 'x' } } });
    const { profiles, problems } = await ask('web/Dockerfile');
    expect(problems).toEqual([]);
    expect(profiles.map(({ kind, name, context }) => `${kind} ${name} ${context}`)).toEqual([
      ...[`bake one ${join(folder, 'web')}`, `compose web ${join(folder, 'web')}`],
    ]);
    expect(profiles[1]).toMatchObject({ args: { A: '1' }, secrets: [{ id: 's', file: join(folder, 'key') }] });
    expect(calls()[0]).toMatch(`${join(folder, 'web')} buildx bake --progress=quiet --file`);
    expect(calls()[1]).toMatch(/--print one two$/);
  });

  it('are not looked for above the workspace', async () => {
    put('compose.yaml', { target: { web: { context: 'web' } } });
    expect(await ask('web/Dockerfile', [join(folder, 'web')])).toEqual({ profiles: [], problems: [] });
  });

  it('take the file that is laid over one with it', async () => {
    put('compose.yaml', { target: { web: { context: '.' } } });
    put('compose.override.yaml', {});
    expect((await ask('Dockerfile')).profiles).toHaveLength(1);
    expect(calls()[0]).toContain(`--file ${join(folder, 'compose.override.yaml')}`);
  });

  it('are the default ones where the tool cannot list', async () => {
    put('docker-bake.json', { old: true, target: { default: { context: '.' } } });
    expect((await ask('Dockerfile')).profiles.map(({ name }) => name)).toEqual(['default']);
    expect(calls()[1]).toMatch(/--print$/);
  });

  it('a file that cannot be read hides no other, and is told', async () => {
    put('docker-bake.hcl', { fails: 'docker-bake.hcl:1: no', target: {} });
    put('compose.yml', { target: { web: { context: '.' } } });
    const { profiles, problems } = await ask('Dockerfile');
    expect(profiles).toHaveLength(1);
    expect(problems).toEqual([`${join(folder, 'docker-bake.hcl')}: docker-bake.hcl:1: no`]);
  });
});
