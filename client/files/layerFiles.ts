import * as vscode from 'vscode';
import type { ImageFileParams, ImageFileStat } from '../../server/protocol';
import { LAYER_SCHEME, Setting } from '../contributions';
import { messageOf } from '../failure';
import type { ImageRequests } from '../imageRequests';
import type { LanguageServer } from '../languageServer';
import { settingValue } from '../settings';
import { layerFileOf } from './layerUri';

const MEGABYTE = 1_000_000;
/** The default of the setting. */
const MAX_MEGABYTES = 20;

const TYPES: Readonly<Record<ImageFileStat['type'], vscode.FileType>> = {
  file: vscode.FileType.File,
  directory: vscode.FileType.Directory,
  symlink: vscode.FileType.Unknown,
  other: vscode.FileType.Unknown,
};

/** What the editor takes a file for: of a link, what it leads to and that it is one. */
function typeOf({ type, isLink }: Pick<ImageFileStat, 'type' | 'isLink'>): vscode.FileType {
  let shown = TYPES[type];
  if (isLink) shown |= vscode.FileType.SymbolicLink;
  return shown;
}

/** The files in layers of images, for reading: editor, difference and search take them like any file. */
export class LayerFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly registration: vscode.Disposable;

  /** Never fires: a layer does not change. */
  readonly onDidChangeFile = this.changed.event;

  constructor(private readonly server: LanguageServer) {
    const isReadonly = new vscode.MarkdownString(vscode.l10n.t('Files in layers of images can only be read'));
    this.registration = vscode.workspace.registerFileSystemProvider(LAYER_SCHEME, this, {
      isCaseSensitive: true,
      isReadonly,
    });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const stat = await this.ask(uri, (images, file) => images.stat(file));
    if (stat === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return {
      type: typeOf(stat),
      size: stat.bytes,
      ctime: stat.modified,
      mtime: stat.modified,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const entries = await this.ask(uri, (images, folder) => images.folder(folder));
    return entries.map((entry) => [entry.name, typeOf(entry)]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const limit = settingValue(Setting.maxFileOpenSize, MAX_MEGABYTES, uri);
    return this.ask(uri, async (images, file) => {
      const bytes = (await images.stat(file))?.bytes;
      if (bytes === undefined) throw vscode.FileSystemError.FileNotFound(uri);
      if (bytes > limit * MEGABYTE) throw vscode.FileSystemError.Unavailable(tooLarge(file.path, bytes, limit));
      return images.content(file, limit * MEGABYTE);
    });
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  /** The editor shows the text of a `FileSystemError`; of other errors it shows that something unexpected happened. */
  private async ask<T>(uri: vscode.Uri, ask: (images: ImageRequests, file: ImageFileParams) => Promise<T>): Promise<T> {
    if (!vscode.workspace.isTrusted) {
      throw vscode.FileSystemError.NoPermissions(vscode.l10n.t('This workspace is restricted: no image is read'));
    }
    const file = layerFileOf(uri);
    if (file === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    try {
      return await ask(await this.server.images(), file);
    } catch (error) {
      if (error instanceof vscode.FileSystemError) throw error;
      throw vscode.FileSystemError.Unavailable(messageOf(error));
    }
  }
}

function tooLarge(path: string, bytes: number, limit: number): string {
  return vscode.l10n.t(
    '{0} has {1} MB, and files of more than {2} MB are not opened. The setting {3} changes that.',
    path,
    Math.ceil(bytes / MEGABYTE),
    limit,
    Setting.maxFileOpenSize,
  );
}
