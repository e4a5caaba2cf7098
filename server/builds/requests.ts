import type { Connection } from 'vscode-languageserver';
import { answering } from '../answering';
import type { Guard } from '../guard';
import {
  BuildLogRequest,
  BuildProposalRequest,
  BuildReportRequest,
  BuildStartRequest,
  BuildStopRequest,
  BuildViewsRequest,
} from '../protocol';
import { proposalOf } from './proposal';
import type { BuildsHost, BuildsSession } from './session';

/** Answers the requests about builds. */
export function registerBuilds(
  connection: Connection,
  guard: Guard,
  session: BuildsSession,
  host: Pick<BuildsHost, 'analysis' | 'isTrusted' | 'env'>,
): void {
  const answer = answering(connection, guard);
  answer(BuildProposalRequest, ({ uri, line }) => proposalOf(host.analysis(uri), host, line));
  answer(BuildStartRequest, ({ uri, order }) => session.start(uri, order));
  answer(BuildStopRequest, async ({ id }) => {
    await session.get(id)?.stop();
    return null;
  });
  answer(BuildLogRequest, ({ id, line }) => session.get(id)?.log(line) ?? null);
  answer(BuildViewsRequest, () => session.views());
  answer(BuildReportRequest, ({ id }) => session.get(id)?.report() ?? null);
}
