import { DidChangeWatchedFilesNotification, type Connection, type Disposable } from 'vscode-languageserver';
import { pathToFileURL } from 'node:url';

/** Asks the client to watch folders; the changes come as `workspace/didChangeWatchedFiles`. */
export class FileWatchers {
  canRegister = false;
  private readonly registered = new Map<string, Promise<Disposable | undefined>>();

  constructor(private readonly connection: Connection) {}

  /** Watches everything below a folder. Watching it twice is watching it once. */
  watch(folder: string): void {
    if (!this.canRegister || this.registered.has(folder)) return;
    const watchers = [{ globPattern: { baseUri: pathToFileURL(folder).href, pattern: '**' } }];
    const registration = this.connection.client
      .register(DidChangeWatchedFilesNotification.type, { watchers })
      .catch(() => undefined); // a client that cannot watch there: refresh and builds still look at the files
    this.registered.set(folder, registration);
  }

  unwatch(folder: string): void {
    const registration = this.registered.get(folder);
    this.registered.delete(folder);
    void registration?.then((one) => one?.dispose());
  }

  dispose(): void {
    // the client forgets its watchers when the connection ends
    this.registered.clear();
  }
}
