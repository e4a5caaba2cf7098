import type { Connection } from 'vscode-languageserver';
import type { Analyses } from './analyses';
import { accuracyText, buildChoices, explainBuilds, mistakes, reproduction } from './features/history';
import type { Guard } from './guard';
import { AccuracyRequest, BuildsRequest, ExplainBuildsRequest, MistakesRequest, ReproductionRequest } from './protocol';

/** Answers what is asked about past builds. */
export function registerHistory(connection: Connection, guard: Guard, analyses: Analyses): void {
  const { ledger } = analyses;
  connection.onRequest(
    AccuracyRequest,
    guard('accuracy', () => accuracyText(ledger)),
  );
  connection.onRequest(
    BuildsRequest,
    guard('builds', async ({ uri }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      return analysis === undefined ? [] : buildChoices(analysis, ledger);
    }),
  );
  connection.onRequest(
    ExplainBuildsRequest,
    guard('explainBuilds', async ({ uri, before, after }) => {
      const analysis = analyses.get(uri);
      await analysis?.whenReady();
      if (analysis === undefined) return 'This Dockerfile is not open.\n';
      return explainBuilds(analysis, ledger, before, after);
    }),
  );
  connection.onRequest(
    MistakesRequest,
    guard('mistakes', () => mistakes(ledger)),
  );
  connection.onRequest(
    ReproductionRequest,
    guard('reproduction', ({ ref }) => reproduction(ledger, ref)),
  );
}
