import * as vscode from 'vscode';
import type { ByteUnits, DiskReport } from '../../core/model';
import { messageOf } from '../failure';

const FILE = 'disk-usage.json';

/** A report with how it is shown. */
export interface KeptReport {
  readonly report: DiskReport;
  readonly units: ByteUnits;
}

/** The last report, in a file of the editor's: a window that is loaded again shows it without measuring. */
export class LastReport {
  private readonly file: vscode.Uri;

  constructor(
    context: Pick<vscode.ExtensionContext, 'storageUri' | 'globalStorageUri'>,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.file = vscode.Uri.joinPath(context.storageUri ?? context.globalStorageUri, FILE);
  }

  /** Never rejects: a report that cannot be kept is measured again. */
  async write(kept: KeptReport): Promise<void> {
    try {
      await vscode.workspace.fs.writeFile(this.file, new TextEncoder().encode(JSON.stringify(kept)));
    } catch (error) {
      this.log.warn(`The disk report was not kept: ${messageOf(error)}`);
    }
  }

  /** Undefined when there is none of this version. */
  async read(): Promise<KeptReport | undefined> {
    try {
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(this.file));
      const kept = JSON.parse(text) as Partial<KeptReport>;
      // what wrote the file may be another version of the extension
      return kept.report?.schemaVersion === 1 && kept.units !== undefined
        ? { report: kept.report, units: kept.units }
        : undefined;
    } catch {
      return undefined;
    }
  }
}
