import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ShownImageRow } from '../../client/views/images/shown';
import { newDockerArchive } from '../unit/support/imageArchive';
import { startImageRegistry, type ImageRegistry } from '../unit/support/imageRegistry';
import { file as entry, folder, gzip, hardLink, tar } from '../unit/support/tar';
import { eventually, openDockerfile } from './editor';
import { configure } from './shown';

const BASE = tar(folder('etc'), entry('etc/name', 'one'), hardLink('etc/other', 'etc/name'));
const UPPER = tar(entry('etc/name', 'another one'));
const history = [{ created_by: 'COPY base / # buildkit' }, { created_by: 'COPY upper / # buildkit' }];
const SETTING = 'layerInsight.network.lookups';

/** An image that is on no engine, looked at as a user does. */
describe('the Images view without an engine', () => {
  const run = vscode.commands.executeCommand;
  let registry: ImageRegistry;
  let scratch: string;

  const rows = (key?: string) => run<readonly ShownImageRow[]>('layerInsight.images.rows.get', key);
  const pinned = async () => (await rows()).find(({ context }) => context.includes('pinned'));
  const pinnedText = async () => {
    const row = await pinned();
    return row === undefined ? 'none' : `${row.kind} ${row.label} · ${row.description}`;
  };
  const at = async (...labels: readonly string[]): Promise<ShownImageRow> => {
    let found = await pinned();
    for (const label of labels) found = (await rows(found?.key)).find((row) => row.label.startsWith(label));
    assert.ok(found, labels.join(' > '));
    return found;
  };
  const activeText = () => Promise.resolve(vscode.window.activeTextEditor?.document.getText() ?? '');

  before(async () => {
    registry = await startImageRegistry({ layers: [{ plain: BASE, packed: gzip(BASE) }, { plain: UPPER }], history });
    scratch = await mkdtemp(join(tmpdir(), 'li-registry-'));
    await openDockerfile();
  });
  after(async () => {
    registry.close();
    await configure(SETTING, undefined);
    await run('workbench.action.closeAllEditors');
    await rm(scratch, { recursive: true, force: true });
    await openDockerfile();
  });

  it('asks no registry unless the setting allows it', async () => {
    // a message with a button stays until somebody answers it
    void run('layerInsight.registry.explore', registry.reference);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await run('notifications.clearAll');
    assert.equal(await pinnedText(), 'none');
    assert.deepEqual(registry.requests, []);
  });

  it('lists an image of a registry, and fetches its layers once their files are looked at', async () => {
    await configure(SETTING, true);
    await run('layerInsight.registry.explore', registry.reference);
    await eventually(pinnedText, /^image 127\.0\.0\.1:\d+\/shop\/web:1 · .* packed · 2 layers$/);
    assert.equal((await at('COPY upper')).kind, 'layer');
    const isLayer = (request: string) => request.includes('/blobs/');
    assert.equal(registry.requests.filter(isLayer).length, 1, 'only the configuration is asked for');
    const name = await at('COPY upper', 'etc/', 'name');
    assert.equal(registry.requests.filter(isLayer).length, 3);
    await run('layerInsight.layerFile.open', name.key);
    assert.equal(await activeText(), 'another one');
    await run('workbench.action.closeActiveEditor');
    const link = await at('COPY base', 'etc/', 'other');
    assert.match(link.context, /openable/);
    await run('layerInsight.layerFile.open', link.key);
    assert.equal(await activeText(), 'one');
    await run('workbench.action.closeActiveEditor');
  });

  it('compares it with an archive', async () => {
    const archive = join(scratch, 'base.tar');
    await writeFile(archive, tar(...newDockerArchive([{ layers: [{ plain: BASE }], history: history.slice(0, 1) }])));
    const image = await at();
    await run('layerInsight.archive.open', vscode.Uri.file(archive));
    await eventually(pinnedText, /^image base\.tar/);
    await run('layerInsight.images.compare', image.key, (await at()).key);
    await eventually(activeText, /Files: 0 added, 0 removed, 1 modified/);
    await run('workbench.action.closeActiveEditor');
  });

  it('says why an archive is not there any more, and lets it be closed', async () => {
    await rm(join(scratch, 'base.tar'));
    await run('layerInsight.images.refresh');
    await eventually(pinnedText, /^notice base\.tar · .*is not there$/);
    await run('layerInsight.archive.close', (await pinned())?.key);
    await eventually(pinnedText, /^image 127/);
  });

  it('says that a registry may not be asked any more', async () => {
    await configure(SETTING, undefined);
    await eventually(pinnedText, /^notice web:1 · .*layerInsight\.network\.lookups/);
    await configure(SETTING, true);
    await eventually(pinnedText, /^image 127/);
    await run('layerInsight.archive.close', (await pinned())?.key);
    await eventually(pinnedText, /^none$/);
  });
});
