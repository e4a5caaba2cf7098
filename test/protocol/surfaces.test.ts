import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './client';

let client: Client;

beforeEach(async () => {
  ({ client } = await Client.start());
});

afterEach(async () => {
  await client.stop();
});

const webshop = (): string[] => readFileSync(join(client.folder, 'Dockerfile'), 'utf8').split('\n');
const lineOf = (text: string): number => webshop().findIndex((line) => line.startsWith(text));

describe('a Dockerfile at a glance', () => {
  it('says that nothing is predicted without an engine, and marks no line', async () => {
    await client.open();
    const before = Date.now();
    const status = await client.status();
    expect(status).toMatchObject({ uri: client.uri(), text: 'not predicted', marks: [], rebuilds: [], unsaved: [] });
    expect(status.tooltip).toContain('no engine');
    expect(status.checkedAt).toBeLessThanOrEqual(before);
  });

  it('marks what fails, and leads to it', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY package.json /\nCOPY nothing /\n');
    expect(await client.status()).toMatchObject({ marks: [{ line: 2, kind: 'fails' }], rebuilds: [2] });
  });

  it('keeps its marks, moved, while an instruction is half typed', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY package.json /\nCOPY nothing /\n');
    const { text } = await client.status();
    await client.change('FROM scratch\nCOP\nCOPY package.json /\nCOPY nothing /\n');
    expect(await client.status()).toMatchObject({ text, marks: [{ line: 3, kind: 'fails' }], rebuilds: [3] });
  });

  it('has the stages and arguments that can be chosen', async () => {
    const text = 'ARG BASE=scratch\nARG TOKEN\nFROM ${BASE} AS one\nARG BASE\nARG MODE="fast"\nFROM one\nCOPY src /\n';
    await client.open('Dockerfile', text);
    const { targets, target, arguments: declared } = await client.status();
    expect(targets.map(({ name }) => name)).toEqual(['one', '1']);
    expect(target).toBe('1');
    expect(declared).toEqual([
      { name: 'BASE', defaultValue: 'scratch' },
      { name: 'TOKEN', defaultValue: '' },
      { name: 'MODE', defaultValue: 'fast' },
    ]);
  });
});

describe('choices for one Dockerfile', () => {
  it('go before the settings, until they are taken back', async () => {
    client.settings = { prediction: { target: 'shop' } };
    await client.open();
    await client.choose({ target: 'test' });
    expect((await client.prediction()).target).toBe('test');
    await client.choose({});
    expect((await client.prediction()).target).toBe('shop');
  });

  it('give arguments their values, beside those of the settings', async () => {
    client.settings = { prediction: { buildArgs: { DIR: 'src', OTHER: 'x' } } };
    const text = 'ARG DIR\nFROM scratch\nARG DIR\nCOPY ${DIR} /\n';
    await client.open('Dockerfile', text);
    expect((await client.prediction()).problems).toEqual([]);
    await client.choose({ buildArgs: { DIR: 'not-there' } });
    expect((await client.prediction()).problems).toMatchObject([{ code: 'copy-source-missing', line: 4 }]);
  });

  it('hold for a Dockerfile that is opened later', async () => {
    await client.choose({ target: 'test' });
    await client.open();
    expect((await client.prediction()).target).toBe('test');
  });

  it('do not count while the workspace is restricted', async () => {
    await client.stop();
    ({ client } = await Client.start({ trusted: false }));
    await client.choose({ target: 'test' });
    await client.open();
    expect((await client.prediction()).target).toBe('shop');
  });
});

describe('the report', () => {
  it('has a line for each instruction, with its verdict in words', async () => {
    await client.open();
    const report = (await client.report()) ?? '';
    expect(report).toContain(join(client.folder, 'Dockerfile'));
    webshop().forEach((line, index) => {
      if (/^(?:RUN|COPY|ADD|WORKDIR|FROM|CMD) /.test(line)) expect(report).toContain(`Line ${index + 1}: ${line}`);
    });
    expect(report).toMatch(/COPY src\/ src\/\n {2}Not predicted: .*; \d/);
  });

  it('tells what is not saved and what is wrong', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY nothing /\n');
    await client.unsaved('Dockerfile');
    const report = await client.report();
    expect(report).toContain('Note: Dockerfile is not saved: a build reads the file on disk');
    expect(report).toContain('Problem on line 2: nothing is not in the build context');
  });

  it('is nothing for a file that is not open', async () => {
    expect(await client.report('Dockerfile.slow')).toBeNull();
  });
});

describe('the explanation of a line', () => {
  it('is that of the instruction which the line belongs to', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY \\\n  package.json \\\n  /\n# end\n');
    expect(await client.explain(3)).toContain('Layer size');
    expect(await client.explain(3)).toBe(await client.explain(1));
    expect(await client.explain(4)).toBeNull();
  });
});

describe('what an edit costs', () => {
  it('is every step that takes the file, and all that follow from it', async () => {
    await client.open();
    const [cost] = await client.editCosts('src/app.js');
    expect(cost?.takenBy).toEqual([lineOf('COPY src/ src/')]);
    expect(cost?.lines).toContain(lineOf('COPY --from=build'));
    expect(cost?.lines).not.toContain(lineOf('COPY tools/install.sh'));
    expect(cost?.text).toMatch(/^Dockerfile: \d+ steps rebuild$/);
    expect(cost?.unknown).toBe(cost?.lines.length);
  });

  it('is nothing for what no step takes, what is ignored, and what is elsewhere', async () => {
    await client.open();
    for (const path of ['README.md', '.dockerignore', '../elsewhere', 'no/such/file']) {
      expect(await client.editCosts(path)).toEqual([]);
    }
  });

  it('is told for each Dockerfile that takes the file', async () => {
    await client.open();
    await client.open('Dockerfile.slow');
    const costs = await client.editCosts('package.json');
    expect(costs.map(({ dockerfile }) => dockerfile)).toContain('Dockerfile');
  });
});

describe('what is only on the screen', () => {
  it('is named where a build would take it', async () => {
    await client.open();
    await client.unsaved('src/app.js', 'README.md', 'Dockerfile');
    expect((await client.status()).unsaved).toEqual([
      'Dockerfile is not saved: a build reads the file on disk',
      'src/app.js is not saved: a build takes what is on disk',
    ]);
    await client.unsaved();
    expect((await client.status()).unsaved).toEqual([]);
  });
});

describe('hint density', () => {
  const hints = async (): Promise<number> => (await client.hints()).length;

  it('is changed by a setting', async () => {
    await client.open();
    const smart = await hints();
    await client.configure({ hints: { density: 'all' } });
    await client.prediction();
    expect(await hints()).toBeGreaterThan(smart);
    await client.configure({ hints: { density: 'problems' } });
    await client.prediction();
    expect(await hints()).toBe(0);
  });
});

describe('a workspace with several folders', () => {
  it('predicts each Dockerfile with the settings and the files of its own folder', async () => {
    await client.stop();
    ({ client } = await Client.start({ folders: ['src', 'public'] }));
    client.folderSettings.set('src', { prediction: { context: '.' } });
    client.folderSettings.set('public', { prediction: { context: '..', target: 'one' } });
    mkdirSync(join(client.folder, 'src', 'docker'), { recursive: true });
    const write = (path: string, text: string): void => writeFileSync(join(client.folder, path), text);
    write('src/docker/Containerfile', 'FROM scratch\nCOPY app.js /\n');
    write('public/Dockerfile.dev', 'FROM scratch AS one\nCOPY package.json /\nFROM scratch\n');
    const inner = await client.open('src/docker/Containerfile');
    expect(inner).toMatchObject({ context: join(client.folder, 'src'), target: '0', problems: [] });
    const outer = await client.open('public/Dockerfile.dev');
    expect(outer).toMatchObject({ context: client.folder, target: 'one', problems: [] });
    expect((await client.editCosts('package.json')).map(({ dockerfile }) => dockerfile)).toEqual(['Dockerfile.dev']);
    expect((await client.editCosts('src/app.js')).map(({ dockerfile }) => dockerfile)).toEqual(['Containerfile']);
  });
});
