import { hostPlatform } from '../../core/node/hostPlatform';
import { formatDuration, type BuildOrder, type Prediction } from '../../core/model';
import type { Analysis } from '../analysis';
import { builderText } from '../engines';
import type { BuildProposal } from '../protocol';
import { cutAtLine } from '../../core/build/buildToLine';
import { engineFor, type BuildsHost } from './session';

/** What a build of a Dockerfile would be; null when it is not open. `line`: 1-based, up to there. */
export async function proposalOf(
  analysis: Analysis | undefined,
  host: Pick<BuildsHost, 'isTrusted' | 'env'>,
  line: number | undefined,
): Promise<BuildProposal | null> {
  if (analysis === undefined) return null;
  const engine = await engineFor(analysis, host);
  const { request, contextPath, dockerfile } = analysis;
  const platform = request?.platform ?? '';
  const order: BuildOrder = {
    ...{ dockerfile, context: contextPath ?? '', target: line === undefined ? (request?.target ?? '') : '' },
    buildArgs: Object.fromEntries(request?.buildArgs ?? []),
    // what the builder takes anyway is not asked for
    platform: platform === hostPlatform() ? '' : platform,
    ...{ tags: [], cache: 'all', secrets: [], ssh: [] },
    ...(line === undefined ? {} : { toLine: line }),
  };
  const prediction = typeof engine === 'string' ? undefined : analysis.predictionOf(order, engine);
  const cut = line === undefined ? undefined : cutAtLine(analysis.document.getText(), line);
  return {
    order,
    builder: prediction === undefined ? '' : builderText(prediction.builder),
    summary: prediction === undefined ? '' : predictedWords(prediction),
    refusal: typeof engine === 'string' ? engine : cut !== undefined && 'reason' in cut ? cut.reason : '',
  };
}

/** `4 of 11 steps rebuild, ≈50 s`. */
function predictedWords({ summary }: Prediction): string {
  const { needed, rebuild, mayHit, fails, unknown, estimatedMs } = summary;
  if (needed === 0 || unknown === needed) return 'not predicted';
  if (fails > 0) return 'it will fail';
  const time = estimatedMs > 0 ? `, ≈${formatDuration(estimatedMs)}` : '';
  return `${rebuild + mayHit} of ${needed} ${needed === 1 ? 'step' : 'steps'} rebuild${time}`;
}
