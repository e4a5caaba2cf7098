/**
 * Every id that the manifest (`package.json`) and the code share. `test/manifest` compares the two both ways.
 * Imports nothing, so that tests can read it without an editor.
 */

/** Commands that people run: by the palette, a menu or a link. */
export const Command = {
  refresh: 'layerInsight.refresh',
  toggleHints: 'layerInsight.hints.toggle',
  restartServer: 'layerInsight.server.restart',
  showLog: 'layerInsight.log.show',
} as const;

/** Commands for code only: hidden from the palette. */
export const InternalCommand = {
  /** (uri: string) → `Prediction | undefined` */
  getPrediction: 'layerInsight.prediction.get',
  /** (uri: string, line: number), 0-based */
  revealLine: 'layerInsight.line.reveal',
} as const;

/** The id of any command of ours. */
export type CommandId = (typeof Command)[keyof typeof Command] | (typeof InternalCommand)[keyof typeof InternalCommand];

/** The activity bar's containers. */
export const ViewContainer = { layerInsight: 'layerInsight' } as const;

/** Views. */
export const View = { layers: 'layerInsight.layers' } as const;

/** Context keys that `when` clauses of the manifest read. */
export const ContextKey = {
  /** The extension runs: it has a log and a server. */
  active: 'layerInsight.active',
  /** There is a Dockerfile that the views follow. */
  hasDockerfile: 'layerInsight.hasDockerfile',
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
  units: 'layerInsight.units',
  engineKind: 'layerInsight.engine.kind',
  engineDockerPath: 'layerInsight.engine.dockerPath',
  engineBuilder: 'layerInsight.engine.builder',
  predictionContext: 'layerInsight.prediction.context',
  predictionTarget: 'layerInsight.prediction.target',
  predictionBuildArgs: 'layerInsight.prediction.buildArgs',
  traceServer: 'layerInsight.trace.server',
} as const;

/** Theme colours of verdicts. */
export const Color = {
  cached: 'layerInsight.cached',
  rebuild: 'layerInsight.rebuild',
  maybe: 'layerInsight.maybe',
  fails: 'layerInsight.fails',
} as const;
