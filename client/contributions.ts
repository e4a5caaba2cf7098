/**
 * Every id that the manifest (`package.json`) and the code share. `test/manifest` compares the two both ways.
 * Imports nothing, so that tests can read it without an editor.
 */

/** Commands that people run: by the palette, a menu or a link. */
export const Command = {
  predict: 'layerInsight.predict',
  explainLine: 'layerInsight.line.explain',
  nextRebuild: 'layerInsight.rebuild.next',
  previousRebuild: 'layerInsight.rebuild.previous',
  refresh: 'layerInsight.refresh',
  toggleHints: 'layerInsight.hints.toggle',
  setHintDensity: 'layerInsight.hints.density.set',
  chooseTarget: 'layerInsight.target.choose',
  chooseArguments: 'layerInsight.arguments.choose',
  chooseBuilder: 'layerInsight.builder.choose',
  chooseBaseline: 'layerInsight.baseline.choose',
  showReport: 'layerInsight.report.show',
  copyReport: 'layerInsight.report.copy',
  exploreImage: 'layerInsight.image.explore',
  showEditCost: 'layerInsight.editCost.show',
  explainMiss: 'layerInsight.miss.explain',
  showAccuracy: 'layerInsight.accuracy.show',
  saveReproduction: 'layerInsight.reproduction.save',
  openWalkthrough: 'layerInsight.walkthrough.open',
  restartServer: 'layerInsight.server.restart',
  showLog: 'layerInsight.log.show',
  refreshImages: 'layerInsight.images.refresh',
  /** Ends the reading of images that is under way. */
  stopReading: 'layerInsight.images.stop',
  cumulativeOn: 'layerInsight.images.cumulative.on',
  cumulativeOff: 'layerInsight.images.cumulative.off',
  sortBySize: 'layerInsight.images.sort.size',
  sortByName: 'layerInsight.images.sort.name',
  filterChanges: 'layerInsight.images.filter',
  openArchive: 'layerInsight.archive.open',
  exploreRegistryImage: 'layerInsight.registry.explore',
  showImageReport: 'layerInsight.image.report.show',
  compareImages: 'layerInsight.images.compare',
  compareWithDockerfile: 'layerInsight.image.dockerfile.compare',
  findInLayers: 'layerInsight.layers.find',
  /** From the instruction under the cursor to the layer that it made. */
  revealLayer: 'layerInsight.layer.reveal',
  showDisk: 'layerInsight.disk.show',
  measureDisk: 'layerInsight.disk.measure',
  /** Ends what is measured or removed. */
  stopMeasuring: 'layerInsight.disk.stop',
  build: 'layerInsight.build',
  buildAndRun: 'layerInsight.build.run',
  buildStage: 'layerInsight.build.stage',
  buildToLine: 'layerInsight.build.line',
  buildWithoutCache: 'layerInsight.build.withoutCache',
  rebuildLast: 'layerInsight.build.last',
  stopBuild: 'layerInsight.build.stop',
  runImage: 'layerInsight.image.run',
  shellInImage: 'layerInsight.image.shell',
  showContainerLog: 'layerInsight.container.log.show',
  shellInContainer: 'layerInsight.container.shell',
  stopContainer: 'layerInsight.container.stop',
  removeContainer: 'layerInsight.container.remove',
  /** A published port, in the browser. */
  openPort: 'layerInsight.container.port.open',
  showBuildLog: 'layerInsight.build.log.show',
  /** Of the instruction under the cursor. */
  showStepLog: 'layerInsight.build.stepLog.show',
  /** Predicted against actual. */
  showBuildReport: 'layerInsight.build.report.show',
  chooseProfile: 'layerInsight.profile.choose',
  saveProfile: 'layerInsight.profile.save',
  editProfile: 'layerInsight.profile.edit',
} as const;

/** Commands of rows of the Images view: they need one, so that the palette does not have them. */
export const ItemCommand = {
  closeArchive: 'layerInsight.archive.close',
  copyImageId: 'layerInsight.image.id.copy',
  copyLayerDigest: 'layerInsight.layer.digest.copy',
  /** From a layer to the instruction that made it. */
  revealMaker: 'layerInsight.maker.reveal',
  openLayerFile: 'layerInsight.layerFile.open',
  diffLayerFile: 'layerInsight.layerFile.diff',
  saveLayerFile: 'layerInsight.layerFile.save',
  copyLayerFilePath: 'layerInsight.layerFile.path.copy',
  /** Of rows of the Builds view. */
  openPastDockerfile: 'layerInsight.pastBuild.dockerfile.open',
  diffPastDockerfile: 'layerInsight.pastBuild.dockerfile.diff',
  explainPastBuild: 'layerInsight.pastBuild.explain',
} as const;

/** Commands for code only: hidden from the palette. */
export const InternalCommand = {
  /** (uri: string) → `Prediction | undefined` */
  getPrediction: 'layerInsight.prediction.get',
  /** () → `Shown`: what is on the screen besides hints and views, for tests */
  getShown: 'layerInsight.shown.get',
  /** (choices: `BuildChoices`): what the commands that ask for target and arguments do with the answer, for tests */
  choose: 'layerInsight.choices.set',
  /** (uri: string, line: number), 0-based */
  revealLine: 'layerInsight.line.reveal',
  /** (uri: string, line: number), 0-based: selects the row of a line in the Layers view */
  revealRow: 'layerInsight.row.reveal',
  /** (code: string): shows the page of an advice */
  showAdvicePage: 'layerInsight.advice.page.show',
  /** (key: string): reads again what is below a row of the Images view */
  readAgain: 'layerInsight.images.rows.read',
  /** (key?: string) → `ShownImageRow[]`: the rows of the Images view below one, for tests */
  getImageRows: 'layerInsight.images.rows.get',
  /** () → `ShownDisk`: disk usage as it is on the screen, for tests */
  getDisk: 'layerInsight.disk.shown.get',
  /** () → `ShownBuilds`: builds and what of them is on the lines, for tests */
  getBuilds: 'layerInsight.builds.shown.get',
  /** () → `PastBuildRow[]`: past builds of the current Dockerfile, for tests */
  getPastBuilds: 'layerInsight.pastBuilds.get',
} as const;

/** The id of any command of ours. */
export type CommandId =
  | (typeof Command)[keyof typeof Command]
  | (typeof ItemCommand)[keyof typeof ItemCommand]
  | (typeof InternalCommand)[keyof typeof InternalCommand];

/** The activity bar's containers. */
export const ViewContainer = { layerInsight: 'layerInsight' } as const;

/** Views. */
export const View = {
  layers: 'layerInsight.layers',
  images: 'layerInsight.images',
  disk: 'layerInsight.disk',
  builds: 'layerInsight.builds',
} as const;

/** Panels with a page; opening a window in which one was open activates the extension. */
export const WebviewPanel = { diskUsage: 'layerInsight.diskUsage' } as const;

/** Submenus. */
export const Submenu = { editor: 'layerInsight.editor', build: 'layerInsight.editor.build' } as const;

/** Type of the tasks that build a Dockerfile. */
export const TASK_TYPE = 'layerInsight.build';

/** Name of the problem matcher for the output of builds in terminals. */
export const PROBLEM_MATCHER = 'layer-insight-build';

/** Walkthroughs. */
export const Walkthrough = { start: 'layerInsight.start' } as const;

/** Context keys that `when` clauses of the manifest read. */
export const ContextKey = {
  /** The extension runs: it has a log and a server. */
  active: 'layerInsight.active',
  /** There is a Dockerfile that the views follow. */
  hasDockerfile: 'layerInsight.hasDockerfile',
  /** A visible Dockerfile has an answer. */
  hasAnswer: 'layerInsight.hasAnswer',
  /** An `EngineStateCode`. */
  engineState: 'layerInsight.engineState',
  /** The language server did not start or crashed too often. */
  serverFailed: 'layerInsight.serverFailed',
  /** The Images view lists the files of all layers up to one. */
  imagesCumulative: 'layerInsight.images.cumulative',
  /** `size` or `name`. */
  imagesSortBy: 'layerInsight.images.sortBy',
  /** An image is being read for the Images view. */
  imagesReading: 'layerInsight.images.reading',
  /** The engine was asked and has no image. */
  imagesEmpty: 'layerInsight.images.empty',
  /** Disk usage is being measured, or something removed. */
  diskBusy: 'layerInsight.disk.busy',
  /** Something is being built. */
  building: 'layerInsight.building',
  /** Something was built in this window. */
  hasBuild: 'layerInsight.hasBuild',
} as const;

/** The id of any context key of ours. */
export type ContextKeyId = (typeof ContextKey)[keyof typeof ContextKey];

/** Settings; the server reads most of them. */
export const Setting = {
  hintsEnabled: 'layerInsight.hints.enabled',
  hintDensity: 'layerInsight.hints.density',
  marks: 'layerInsight.marks',
  editCostEnabled: 'layerInsight.editCost.enabled',
  codeLensEnabled: 'layerInsight.codeLens.enabled',
  units: 'layerInsight.units',
  engineKind: 'layerInsight.engine.kind',
  engineDockerPath: 'layerInsight.engine.dockerPath',
  engineBuilder: 'layerInsight.engine.builder',
  predictionContext: 'layerInsight.prediction.context',
  predictionTarget: 'layerInsight.prediction.target',
  predictionBuildArgs: 'layerInsight.prediction.buildArgs',
  predictionPull: 'layerInsight.prediction.pull',
  networkLookups: 'layerInsight.network.lookups',
  adviceEnabled: 'layerInsight.advice.enabled',
  adviceMinSize: 'layerInsight.advice.minSize',
  ledgerMaxSize: 'layerInsight.ledger.maxSize',
  imageCacheLimit: 'layerInsight.images.cacheLimit',
  maxFileOpenSize: 'layerInsight.layers.maxFileOpenSize',
  traceServer: 'layerInsight.trace.server',
} as const;

/** Theme colours of verdicts, and of what a layer does to a file. */
export const Color = {
  cached: 'layerInsight.cached',
  rebuild: 'layerInsight.rebuild',
  rebuildInherited: 'layerInsight.rebuildInherited',
  maybe: 'layerInsight.maybe',
  fails: 'layerInsight.fails',
  added: 'layerInsight.added',
  modified: 'layerInsight.modified',
  removed: 'layerInsight.removed',
} as const;

/** Scheme of the files in layers of images; opening one activates the extension. */
export const LAYER_SCHEME = 'layer-insight-layer';
