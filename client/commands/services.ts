import type { LogOutputChannel } from 'vscode';
import type { BuildsFeed } from '../builds/buildsFeed';
import type { LiveLines } from '../builds/liveLines';
import type { BuildProfiles } from '../builds/profiles';
import type { BuildRunner } from '../builds/runner';
import type { BuildChoicesStore } from '../choices/buildChoices';
import type { RememberedRuns } from '../containers/rememberedRuns';
import type { DiskUsage } from '../disk/diskUsage';
import type { CurrentDockerfile } from '../dockerfiles';
import type { LanguageServer } from '../languageServer';
import type { DiskPanel } from '../panels/diskUsage';
import type { ReportDocuments } from '../reports/documents';
import type { Shown } from '../surfaces/shown';
import type { BuildsTree } from '../views/builds/view';
import type { DiskTree } from '../views/disk/view';
import type { ImagesTree } from '../views/images/view';
import type { LayersTree } from '../views/layers/view';

/** What commands work with. */
export interface Services {
  readonly server: LanguageServer;
  readonly dockerfile: CurrentDockerfile;
  readonly log: LogOutputChannel;
  readonly choices: BuildChoicesStore;
  readonly reports: ReportDocuments;
  readonly builds: BuildsFeed;
  readonly profiles: BuildProfiles;
  readonly runner: BuildRunner;
  readonly liveLines: LiveLines;
  /** How images were run. */
  readonly runs: RememberedRuns;
  readonly layers: LayersTree;
  readonly images: ImagesTree;
  readonly disk: DiskUsage;
  readonly diskPanel: DiskPanel;
  readonly diskTree: DiskTree;
  readonly pastBuilds: BuildsTree;
  /** `publisher.name` of this extension. */
  readonly extensionId: string;
  /** What is on the screen; none before the first Dockerfile. */
  readonly shown: () => Shown | undefined;
}
