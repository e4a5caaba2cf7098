import { pastSizes } from '../../core/evidence/pastSizes';
import { buildRows, chainRows, type BuildRow } from '../../core/ledger/builds';
import { endInWords, sizeChangeInWords, sizeInWords, timeInWords } from '../../core/ledger/words';
import { formatDuration, type ByteUnits } from '../../core/model';
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
      ? buildRows(evidence?.builds ?? [], await ledger.store.entries(), file, evidence && pastSizes(evidence))
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

/** Time of the day here, with the date unless that is today's. */
function localTime(milliseconds: number, now: number): string {
  const inParts = (at: number): { readonly date: string; readonly time: string } => {
    // as a text of this zone that is no language's own
    const [date = '', time = ''] = new Date(at).toLocaleString('sv-SE').split(' ');
    return { date, time };
  };
  const { date, time } = inParts(milliseconds);
  return date === inParts(now).date ? time : `${date} ${time}`;
}

function viewOf(row: BuildRow, units: ByteUnits): PastBuildView {
  const { ref, startedAt, durationMs, result, cached, executed, bytes, bytesChange, verdicts } = row;
  const size = sizeInWords(row, units);
  const isKnown = result === 'completed';
  const end = endInWords(result);
  const change = sizeChangeInWords(row, units);
  const took = formatDuration(durationMs);
  const known = [took, `${cached} of ${cached + executed} cached`, ...(bytesChange === null ? [] : [change])];
  // how it ended comes first: a narrow view shows no more
  const description = (isKnown ? known : [end, took]).join(' · ');
  const details = [
    `Build ${ref.slice(0, SHOWN)}, ${timeInWords(startedAt)}, ${took}`,
    isKnown
      ? `${cached} steps cached, ${executed} executed`
      : `${end.charAt(0).toUpperCase()}${end.slice(1)}: its steps are not noted`,
    ...(isKnown ? [`Layers of its instructions: ${bytes === null ? 'size unknown' : size}`] : []),
    ...(isKnown ? [`Against the build before: ${change}`] : []),
    ...(verdicts === null ? [] : [`Predicted: ${verdicts.right} right, ${verdicts.wrong} wrong`]),
  ];
  const label = localTime(startedAt, Date.now());
  return { ref, label, description, tooltip: details.join('\n'), accessibilityLabel: details.join(', '), result };
}
