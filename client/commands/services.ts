import type { LogOutputChannel } from 'vscode';
import type { CurrentDockerfile } from '../dockerfiles';
import type { LanguageServer } from '../languageServer';

/** What commands work with. */
export interface Services {
  readonly server: LanguageServer;
  readonly dockerfile: CurrentDockerfile;
  readonly log: LogOutputChannel;
}
