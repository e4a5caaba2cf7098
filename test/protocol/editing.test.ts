import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InlayHint, MarkupContent } from 'vscode-languageserver/node';
import type { LayerNode } from '../../server/protocol';
import { Client } from './client';

let client: Client;

beforeEach(async () => {
  ({ client } = await Client.start());
});

afterEach(async () => {
  await client.stop();
});

const textOf = (hint: InlayHint): string => (typeof hint.label === 'string' ? hint.label : '');
const markdown = (content: unknown): string => (content as MarkupContent).value;
const size = (path: string): number => statSync(join(client.folder, path)).size;
const sizes = (...paths: string[]): number => paths.reduce((sum, path) => sum + size(path), 0);
const rowsOf = (nodes: readonly LayerNode[]): LayerNode[] => nodes.flatMap((node) => [node, ...rowsOf(node.children)]);
const webshop = (): string => readFileSync(join(client.folder, 'Dockerfile'), 'utf8');

/** Hints as `line text`. */
async function hints(): Promise<string[]> {
  return (await client.hints()).map((hint) => `${hint.position.line} ${textOf(hint)}`);
}

describe('the prediction of the web shop', () => {
  it('has the exact size of every COPY of the context', async () => {
    const { steps } = await client.open();
    const bytesOf = (text: string): number | null | undefined => steps.find((step) => step.text === text)?.size.bytes;
    const files = ['app', 'cart', 'delivery', 'products'].map((name) => `src/${name}.js`);
    expect(bytesOf('COPY src/ src/')).toBe(sizes(...files));
    expect(bytesOf('COPY public/ public/')).toBe(sizes('public/icon.svg', 'public/index.html', 'public/style.css'));
    expect(bytesOf('COPY tools/install.sh tools/')).toBe(size('tools/install.sh'));
    expect(bytesOf('COPY --from=build /app/dist/ ./')).toBeNull();
  });

  it('judges no instruction of a needed stage, and says so by stage and line', async () => {
    const { steps, target, summary, context } = await client.open();
    expect(target).toBe('shop');
    expect(context).toBe(client.folder);
    expect(summary).toMatchObject({ cached: 0, rebuild: 0, mayHit: 0, fails: 0, unknown: summary.needed });
    expect(steps.filter((step) => step.stage === 'test').map((step) => step.verdict)).toEqual([
      'unused',
      'unused',
      'unused',
    ]);
    const lines = webshop().split('\n');
    for (const step of steps) expect(lines[step.line.start - 1]).toContain(step.instruction);
  });

  it('has a short hint at the end of its line for each instruction that makes a layer', async () => {
    client.settings = { hints: { density: 'all' } };
    await client.open();
    const lines = webshop().split('\n');
    const shown = await client.hints();
    const layers = lines.flatMap((line, index) => (/^(?:RUN|COPY|ADD|WORKDIR) /.test(line) ? [index] : []));
    expect(shown.map((hint) => hint.position.line)).toEqual(expect.arrayContaining(layers));
    for (const hint of shown) {
      expect(hint.position.character).toBe(lines[hint.position.line]?.length);
      expect(textOf(hint).length).toBeLessThanOrEqual(24);
      expect(lines[hint.position.line]).not.toMatch(/^(?:USER|EXPOSE|CMD|ARG) /);
    }
  });

  it('gives hints only where the editor asks for them', async () => {
    await client.open();
    const all = await client.hints();
    const range = { start: { line: 8, character: 0 }, end: { line: 12, character: 0 } };
    const some = await client.hints('Dockerfile', range);
    expect(some).toEqual(all.filter(({ position: { line } }) => line >= 8 && line <= 12));
    expect(some.length).toBeGreaterThan(0);
  });

  it('keeps hints before the line ending of Windows', async () => {
    await client.open('Dockerfile', 'FROM scratch\r\nCOPY package.json /\r\n');
    expect((await client.hints()).at(-1)?.position).toEqual({ line: 1, character: 'COPY package.json /'.length });
  });

  it('has rows that lead to their lines and an unused stage that is closed', async () => {
    await client.open();
    const view = await client.layers();
    expect(view?.title).toBe('Dockerfile → shop (no engine)');
    expect(view?.summary).toBe('not predicted');
    expect(view?.context).toBe(client.folder);
    const lines = webshop().split('\n');
    const instructions = rowsOf(view?.nodes ?? []).filter((row) => row.id.startsWith('step'));
    expect(instructions.length).toBeGreaterThan(10);
    for (const row of instructions) {
      expect(row.label.length).toBeLessThanOrEqual(22);
      expect(row.accessibilityLabel).toContain(lines[row.line ?? -1]?.slice(0, 10) ?? 'no line');
    }
    expect(view?.nodes.find((node) => node.label === 'test')).toMatchObject({
      collapsed: true,
      description: 'not needed',
    });
    expect(view?.nodes.find((node) => node.label === 'shop')?.description).toContain('target');
  });

  it('keeps the ids of rows over a change elsewhere', async () => {
    await client.open();
    const ids = async (): Promise<string[]> => rowsOf((await client.layers())?.nodes ?? []).map((row) => row.id);
    const before = await ids();
    await client.change(`# a comment\n${webshop()}`);
    expect(await ids()).toEqual(before);
  });

  it('explains the keyword, on the keyword', async () => {
    await client.open();
    expect(await client.hover(8, 0)).toMatchObject({
      range: { start: { line: 8, character: 0 }, end: { line: 8, character: 4 } },
    });
    const places = [
      [0, 1],
      [4, 0],
      [8, 9],
      [9999, 0],
    ] as const;
    for (const [line, character] of places) expect(await client.hover(line, character)).toBeNull();
  });
});

describe('while somebody types', () => {
  it('no hint of another line is lost or wrong, whatever is half typed', async () => {
    const before = 'FROM scratch AS base\nCOPY package.json /a\n';
    const after = 'COPY public /b\nFROM base\nCOPY src /c\n';
    await client.open('Dockerfile', before + after);
    const known = await hints();
    const typed = 'COPY --from=base --chmod=755 /a "/q uoted"';
    for (let end = 1; end < typed.length; end++) {
      const text = typed.slice(0, end);
      await client.change(`${before}${text}\n${after}`);
      const others = (await hints()).filter((hint) => !hint.startsWith('2 '));
      const expected = known.map((hint) =>
        hint.replace(/^\d+/, (line) => String(Number(line) + (Number(line) >= 2 ? 1 : 0))),
      );
      expect(others, `after typing ${text}`).toEqual(expected);
    }
  });

  it('an edited line has no wrong hint and the others stay', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY package.json /a\nCOPY public /b\n');
    const [first, second] = await hints();
    expect(first).toMatch(/^1 /);
    await client.change('FROM scratch\nCOPY package.json /a\nCOPX public /b\n');
    expect((await hints())[0]).toBe(first);
    await client.change('FROM scratch\nCOPY package.json /a\nCOPY public /b\n');
    expect(await hints()).toEqual([first, second]);
  });

  it('hints move up when lines above are removed', async () => {
    await client.open('Dockerfile', 'FROM scratch\n\n\nCOPY package.json /a\n');
    const known = await hints();
    await client.change('FROM scratch\nCOPY package.json /a\n');
    expect(await hints()).toEqual(known.map((hint) => hint.replace(/^3/, '1')));
  });

  it('a hint that moved still explains its own instruction', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY package.json /a\nCOPY public /b\n');
    await client.change('FROM scratch\nCOP\nCOPY package.json /a\nCOPY public /b\n');
    const hint = (await client.hints()).find(({ position: { line } }) => line === 3);
    if (hint === undefined) throw new Error('no hint on the last line');
    const bytes = sizes('public/icon.svg', 'public/index.html', 'public/style.css');
    expect(bytes).toBeGreaterThan(1000);
    expect(markdown((await client.resolve(hint)).tooltip).replaceAll('\\', '')).toContain(
      `Layer size: ${(bytes / 1000).toFixed(2).replace(/0$/, '')} kB`,
    );
  });

  it('a file that was never right is no reason to fail', async () => {
    for (const text of ['', 'COP', 'FROM', '# only a comment', 'FROM scratch\nCOPY a', 'RUN <<EOF\n']) {
      await client.open('Dockerfile', text);
      expect(await hints()).toEqual(expect.any(Array));
      expect(await client.hover(0, 0)).toEqual(expect.toSatisfy((answer) => typeof answer === 'object'));
      expect((await client.prediction()).problems.every((problem) => problem.message !== '')).toBe(true);
      await client.close();
    }
  });

  it('what is half typed is no diagnostic: other extensions tell of it', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOP\n');
    await client.refresh();
    expect(client.codes()).toEqual([]);
  });
});

const NO_HINT = { label: '', position: { line: 0, character: 0 } };

describe('files of the context', () => {
  it('are looked at again soon after the start, when the watcher of the editor may not tell of changes yet', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY src/app.js /\n');
    // later than the first look and reading ahead, which would see it
    await new Promise((resolve) => setTimeout(resolve, 800));
    writeFileSync(join(client.folder, 'src', 'app.js'), 'x'.repeat(4321));
    await expect.poll(async () => (await client.prediction()).steps[1]?.size.bytes).toBe(4321);
  });

  it('change the sizes that were told', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY public /p\n');
    const bytes = async (): Promise<number | null | undefined> => (await client.prediction()).steps[1]?.size.bytes;
    const before = (await bytes()) ?? 0;
    client.changed.length = 0;
    writeFileSync(join(client.folder, 'public', 'new.txt'), '12345');
    await client.fileChanged('public/new.txt');
    await expect.poll(bytes).toBe(before + 5);
    expect(client.changed).toContain(client.uri());
  });

  it('go on being watched when settings change, and no longer when the last Dockerfile is closed', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY src /p\n');
    expect(client.watching).toHaveLength(1);
    await client.configure({ units: 'iec' });
    await expect.poll(async () => (await hints()).join()).toContain('KiB');
    expect(client.watching).toHaveLength(1);
    expect(client.stoppedWatching).toBe(0);
    await client.configure({ prediction: { context: join(client.folder, 'src') } });
    await expect.poll(() => client.watching).toHaveLength(2);
    await expect.poll(() => client.stoppedWatching).toBe(1);
    await client.close();
    await expect.poll(() => client.stoppedWatching).toBe(2);
  });

  it('are looked at when the user asks for it', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY src /p\n');
    writeFileSync(join(client.folder, 'src', 'app.js'), '1');
    expect(await client.refresh()).toBeNull();
    const files = ['app', 'cart', 'delivery', 'products'].map((name) => `src/${name}.js`);
    expect((await client.prediction()).steps[1]?.size.bytes).toBe(sizes(...files));
  });

  it('follow the ignore file of the Dockerfile itself', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY public /p\n');
    writeFileSync(join(client.folder, 'Dockerfile.dockerignore'), 'public/*\n!public/icon.svg\n');
    await client.fileChanged('Dockerfile.dockerignore');
    await expect.poll(async () => (await client.prediction()).steps[1]?.size.bytes).toBe(size('public/icon.svg'));
  });

  it('are told missing on the line that copies them, as a warning of ours', async () => {
    await client.open('Dockerfile', 'FROM scratch\n\nCOPY gone.txt /\nCOPY also-gone/*.txt /\n');
    await expect.poll(() => client.codes()).toContain('copy-source-missing');
    const [first] = client.problems();
    expect(first).toMatchObject({ source: 'Layer Insight', severity: 2, range: { start: { line: 2, character: 0 } } });
    expect(first?.message).toContain('gone.txt');
    const hint = (await client.hints()).find(({ position }) => position.line === 2);
    expect(textOf(hint ?? NO_HINT)).toMatch(/^fails/);
  });

  it('have no diagnostics left when the Dockerfile is closed', async () => {
    await client.open('Dockerfile', 'FROM scratch\nCOPY gone.txt /\n');
    await expect.poll(() => client.codes()).toEqual(['copy-source-missing']);
    await client.close();
    await expect.poll(() => client.codes()).toEqual([]);
    expect(await client.predictionOrNull()).toBeNull();
    expect(await client.layers()).toBeNull();
    expect(await client.hints()).toEqual([]);
    expect(await client.hover(1, 1)).toBeNull();
  });

  it.each(['a_b*c*.txt', '[link](x).txt', '`tick`.txt', '<b>.txt', '$(bug).txt', '![i](j)'])(
    'are shown by their names: %s',
    async (name) => {
      await client.open('Dockerfile', `FROM scratch\nCOPY ["gone-${name.replaceAll(/[[*]/g, '\\\\$&')}", "/"]\n`);
      const shown = [markdown((await client.hover(1, 1))?.contents)];
      const row = rowsOf((await client.layers())?.nodes ?? []).find((one) => one.id.startsWith('cause'));
      if (row !== undefined) shown.push(row.tooltip);
      for (const text of shown) {
        // what is outside of inline code has every special character escaped
        const prose = text.replaceAll(/(?<!\\)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');
        expect(prose).not.toMatch(/(?<!\\)[[\]()<>$!]/);
        expect(prose.replaceAll(/\*\*[A-Z][\w ]+\*\*|^\*.*\*$/gm, '')).not.toMatch(/(?<!\\)[_*`]/);
      }
    },
  );
});

describe('several Dockerfiles', () => {
  it('are kept apart', async () => {
    mkdirSync(join(client.folder, 'api'));
    writeFileSync(join(client.folder, 'api', 'own.txt'), '123');
    const [one, two] = await Promise.all([
      client.open('Dockerfile', 'FROM scratch\nCOPY package.json /\n'),
      client.open('api/Dockerfile', 'FROM scratch\nCOPY own.txt /\n'),
    ]);
    expect(one.steps[1]?.size.bytes).toBe(size('package.json'));
    expect(two.steps[1]?.size.bytes).toBe(3);
    expect(two.context).toBe(join(client.folder, 'api'));
    await client.close('api/Dockerfile');
    expect((await client.prediction()).steps[1]?.size.bytes).toBe(size('package.json'));
  });
});

describe('settings', () => {
  const dockerfile = 'FROM scratch AS a\nCOPY public /x\nFROM scratch AS b\nARG WHAT=src\nCOPY $WHAT /y\n';

  it('choose target, build arguments and context', async () => {
    await client.open('Dockerfile', dockerfile);
    expect((await client.prediction()).target).toBe('b');
    await client.configure({ prediction: { target: 'a' } });
    await expect.poll(async () => (await client.prediction()).target).toBe('a');
    await client.configure({ prediction: { buildArgs: { WHAT: 'package.json' } } });
    await expect.poll(async () => (await client.prediction()).steps.at(-1)?.size.bytes).toBe(size('package.json'));
    await client.configure({ prediction: { context: join(client.folder, 'vendor'), buildArgs: { WHAT: 'cents' } } });
    await expect
      .poll(async () => (await client.prediction()).steps.at(-1)?.size.bytes)
      .toBe(sizes('vendor/cents/index.js', 'vendor/cents/package.json'));
  });

  it('switch hints off and on', async () => {
    await client.open('Dockerfile', dockerfile);
    expect(await client.hints()).not.toEqual([]);
    await client.configure({ hints: { enabled: false } });
    await expect.poll(() => client.hints()).toEqual([]);
    await client.configure({});
    await expect.poll(() => client.hints()).not.toEqual([]);
  });

  it('choose the units of sizes', async () => {
    await client.open('Dockerfile', dockerfile);
    const last = async (): Promise<string> => (await hints()).at(-1) ?? '';
    expect(await last()).toMatch(/ kB$/);
    await client.configure({ units: 'iec' });
    await expect.poll(last).toMatch(/ KiB$/);
  });

  it('can say that no engine is asked', async () => {
    client.settings = { engine: { kind: 'none' } };
    const { steps } = await client.open('Dockerfile', dockerfile);
    expect(steps.at(-1)?.reason.message).toContain('layerInsight.engine.kind');
    expect(steps.at(-1)?.size.basis).toBe('exact');
    expect(client.engineStates.map(({ code }) => code)).toEqual(['none']);
  });

  it('that have the wrong type count as not set', async () => {
    client.settings = { prediction: { target: 7, buildArgs: 'x', context: null }, hints: 'no', engine: [] };
    const { target, context } = await client.open('Dockerfile', dockerfile);
    expect([target, context]).toEqual(['b', client.folder]);
  });
});

describe('what is remembered', () => {
  it('is written before the server ends', async () => {
    await client.open();
    await client.shutdown();
    expect(await readdir(join(client.stateFolder, 'layer-insight', 'contexts'))).toHaveLength(1);
  });

  it('lets another server start where the first one ended', async () => {
    await client.open();
    await client.shutdown();
    const next = await Client.start();
    try {
      expect((await next.client.open()).summary.bytes).toBeGreaterThan(0);
    } finally {
      await next.client.stop();
    }
  });
});
