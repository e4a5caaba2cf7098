import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TextDocumentEdit } from 'vscode-languageserver/node';
import { Client } from './client';

let client: Client;
const TEXT = 'FROM scratch\nCOPY . /app/\nCOPY src /src/\n';

beforeEach(async () => {
  ({ client } = await Client.start());
  mkdirSync(join(client.folder, 'web/node_modules/x'), { recursive: true });
  writeFileSync(join(client.folder, 'web/node_modules/x/large.js'), Buffer.alloc(1_500_000));
  writeFileSync(join(client.folder, '.dockerignore'), 'dist');
});

afterEach(async () => {
  await client.stop();
});

const advised = () => client.problems().filter(({ code }) => code === 'context-ballast');

describe('ballast in the build context', () => {
  it('is told with its bytes at the instruction that copies it', async () => {
    await client.open('Dockerfile', TEXT);
    await vi.waitFor(() => expect(advised()).toHaveLength(1), 8000);
    const [problem] = advised();
    expect(problem).toMatchObject({ source: 'Layer Insight', severity: 3, range: { start: { line: 1 } } });
    expect(problem?.message).toMatch(/^1.5 MB in 1 file of web\/node_modules\/ are copied/);
  });

  it('goes when the offered line is in the ignore file', async () => {
    await client.open('Dockerfile', TEXT);
    await vi.waitFor(() => expect(advised()).toHaveLength(1), 8000);
    const [change, page] = await client.actions(1);
    expect(change?.title).toContain('web/node_modules');
    expect(page?.command).toMatchObject({ command: 'layerInsight.advice.page.show', arguments: ['context-ballast'] });
    const [edit] = change?.edit?.documentChanges ?? [];
    if (!TextDocumentEdit.is(edit)) throw new Error('no change of a document');
    const file = fileURLToPath(edit.textDocument.uri);
    const [insert] = edit.edits;
    expect(insert).toMatchObject({ range: { start: { line: 0, character: 4 } } });
    const added = insert !== undefined && 'newText' in insert ? insert.newText : '';
    writeFileSync(file, readFileSync(file, 'utf8') + added);
    expect(readFileSync(file, 'utf8')).toBe('dist\nweb/node_modules\n');
    await client.fileChanged('.dockerignore');
    await vi.waitFor(() => expect(advised()).toHaveLength(0), 8000);
    expect(await client.actions(1)).toEqual([]);
  });

  it('is no matter below the bytes of the setting, or where advice is switched off', async () => {
    client.settings = { advice: { minSize: 2 } };
    await client.open('Dockerfile', TEXT);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(advised()).toEqual([]);
    await client.configure({ advice: { enabled: false, minSize: 0 } });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(advised()).toEqual([]);
    await client.configure({ advice: { minSize: 0 } });
    await vi.waitFor(() => expect(advised()).toHaveLength(1), 8000);
  });
});
