import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { InlayHint, MarkupContent } from 'vscode-languageserver/node';
import type { LayerNode } from '../../server/protocol';
import { Client } from './client';

let client: Client;

async function start(options: { trusted?: boolean } = {}): Promise<Client> {
  ({ client } = await Client.start(options));
  return client;
}

afterEach(async () => {
  await client.stop();
});

const textOf = (hint: InlayHint): string => (typeof hint.label === 'string' ? hint.label : '');
const markdown = (content: unknown): string => (content as MarkupContent).value;
const size = (path: string): number => statSync(join(client.folder, path)).size;

describe('the server without an engine', () => {
  it('offers hints, hovers and nothing that other extensions own', async () => {
    const started = await Client.start();
    client = started.client;
    expect(Object.keys(started.result.capabilities).sort()).toEqual([
      'codeActionProvider',
      'hoverProvider',
      'inlayHintProvider',
      'textDocumentSync',
      'workspace',
    ]);
  });

  it('answers with exact sizes and says which engine it looked for', async () => {
    const { steps } = await (await start()).open();
    const copy = steps.find((step) => step.text.startsWith('COPY package.json'));
    expect(copy?.verdict).toBe('unknown');
    expect(copy?.reason.message).toContain('no-engine.sock');
    expect(copy?.size).toEqual({ bytes: size('package.json') + size('package-lock.json'), basis: 'exact' });
    expect(steps.find((step) => step.text === 'RUN sh tools/check.sh')?.verdict).toBe('unused');
    expect(client.engineStates.at(-1)?.code).toBe('not-reachable');
  });

  it('puts one short hint at the end of an instruction, and none on metadata', async () => {
    const dockerfile = 'FROM scratch\nCOPY package.json \\\n  package-lock.json /x/\nENV A=1\nCMD ["x"]\n';
    await (await start()).open('Dockerfile', dockerfile);
    const hints = (await client.hints()).filter((hint) => hint.position.line > 0);
    expect(hints.map((hint) => hint.position)).toEqual([{ line: 1, character: 'COPY package.json \\'.length }]);
    for (const hint of hints) expect(textOf(hint).length).toBeLessThanOrEqual(24);
  });

  it('explains a hint when somebody points at it, and the instruction by its keyword only', async () => {
    await (await start()).open();
    const hint = (await client.hints()).find((one) => one.position.line === 8);
    if (hint === undefined) throw new Error('no hint on COPY');
    expect(hint.tooltip).toBeUndefined();
    expect(markdown((await client.resolve(hint)).tooltip)).toMatch(/Not predicted/);
    expect(markdown((await client.hover(8, 2))?.contents)).toMatch(/Not predicted[^]*Layer size/);
    expect(await client.hover(8, 12)).toBeNull();
  });

  it('keeps the hints where they belong while an instruction is half typed', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY package.json /a\nCOPY public /b\n');
    const before = await client.hints();
    await client.change('FROM scratch\nCOP\nCOPY package.json /a\nCOPY public /b\n');
    const after = await client.hints();
    expect(after.map(textOf)).toEqual(before.map(textOf));
    expect(after.map((hint) => hint.position.line)).toEqual(
      before.map(({ position: { line } }) => (line === 0 ? 0 : line + 1)),
    );
  });

  it('tells of a missing source until it is there', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY new.txt /\n');
    await expect.poll(() => client.codes()).toEqual(['copy-source-missing']);
    expect((await client.prediction()).steps[1]?.verdict).toBe('fails');
    writeFileSync(join(client.folder, 'new.txt'), 'here');
    await client.fileChanged('new.txt');
    await expect.poll(() => client.codes()).toEqual([]);
    expect((await client.prediction()).steps[1]?.size).toEqual({ bytes: 4, basis: 'exact' });
  });

  it('follows the ignore file', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY src /s\n');
    const before = (await client.prediction()).steps[1]?.size.bytes ?? 0;
    writeFileSync(join(client.folder, '.dockerignore'), 'src/app.js\n');
    await client.fileChanged('.dockerignore');
    const after = before - size('src/app.js');
    await expect.poll(async () => (await client.prediction()).steps[1]?.size.bytes).toBe(after);
  });

  it('says that the builder refuses a broken ignore file', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY src /s\n');
    writeFileSync(join(client.folder, '.dockerignore'), 'a[\n');
    await client.refresh();
    await expect.poll(() => client.codes()).toEqual(['ignore-pattern-invalid']);
    expect((await client.prediction()).steps[1]?.verdict).toBe('unknown');
  });

  it('shows stages and instructions, each row with an id of its own and words for a screen reader', async () => {
    await (await start()).open();
    const view = await client.layers();
    expect(view?.nodes.map((node) => node.label)).toEqual(['dependencies', 'build', 'test', 'shop']);
    expect(view?.nodes.map((node) => node.collapsed)).toEqual([false, false, true, false]);
    const rows: LayerNode[] = [];
    const collect = (nodes: readonly LayerNode[]): void => {
      for (const node of nodes) {
        rows.push(node);
        collect(node.children);
      }
    };
    collect(view?.nodes ?? []);
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(rows.every((row) => row.accessibilityLabel !== '')).toBe(true);
  });

  it('shows file names as they are, whatever they contain', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY a*b_c_ d](x).txt /\n');
    const shown = markdown((await client.hover(1, 1))?.contents);
    expect(shown).not.toMatch(/[^\\]\]\(x/);
  });
});

describe('a restricted workspace', () => {
  it('is only parsed until it is trusted', async () => {
    await start({ trusted: false });
    const { steps, builder } = await client.open();
    expect(builder.kind).toBe('none');
    expect(steps.filter((step) => step.instruction === 'COPY').every((step) => step.size.bytes === null)).toBe(true);
    expect(client.engineStates.at(-1)?.code).toBe('untrusted');
    await client.refresh();
    expect(existsSync(client.stateFolder)).toBe(false);

    await client.trust();
    await expect
      .poll(async () => (await client.prediction()).steps.find((step) => step.text === 'COPY src/ src/')?.size.basis)
      .toBe('exact');
  });
});

describe('a folder that vanishes', () => {
  it('is told, and does not end the server', async () => {
    await (await start()).open('Dockerfile', 'FROM scratch\nCOPY src /s\n');
    rmSync(client.folder, { recursive: true });
    await client.refresh();
    expect((await client.prediction()).problems.map((problem) => problem.code)).toContain('context-unreadable');
  });
});
