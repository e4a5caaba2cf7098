import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheRecord } from '../../../../core/evidence/pastBuild';
import { parseDiskUsage, parseHistory, parseLogLine } from '../../../../core/node/engines/buildxOutput';
import type { HistoryRecord } from '../../../../core/node/engines/connection';
import type { VertexUpdate } from '../../../../core/node/engines/vertexStates';

const FOLDER = join(import.meta.dirname, '../../../fixtures/buildx');

/** A recorded answer of a real engine (28.5.2, buildx 0.29.1); only dates and the names of builds are ours. */
export function recorded(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** One build as a builder tells of it. */
export interface RecordedBuild {
  readonly listed: HistoryRecord;
  readonly vertices: readonly VertexUpdate[];
  readonly provenance: string | undefined;
}

/** What a builder has to tell. */
export interface Recording {
  readonly builds: readonly RecordedBuild[];
  readonly records: readonly CacheRecord[];
}

/** `first` executes everything, `again` and `slsa1` (with the other form of provenance) are hits, `failed` fails. */
export type BuildName = 'first' | 'again' | 'slsa1' | 'failed';

/** The recording with only these builds, and with its texts changed. */
export function recording(
  names: readonly BuildName[] = ['first', 'again', 'slsa1', 'failed'],
  change: (text: string) => string = (text) => text,
): Recording {
  const builds = parseHistory(recorded('history.jsonl'))
    .filter(({ ref }) => names.some((name) => name === ref))
    .map((listed) => {
      const path = `provenance/${listed.ref}.json`;
      return {
        listed,
        vertices: change(recorded(`logs/${listed.ref}.jsonl`))
          .split('\n')
          .flatMap(parseLogLine),
        provenance: existsSync(join(FOLDER, path)) ? change(recorded(path)) : undefined,
      };
    });
  return { builds, records: parseDiskUsage(recorded('du.jsonl')) };
}
