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
} as const;

/** The id of any command of ours. */
export type CommandId = (typeof Command)[keyof typeof Command] | (typeof InternalCommand)[keyof typeof InternalCommand];

/** The activity bar's containers. */
export const ViewContainer = { layerInsight: 'layerInsight' } as const;

/** Views. */
export const View = { layers: 'layerInsight.layers' } as const;

/** Submenus. */
export const Submenu = { editor: 'layerInsight.editor' } as const;

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
} as const;

/** The id of any context key of ours. */
export type ContextKeyId = (typeof ContextKey)[keyof typeof ContextKey];

/** Settings; the server reads most of them. */
export const Setting = {
  hintsEnabled: 'layerInsight.hints.enabled',
  hintDensity: 'layerInsight.hints.density',
  marks: 'layerInsight.marks',
  editCostEnabled: 'layerInsight.editCost.enabled',
  units: 'layerInsight.units',
  engineKind: 'layerInsight.engine.kind',
  engineDockerPath: 'layerInsight.engine.dockerPath',
  engineBuilder: 'layerInsight.engine.builder',
  predictionContext: 'layerInsight.prediction.context',
  predictionTarget: 'layerInsight.prediction.target',
  predictionBuildArgs: 'layerInsight.prediction.buildArgs',
  predictionPull: 'layerInsight.prediction.pull',
  networkLookups: 'layerInsight.network.lookups',
  ledgerMaxSize: 'layerInsight.ledger.maxSize',
  traceServer: 'layerInsight.trace.server',
} as const;

/** Theme colours of verdicts. */
export const Color = {
  cached: 'layerInsight.cached',
  rebuild: 'layerInsight.rebuild',
  rebuildInherited: 'layerInsight.rebuildInherited',
  maybe: 'layerInsight.maybe',
  fails: 'layerInsight.fails',
} as const;
