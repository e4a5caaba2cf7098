import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import type { ShownImageRow } from '../../client/views/images/shown';
import { eventually, file, lineOf, openDockerfile, workspaceFolder } from './editor';
import { hasEngine } from './mode';
import { configure, shown } from './shown';

const NAME = 'Dockerfile.images';
const TEXT = `FROM busybox:1 AS first
COPY src/ /srv/src/

FROM first
RUN echo '// more' >> /srv/src/app.js && rm /srv/src/cart.js && ln -s ../srv/src/app.js /srv/app.js && ln -s loop /srv/loop
ENV SHOP=corner
COPY package-lock.json package.json /srv/
`;
const BEFORE = 'layer-insight-images:before';
const AFTER = 'layer-insight-images:after';

/** One image that stands on another one, looked at as a user does. */
describe('the Images view', () => {
  const run = vscode.commands.executeCommand;
  const docker = async (...args: readonly string[]) =>
    (await promisify(execFile)('docker', args, { timeout: 120_000, maxBuffer: 1e8 })).stdout;
  let document: vscode.TextDocument;
  let scratch: string;

  const rows = (key?: string) => run<readonly ShownImageRow[]>('layerInsight.images.rows.get', key);
  const list = (all: readonly ShownImageRow[]) => all.map(({ label, description }) => `${label} · ${description}`);
  const row = async (label: string, below?: ShownImageRow): Promise<ShownImageRow> => {
    const all = await rows(below?.key);
    const found = all.find((one) => one.label.startsWith(label));
    assert.ok(found, `no row ${label} in:\n${list(all).join('\n')}`);
    return found;
  };
  /** A row by the beginnings of the labels above it. */
  const at = async (...labels: readonly string[]): Promise<ShownImageRow> => {
    let found: ShownImageRow | undefined;
    for (const label of labels) found = await row(label, found);
    assert.ok(found);
    return found;
  };
  const activeText = () => vscode.window.activeTextEditor?.document.getText() ?? '';
  const activeUri = () => decodeURIComponent(vscode.window.activeTextEditor?.document.uri.path ?? '');
  const selected = async () => {
    const { selected: one } = (await shown()).images;
    return `${one?.image ?? ''} > ${one?.label ?? ''}`;
  };
  /** A report opens in an editor of its own, whose text this is. */
  const report = async (pattern: RegExp) => {
    await eventually(() => Promise.resolve(activeUri()), /\.txt$/);
    await eventually(() => Promise.resolve(activeText()), pattern);
    await run('workbench.action.closeActiveEditor');
  };

  before(async function () {
    if (!hasEngine) this.skip();
    this.timeout(180_000);
    scratch = await mkdtemp(join(tmpdir(), 'li-images-'));
    await writeFile(file(NAME).fsPath, TEXT);
    const { fsPath: context } = workspaceFolder();
    const build = ['buildx', 'build', '--load', '-f', file(NAME).fsPath];
    await docker(...build, '--target', 'first', '-t', BEFORE, context);
    await docker(...build, '-t', AFTER, context);
    document = await openDockerfile(NAME);
    await run('layerInsight.images.focus');
  });
  after(async () => {
    if (!hasEngine) return;
    await docker('image', 'rm', '--force', AFTER, BEFORE).catch(() => undefined);
    await run('workbench.action.closeAllEditors');
    await rm(file(NAME).fsPath, { force: true });
    await rm(scratch, { recursive: true, force: true });
    await openDockerfile();
  });

  it('lists the images of the engine', async () => {
    await eventually(async () => list(await rows()).join('\n'), new RegExp(`^${AFTER} · .*B own`, 'm'));
    const all = (await rows()).map(({ label }) => label);
    for (const name of [AFTER, BEFORE, 'busybox:1']) assert.ok(all.includes(name), `${name} is missing`);
    assert.equal((await shown()).images.message, '');
  });

  it('shows steps in the order of the Dockerfile, as docker history has them, and folds the base', async () => {
    const history = (await docker('history', '--no-trunc', '--format', '{{.CreatedBy}}', AFTER))
      .replace(/\n$/, '')
      .split('\n');
    const image = await at(AFTER);
    let [base, ...steps] = await rows(image.key);
    let all: readonly ShownImageRow[] = [];
    // an image that goes meanwhile may be listed for a moment as the one below
    await eventually(
      async () => {
        [base, ...steps] = await rows(image.key);
        all = [...(await rows(base?.key)), ...steps];
        return `${all.length} rows, on ${base?.label ?? 'nothing'}`;
      },
      new RegExp(`^${history.length} rows`),
    );
    assert.equal(base?.kind, 'base');
    assert.ok(
      (await rows()).some(({ label }) => label === base?.label),
      base.label,
    );
    history.reverse().forEach((createdBy, index) => {
      // of an image that was imported there is no instruction
      if (createdBy === '') return;
      // they have blanks and the ends of long texts differently
      const label = (all[index]?.label ?? '').replace(/…$/, '').replace(/^RUN |\s+/g, '');
      assert.ok(createdBy.replace(/\s+/g, '').includes(label), `${label} is not in ${createdBy}`);
    });
    const kinds = steps.map(({ kind, label }) => `${kind} ${label.split(' ')[0] ?? ''}`);
    assert.match(kinds.join(', '), /layer RUN, step ENV, layer COPY$/);
  });

  it('shows the files of a layer with what the layer did', async () => {
    const layer = await at(AFTER, 'RUN echo');
    const source = await row('src', await row('srv', layer));
    const files = await rows(source.key);
    assert.match(list(files).join('\n'), /^app\.js · .* kB/m);
    assert.match(list(files).join('\n'), /^cart\.js · .*layer 2/m);
    const app = files.find(({ label }) => label === 'app.js');
    assert.equal(app?.context, 'image.file.openable.comparable');
    assert.doesNotMatch(files.find(({ label }) => label === 'cart.js')?.context ?? '', /openable/);
  });

  it('opens a file with exactly its content, for reading only', async () => {
    const readme = await at(AFTER, 'COPY package-lock', 'srv', 'package-lock.json');
    await run('layerInsight.layerFile.open', readme.key);
    assert.equal(activeUri(), '/layer-insight-images:after/7/srv/package-lock.json'.replace('7', layerNumber(readme)));
    assert.equal(activeText(), await readFile(file('package-lock.json').fsPath, 'utf8'));
    assert.equal(vscode.workspace.fs.isWritableFileSystem('layer-insight-layer'), false);
    await run('workbench.action.closeActiveEditor');
    const uri = vscode.Uri.parse(readme.uri ?? '', true);
    const stat = await vscode.workspace.fs.stat(uri);
    assert.equal(stat.size, (await readFile(file('package-lock.json').fsPath)).length);
    assert.equal(stat.type, vscode.FileType.File);
    const names = (await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(uri, '..'))).map(([name]) => name);
    assert.deepEqual([...names].sort(), ['app.js', 'loop', 'package-lock.json', 'package.json', 'src']);
    await assert.rejects(
      async () => vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, '..', 'nothing')),
      /EntryNotFound/,
    );
  });

  it('says why a file that is too large is not opened', async () => {
    const { uri } = await at(AFTER, 'COPY package-lock', 'srv', 'package-lock.json');
    await configure('layerInsight.layers.maxFileOpenSize', 0);
    const read = async () => vscode.workspace.fs.readFile(vscode.Uri.parse(uri ?? '', true));
    await assert.rejects(read, /layerInsight\.layers\.maxFileOpenSize/);
    await configure('layerInsight.layers.maxFileOpenSize', undefined);
    await read();
  });

  it('shows a changed file beside what the lower layer has', async () => {
    const app = await at(AFTER, 'RUN echo', 'srv', 'src', 'app.js');
    await run('layerInsight.layerFile.diff', app.key);
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff, 'no difference is shown');
    const [before, after] = await Promise.all(
      [input.original, input.modified].map(async (uri) => (await vscode.workspace.openTextDocument(uri)).getText()),
    );
    assert.equal(before, await readFile(file('src/app.js').fsPath, 'utf8'));
    assert.equal(after, `${before}// more\n`);
    await run('workbench.action.closeActiveEditor');
  });

  it('shows the files of all layers up to one when asked for', async () => {
    const names = async () => list(await rows((await at(AFTER, 'COPY package-lock')).key)).join('\n');
    await eventually(names, /^srv/m);
    assert.doesNotMatch(await names(), /^bin/m);
    await run('layerInsight.images.cumulative.on');
    await eventually(names, /^bin/m);
    await run('layerInsight.images.filter', ['added', 'modified', 'removed']);
    await eventually(async () => String(/^bin/m.test(await names())), /false/);
    await run('layerInsight.images.filter', ['added', 'modified', 'removed', 'unmodified']);
    await run('layerInsight.images.cumulative.off');
    await eventually(async () => String(/^bin/m.test(await names())), /false/);
  });

  it('sorts by name and by size', async () => {
    const names = async () => (await rows()).map(({ label }) => label).filter((label) => !label.startsWith('<'));
    await run('layerInsight.images.sort.name');
    await eventually(async () => String(isSorted(await names())), /true/);
    await run('layerInsight.images.sort.size');
    await eventually(async () => (await names())[0] ?? '', new RegExp(`^${AFTER}|^[^l]`));
  });

  it('saves a file of any size where the user wants it', async () => {
    const lock = await at(AFTER, 'COPY package-lock', 'srv', 'package-lock.json');
    const target = vscode.Uri.file(join(scratch, 'saved.json'));
    await configure('layerInsight.layers.maxFileOpenSize', 0);
    await run('layerInsight.layerFile.save', lock.key, target);
    await configure('layerInsight.layers.maxFileOpenSize', undefined);
    assert.equal(await readFile(target.fsPath, 'utf8'), await readFile(file('package-lock.json').fsPath, 'utf8'));
  });

  it('follows links within the image', async () => {
    const { uri } = await at(AFTER, 'RUN echo', 'srv', 'app.js');
    const link = vscode.Uri.parse(uri ?? '', true);
    const stat = await vscode.workspace.fs.stat(link);
    assert.equal(stat.type, vscode.FileType.File | vscode.FileType.SymbolicLink);
    const content = Buffer.from(await vscode.workspace.fs.readFile(link)).toString();
    assert.match(content, /\/\/ more\n$/);
    assert.equal(stat.size, Buffer.byteLength(content));
    const loop = vscode.Uri.joinPath(link, '..', 'loop');
    await assert.rejects(async () => vscode.workspace.fs.readFile(loop), /the link \/srv\/loop leads in a circle/);
  });

  it('finds files in all layers', async () => {
    const { key } = await at(AFTER);
    const found = run('layerInsight.layers.find', key, 'SRV products.js');
    // the list is asked with a pause; there is nothing to choose before
    await eventually(async () => {
      await run('workbench.action.acceptSelectedQuickOpenItem');
      return activeUri();
    }, /\/srv\/src\/products\.js$/);
    await found;
    assert.equal(activeText(), await readFile(file('src/products.js').fsPath, 'utf8'));
    await run('workbench.action.closeActiveEditor');
  });

  it('reports layers and waste, and what two images differ in', async () => {
    const [later, earlier] = [await at(AFTER), await at(BEFORE)];
    await run('layerInsight.image.report.show', later.key);
    await report(/app\.js/);
    await run('layerInsight.images.compare', later.key, earlier.key);
    await report(/package-lock\.json/);
  });

  it('compares an image with what its Dockerfile would give now, by files', async () => {
    const added = file('src/new.js');
    await writeFile(added.fsPath, '// new\n');
    try {
      await vscode.window.showTextDocument(document);
      const { key } = await at(AFTER);
      // the context is looked at again in the background
      await eventually(async () => {
        await vscode.window.showTextDocument(document);
        await run('layerInsight.image.dockerfile.compare', key);
        const text = activeText();
        await run('workbench.action.closeActiveEditor');
        return text;
      }, /\+7 B {2}\+ \/srv\/src\/new\.js[^]*RUN echo[^]*\(files: what a command writes is not known/);
    } finally {
      await rm(added.fsPath);
    }
  });

  it('opens an archive, shows it above the others and closes it', async () => {
    const archive = join(scratch, 'saved.tar');
    await docker('save', '--output', archive, BEFORE);
    await run('layerInsight.archive.open', vscode.Uri.file(archive));
    const [first] = await rows();
    assert.equal(first?.context, 'image.pinned', list(await rows()).join('\n'));
    const below = await rows(first.key);
    assert.match(list(below).join('\n'), /COPY src/);
    const copy = below.find(({ label }) => label.startsWith('COPY src'));
    const app = await row('app.js', await row('src', await row('srv', copy)));
    await run('layerInsight.layerFile.open', app.key);
    assert.equal(activeText(), await readFile(file('src/app.js').fsPath, 'utf8'));
    await run('workbench.action.closeActiveEditor');
    await run('layerInsight.archive.close', first.key);
    await eventually(async () => (await rows())[0]?.context ?? '', /^image$/);
  });

  it('says why something is no archive', async () => {
    await run('layerInsight.archive.open', file('package-lock.json'));
    const [first] = await rows();
    assert.match(first?.context ?? '', /pinned/);
    assert.match(first?.description ?? '', /\w/);
    await run('layerInsight.archive.close', first?.key);
    await eventually(async () => (await rows())[0]?.context ?? '', /^image$/);
  });

  it('goes from an instruction to its layer and back', async () => {
    const editor = await vscode.window.showTextDocument(document);
    const line = lineOf(document, 'RUN echo');
    editor.selection = new vscode.Selection(line, 0, line, 0);
    await run('layerInsight.layer.reveal');
    await eventually(selected, new RegExp(`^${AFTER} > RUN echo`));
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await run('layerInsight.maker.reveal', (await at(AFTER, 'RUN echo')).key);
    const cursor = () => Promise.resolve(`line ${vscode.window.activeTextEditor?.selection.active.line ?? -1}`);
    await eventually(cursor, new RegExp(`^line ${line}$`));
  });

  it('knows the instruction of a layer as soon as its Dockerfile is opened, and not once it is closed', async () => {
    const context = async () => (await at(AFTER, 'RUN echo')).context;
    assert.match(await context(), /made/);
    await vscode.window.showTextDocument(document);
    await run('workbench.action.closeActiveEditor');
    // the editor keeps a document for a while that it shows nowhere any more: another language is another document
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
    await eventually(context, /^image\.layer$/);
    document = await vscode.languages.setTextDocumentLanguage(await openDockerfile(NAME), 'dockerfile');
    await eventually(context, /made/);
  });

  it('is where images of other views are shown', async () => {
    await run('layerInsight.image.explore', { fullTag: BEFORE });
    await eventually(selected, new RegExp(`^${BEFORE} > ${BEFORE}$`));
  });

  it('puts digests and paths on the clipboard', async () => {
    const layer = await at(AFTER, 'RUN echo');
    await run('layerInsight.layer.digest.copy', layer.key);
    const digests = await docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', AFTER);
    assert.equal((JSON.parse(digests) as readonly string[]).at(-2), await vscode.env.clipboard.readText());
    await run('layerInsight.layerFile.path.copy', (await row('srv', layer)).key);
    assert.equal(await vscode.env.clipboard.readText(), '/srv');
  });

  it('is told when the engine has other images', async () => {
    await docker('image', 'rm', BEFORE);
    await eventually(async () => list(await rows()).join('\n'), new RegExp(`^(?!.*${BEFORE})`, 's'));
    assert.match(list(await rows()).join('\n'), new RegExp(AFTER));
  });
});

/** The number of the layer in the address of a row's file. */
function layerNumber({ uri }: ShownImageRow): string {
  return /^[^:]+:\/[^/]+\/(\d+)\//.exec(uri ?? '')?.[1] ?? '';
}

function isSorted(names: readonly string[]): boolean {
  return names.length > 1 && names.every((name, index) => index === 0 || (names[index - 1] ?? '') <= name);
}
