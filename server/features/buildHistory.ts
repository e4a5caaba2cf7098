import { buildRows, chainRows, type BuildRow } from '../../core/ledger/builds';
import { sizeChangeInWords, timeInWords } from '../../core/ledger/words';
import { formatBytes, formatDuration, type ByteUnits } from '../../core/model';
import { keptChains } from '../../core/node/ledger/chainExplainer';
import type { Analysis } from '../analysis';
import type { ServerLedger } from '../ledger';
import type { BuildHistory, PastBuildView } from '../protocol';

/** Rows that are listed. */
const MOST = 200;
const SHOWN = 12;

/**
 * The past builds of an open Dockerfile: those that the engine remembers and those that it forgot since, which the state
 * folder has; of builders whose images are their cache those that the ledger saw.
 */
export async function buildHistory(analysis: Analysis, ledger: ServerLedger): Promise<BuildHistory> {
  const present = analysis.present();
  if (present === undefined) return { message: 'No engine has been asked yet.', builds: [] };
  const { evidence, chain, context } = present;
  const file = { context: context.root, dockerfile: analysis.dockerfile };
  const units = analysis.settings?.units ?? 'si';
  const rows =
    chain === undefined
      ? buildRows(evidence?.builds ?? [], await ledger.store.entries(), file, evidence?.layerBytes)
      : chainRows(await keptChains(ledger.store, chain, file));
  const builds = rows.slice(0, MOST).map((row) => viewOf(row, units));
  if (builds.length > 0) return { message: '', builds };
  if (chain === undefined && evidence === undefined)
    return { message: 'There is no engine to ask for past builds.', builds };
  const why =
    chain === undefined
      ? ''
      : ' This builder keeps no history: a build is known by its images, if it was predicted before.';
  return { message: `No build of this Dockerfile is remembered.${why}`, builds };
}

function viewOf(row: BuildRow, units: ByteUnits): PastBuildView {
  const { ref, startedAt, durationMs, result, cached, executed, bytes, bytesChange, verdicts } = row;
  const isKnown = result === 'completed';
  const steps = isKnown ? `${cached} of ${cached + executed} cached` : 'failed or canceled';
  const change = sizeChangeInWords(bytesChange, units);
  const description = [formatDuration(durationMs), steps, ...(bytesChange === null ? [] : [change])].join(' · ');
  const details = [
    `Build ${ref.slice(0, SHOWN)}, ${timeInWords(startedAt)}, ${formatDuration(durationMs)}`,
    isKnown ? `${cached} steps cached, ${executed} executed` : 'Failed or canceled: its steps are not noted',
    ...(isKnown ? [`Layers of its instructions: ${bytes === null ? 'size unknown' : formatBytes(bytes, units)}`] : []),
    ...(isKnown ? [`Against the build before: ${change}`] : []),
    ...(verdicts === null ? [] : [`Predicted: ${verdicts.right} right, ${verdicts.wrong} wrong`]),
  ];
  const label = timeInWords(startedAt);
  return { ref, label, description, tooltip: details.join('\n'), accessibilityLabel: details.join(', '), result };
}
