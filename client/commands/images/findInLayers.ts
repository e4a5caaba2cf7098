import * as vscode from 'vscode';
import type { FoundFile } from '../../../server/protocol';
import { Delayed } from '../../delayed';
import { DisposableStore } from '../../disposables';
import { messageOf } from '../../failure';
import { layerUri } from '../../files/layerUri';
import type { ImageRequests } from '../../imageRequests';
import { attempt, say } from '../asked';
import type { Services } from '../services';
import { askedImage, imageOfRow, isAllowed, type AskedImage } from './asked';

/** Milliseconds without a key before the question is asked. */
const PAUSE_MS = 200;

interface FoundItem extends vscode.QuickPickItem {
  readonly file: FoundFile;
}

/** Looks for files in all layers of an image while the user types; the chosen one is opened. */
export async function findInLayers(services: Services, item: unknown, query: unknown): Promise<void> {
  if (!isAllowed()) return;
  await attempt(services, async () => {
    const title = vscode.l10n.t('Layer Insight: Find in Layers');
    const selected = item === undefined ? services.images.selection : undefined;
    const asked =
      selected === undefined
        ? await askedImage(services, item, title, vscode.l10n.t('The image to look in'))
        : imageOfRow(selected);
    if (asked === undefined) return;
    const images = await services.server.images();
    const file = await new Search(images, asked, typeof query === 'string' ? query : '').run();
    if (file === undefined) return;
    if (file.isOpenable) await vscode.commands.executeCommand('vscode.open', uriOf(asked, file));
    else say(vscode.l10n.t('{0} has no content', file.path));
  });
}

function uriOf({ image, name }: AskedImage, { layer, path }: FoundFile): vscode.Uri {
  return layerUri(name, { image, layer, path });
}

/** One list of results, asked for anew with every pause. */
class Search {
  private readonly store = new DisposableStore();
  private readonly list = this.store.add(vscode.window.createQuickPick<FoundItem>());
  private readonly soon = this.store.add(new Delayed(PAUSE_MS, () => void this.ask()));
  private asking: vscode.CancellationTokenSource | undefined;

  constructor(
    private readonly images: ImageRequests,
    private readonly asked: AskedImage,
    query: string,
  ) {
    this.list.title = vscode.l10n.t('Find in the layers of {0}', asked.name);
    this.list.placeholder = vscode.l10n.t('Words of a path, for example: etc passwd');
    this.list.value = query;
    this.list.onDidChangeValue(() => this.change());
    this.change();
  }

  /** The file that the user chooses. */
  async run(): Promise<FoundFile | undefined> {
    try {
      return await new Promise((resolve) => {
        this.list.onDidAccept(() => {
          const file = this.list.selectedItems[0]?.file;
          if (file === undefined) return;
          resolve(file);
          this.list.hide();
        });
        this.list.onDidHide(() => resolve(undefined));
        this.list.show();
      });
    } finally {
      this.asking?.cancel();
      this.store.dispose();
    }
  }

  private change(): void {
    this.asking?.cancel();
    this.list.busy = this.query !== '';
    if (this.query === '') this.list.items = [];
    this.soon.soon();
  }

  private get query(): string {
    return this.list.value.trim();
  }

  private async ask(): Promise<void> {
    const { query } = this;
    if (query === '') return;
    const asking = new vscode.CancellationTokenSource();
    this.asking = asking;
    try {
      const found = await this.images.find(this.asked.image, query, asking.token);
      if (this.asking !== asking) return;
      this.list.items = found.map(itemOf);
      this.list.placeholder = undefined;
    } catch (error) {
      if (asking.token.isCancellationRequested) return;
      // a list has no other place for it
      this.list.items = [];
      this.list.title = messageOf(error);
    } finally {
      if (this.asking === asking) this.list.busy = false;
      asking.dispose();
    }
  }
}

/** The server has chosen; the list's own filter would look for the words one after the other. */
function itemOf(file: FoundFile): FoundItem {
  const { label, description, detail } = file;
  return { file, label, description, detail, alwaysShow: true };
}
